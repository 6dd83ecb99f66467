"""Searches that the real server has off by default, once they are switched on."""

from __future__ import annotations

import pytest

from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature
from shelves import Shelf, observation, patient


@pytest.fixture
def shelf(r4: Shelf) -> Shelf:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Fracture of the Ulna</div>'
    r4.put(
        {**patient("p", birthDate="1950-01-01"), "meta": {"source": "http://source", "tag": [{"code": "t"}]}},
        observation("o", text={"status": "generated", "div": div}, valueString="Épiphysis"),
        {**observation("n"), "meta": {"tag": [{"code": "t"}]}},
    )
    r4.features = tuple(Feature)
    return r4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("Observation?_text=ulna", ["o"], id="a word of the narrative"),
        pytest.param("Observation?_text=ulna fracture", ["o"], id="several words"),
        pytest.param("Observation?_text=epiphysis", [], id="a word elsewhere is none of the narrative"),
        pytest.param("Observation?_content=epiphysis", ["o"], id="a word anywhere, without accents"),
        pytest.param("Observation?_content=radius", [], id="a word nowhere"),
        pytest.param("Patient?_source=http://source", ["p"], id="a source"),
        pytest.param("?_tag=t", ["p", "n"], id="a tag of any type"),
        pytest.param("?_type=Observation,Patient&_id=p,o", ["p", "o"], id="ids of some types"),
        pytest.param("?_type=Observation", ["o", "n"], id="all of a type"),
        pytest.param("?", ["p", "o", "n"], id="everything"),
        pytest.param("?_sort=-_id", ["p", "o", "n"], id="everything in order"),
    ],
)
def test_what_is_switched_on_is_searched(shelf: Shelf, query: str, found: list[str]) -> None:
    assert shelf.ids(query) == found


def test_contents_are_counted_and_paged(shelf: Shelf) -> None:
    assert shelf.page("Observation?_content=final&_summary=count").total == 2
    page = shelf.page("Observation?_content=final&_count=1")
    assert ([match.id for match in page.matches], page.more) == (["o"], True)


def test_the_system_is_not_searched_unless_switched_on(r4: Shelf) -> None:
    with pytest.raises(SearchRefusal) as caught:
        r4.ids("?_tag=t")
    assert caught.value.number == "0287"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("Patient?family=Inner&_contained=true", ["holder"], id="what is contained"),
        pytest.param("Patient?family=Outer&_contained=true", [], id="what is not contained"),
        pytest.param("Patient?family=Inner&_contained=both", ["holder"], id="both, found inside"),
        pytest.param("Patient?family=Outer&_contained=both", ["plain"], id="both, found outside"),
        pytest.param("Patient?family=Inner", [], id="neither asked"),
        pytest.param("Patient?gender=female&family=Inner&_contained=true", ["holder"], id="two conditions"),
        pytest.param("Patient?_contained=true", ["holder"], id="everything contained of a type"),
        pytest.param("Practitioner?_contained=true", [], id="of another type"),
    ],
)
def test_what_is_contained_is_found_in_what_contains_it(r4: Shelf, query: str, found: list[str]) -> None:
    inner = {"resourceType": "Patient", "id": "in", "gender": "female", "name": [{"family": "Inner"}]}
    r4.put(
        patient("plain", name=[{"family": "Outer"}]),
        {**observation("holder", contained=[inner]), "subject": {"reference": "#in"}},
    )
    r4.features = (Feature.CONTAINED,)
    assert r4.ids(query) == found
