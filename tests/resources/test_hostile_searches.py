"""Searches that are made to hurt: refused or answered, in bounded time."""

from __future__ import annotations

import pytest

from fhantom.errors import BadRequest
from fhantom.resources import searching
from shelves import Shelf, coded, observation, patient

MANY = 100_000


@pytest.mark.parametrize(
    ("resource_type", "pairs"),
    [
        pytest.param("Patient", [("name", ",".join(f"n{at}" for at in range(MANY)))], id="many alternatives"),
        pytest.param("Patient", [("_id", ",".join(f"n{at}" for at in range(MANY)))], id="many ids"),
        pytest.param("Patient", [("name", "n")] * MANY, id="many parameters"),
        pytest.param("Observation", [("code-value-quantity", ",".join(["a$1"] * 3000))], id="many composites"),
        pytest.param("Observation", [("has-member." * 50 + "code", "x")], id="a long chain"),
        pytest.param("Provenance", [("target.subject." * 6 + "_id", "x")], id="a chain that branches widely"),
        pytest.param("Observation", [("_has:Observation:has-member:" * 50 + "code", "x")], id="much nested _has"),
        pytest.param("Patient", [("_filter", "(" * 500 + "name eq x" + ")" * 500)], id="many brackets"),
        pytest.param("Patient", [("_filter", " or ".join(["name co x"] * 5000))], id="a long filter"),
    ],
)
def test_what_asks_for_too_much_is_refused(r4: Shelf, resource_type: str, pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(BadRequest):
        r4.page(r4.understood_pairs(resource_type, pairs))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("Patient?name=" + ",".join(["fam"] * 500), id="some alternatives"),
        pytest.param("Patient?_id=p," + ",".join(f"n{at}" for at in range(5000)), id="some thousand ids"),
        pytest.param("Patient?" + "&".join(["name=fam"] * 500), id="some hundred parameters"),
        pytest.param("Patient?_filter=" + "(" * 15 + "name co fam" + ")" * 15, id="some brackets"),
        pytest.param("Patient?_sort=" + ",".join(["name", "-birthdate"] * 100), id="many sorts"),
        pytest.param("Patient?_id=p&" + "&".join(["_include=Patient:link"] * 500), id="many includes"),
        pytest.param("Patient?_has:Observation:patient:" + "has-member." * 9 + "code=c", id="a chain of nine links"),
        pytest.param("Patient?_offset=999999999999999999", id="a far page"),
        pytest.param("Patient?name=f\x00", id="a control character"),
        pytest.param("Patient?birthdate=9999-12-31", id="the last day"),
    ],
)
def test_what_asks_for_much_is_answered(r4: Shelf, query: str) -> None:
    r4.put(patient("p", name=[{"family": "Fam"}]), observation("o", "Patient/p", code=coded("c")))
    assert r4.ids(query) in (["p"], [])


def test_a_search_that_takes_too_long_is_given_up(r4: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    r4.put(*(observation(f"o{at}", code=coded(f"c{at}")) for at in range(50)))
    monkeypatch.setattr(searching, "LONGEST", -1.0)
    monkeypatch.setattr(searching, "_STEPS_BETWEEN_LOOKS", 1)
    with pytest.raises(BadRequest):
        r4.ids("Observation?code:not=c1")
    monkeypatch.undo()
    assert len(r4.ids("Observation?code:not=c1&_count=100")) == 49
