"""String parameters: what begins alike, without case and accents (FHIR search 3.2.1.5.7)."""

from __future__ import annotations

import pytest

from shelves import Shelf, patient


@pytest.fixture
def people(r5: Shelf) -> Shelf:
    r5.put(
        patient("sally", name=[{"family": "Röntgen", "given": ["Sally", "Ann"]}]),
        patient("joe", name=[{"family": "Curie", "given": ["Joe"], "prefix": ["Dr"]}, {"text": "Joe the Third"}]),
        patient("nobody"),
        patient("home", address=[{"line": ["534 Erewhon St"], "city": "Pleasant", "postalCode": "3999"}]),
    )
    return r5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("name=sal", ["sally"], id="the beginning is enough"),
        pytest.param("name=SALLY", ["sally"], id="case does not count"),
        pytest.param("family=rontgen", ["sally"], id="accents do not count"),
        pytest.param("family=RÖNT", ["sally"], id="accents of the query do not count"),
        pytest.param("name=ally", [], id="the middle does not count"),
        pytest.param("name:contains=ally", ["sally"], id="contains finds the middle"),
        pytest.param("name:exact=Sally", ["sally"], id="exact"),
        pytest.param("name:exact=sally", [], id="case counts for exact"),
        pytest.param("name:exact=Sal", [], id="exact is the whole value"),
        pytest.param("name=Sally Röntgen", [], id="each part of a name stands alone"),
        pytest.param("name=Joe the", ["joe"], id="the text of a name is a value"),
        pytest.param("name=dr", ["joe"], id="so is a prefix"),
        pytest.param("name=sally,joe", ["sally", "joe"], id="a comma is an alternative"),
        pytest.param("name=joe\\,sally", [], id="an escaped comma is none"),
        pytest.param("name=sally&name=ann", ["sally"], id="repeated parameters must all hold"),
        pytest.param("name=sally&name=joe", [], id="repeated parameters on different people find none"),
        pytest.param("name=*", [], id="no wildcards"),
        pytest.param("name=%", [], id="no SQL wildcards"),
        pytest.param("name:contains=_", [], id="none in contains either"),
        pytest.param("name:not=sally", ["sally"], id="an unknown modifier is passed over"),
        pytest.param("name=", ["sally", "joe"], id="an empty value is the beginning of any"),
        pytest.param("name:missing=true", ["nobody", "home"], id="missing"),
        pytest.param("name:missing=false", ["sally", "joe"], id="not missing"),
        pytest.param("address=erewhon", [], id="a line begins at its beginning"),
        pytest.param("address=534", ["home"], id="a line"),
        pytest.param("address=pleas", ["home"], id="a city"),
        pytest.param("address-postalcode=399", ["home"], id="a postal code by its own parameter"),
    ],
)
def test_strings_are_compared_by_their_beginning(people: Shelf, query: str, found: list[str]) -> None:
    assert people.ids(f"Patient?{query}") == found


def test_a_very_long_string_is_found_by_its_beginning(r5: Shelf) -> None:
    r5.put(patient("long", name=[{"family": "x" * 5000}]))
    assert r5.ids("Patient?family=" + "x" * 5000) == ["long"]
    assert r5.ids("Patient?family=" + "x" * 700) == ["long"]
