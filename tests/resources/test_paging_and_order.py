"""Pages, totals, the order of matches, and that every way of finding them agrees."""

from __future__ import annotations

import dataclasses

import pytest

from fhantom.resources import totals
from fhantom.resources.searching import plan
from shelves import Shelf, coded, observation, patient


def many(shelf: Shelf, count: int) -> None:
    shelf.put(*(patient(f"p{at:03}", active=True, birthDate=f"19{at % 80 + 10}") for at in range(count)))


@pytest.mark.parametrize(
    ("offset", "count", "told"),
    [
        pytest.param(0, 20, None, id="first page"),
        pytest.param(20, 20, None, id="the page that makes the server read on"),
        pytest.param(40, 20, 58, id="the page after it"),
        pytest.param(0, 200, 58, id="a page that holds all"),
        pytest.param(7, 7, None, id="a small page needs the first step"),
        pytest.param(14, 7, 58, id="and the next the second"),
    ],
)
def test_a_total_of_58_is_told_where_the_real_server_tells_it(offset: int, count: int, told: int | None) -> None:
    assert totals.told(58, offset, count) == told


def test_pages_follow_each_other_and_fit_together(r5: Shelf) -> None:
    many(r5, 45)
    asked = r5.understood("Patient?active=true&_count=20")
    seen: list[str] = []
    for offset in (0, 20, 40):
        page = r5.page(dataclasses.replace(asked, offset=offset))
        seen += [match.id for match in page.matches]
        assert page.more is (offset < 40)
        assert page.total == (45 if offset == 40 else None)
    assert seen == [f"p{at:03}" for at in range(45)]


def test_further_pages_hold_what_was_there_when_the_search_began(r5: Shelf) -> None:
    many(r5, 30)
    asked = r5.understood("Patient?_count=20")
    first = r5.page(asked)
    r5.put(patient("later"))
    r5.delete("Patient", "p000")
    next_page = dataclasses.replace(asked, offset=20, snapshot=first.snapshot, after=first.position)
    rest = r5.page(next_page)
    assert [match.id for match in rest.matches] == [f"p{at:03}" for at in range(20, 30)]


@pytest.mark.parametrize(
    ("query", "total", "matches"),
    [
        pytest.param("_summary=count", 30, 0, id="a count alone"),
        pytest.param("_count=0", 30, 0, id="no matches asked"),
        pytest.param("_total=accurate&_count=5", 30, 5, id="an accurate total"),
        pytest.param("_count=5", None, 5, id="no total"),
        pytest.param("_count=30", 30, 30, id="all on one page"),
        pytest.param("_offset=25&_count=5", None, 5, id="a full page by offset"),
        pytest.param("_offset=25", 30, 5, id="the last page by offset"),
        pytest.param("active=true&_summary=count", 30, 0, id="a count with a condition"),
        pytest.param("active=false&_summary=count", 0, 0, id="a count of none"),
        pytest.param("birthdate=lt1930&_summary=count", 20, 0, id="a count of a range"),
    ],
)
def test_totals(r5: Shelf, query: str, total: int | None, matches: int) -> None:
    many(r5, 30)
    page = r5.page(f"Patient?{query}")
    assert (page.total, len(page.matches)) == (total, matches)


@pytest.fixture
def sortable(r5: Shelf) -> Shelf:
    r5.put(
        patient("a", name=[{"family": "Zeta"}, {"family": "Beta"}], birthDate="1950", gender="male"),
        patient("b", name=[{"family": "alpha"}], gender="female"),
        patient("c", name=[{"family": "Ömega"}], birthDate="1940-05-01"),
        patient("d", birthDate="1950", gender="male"),
    )
    return r5


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        pytest.param("family", "bacd", id="by string, missing last"),
        pytest.param("-family", "acbd", id="descending, missing last too"),
        pytest.param("birthdate", "cadb", id="by date, then as created"),
        pytest.param("-birthdate", "adcb", id="by date descending"),
        pytest.param("gender,-_id", "bdac", id="by token and id"),
        pytest.param("_id", "abcd", id="by id"),
        pytest.param("-_id", "dcba", id="by id descending"),
        pytest.param("-_lastUpdated,-_id", "dcba", id="by last update"),
    ],
)
@pytest.mark.parametrize("condition", ["", "family:missing=false&", "active:missing=true&"])
def test_matches_are_sorted(sortable: Shelf, sort: str, order: str, condition: str) -> None:
    wanted = [id for id in order if not condition.startswith("family") or id != "d"]
    assert sortable.ids(f"Patient?{condition}_sort={sort}") == wanted
    beyond = sortable.ids(f"Patient?{condition}_sort={sort}&_offset=1&_count=2")
    assert beyond == wanted[1:3]


def test_references_sort_by_the_age_of_their_targets(r5: Shelf) -> None:
    r5.put(patient("z"), patient("a"), observation("1", "Patient/a"), observation("2", "Patient/z"))
    assert r5.ids("Observation?_sort=subject") == ["2", "1"]


def test_tokens_sort_by_system_first(r5: Shelf) -> None:
    r5.put(
        observation("snomed", code=coded("1", "http://snomed")), observation("loinc", code=coded("9", "http://loinc"))
    )
    assert r5.ids("Observation?_sort=code") == ["loinc", "snomed"]


QUERIES = (
    "active=true",
    "gender=male",
    "gender=male&birthdate=ge1950-01-01",
    "birthdate=lt1950-01-01",
    "name=fam1",
    "name:contains=1&gender=male",
    "gender:not=male",
    "_has:Observation:patient:code=x",
    "_has:Observation:patient:code=x&gender=male",
    "link.name=fam1",
    "_id=p1,p2,p3&gender=male",
    "gender=male,female&active=true",
    "birthdate:missing=false",
    "name:missing=true&active=true",
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("sort", ["", "&_sort=birthdate", "&_sort=-family", "&_sort=gender,-birthdate"])
def test_reading_a_source_and_walking_find_the_same(
    r4: Shelf, monkeypatch: pytest.MonkeyPatch, query: str, sort: str
) -> None:
    for at in range(24):
        person = patient(
            f"p{at}",
            active=at % 3 > 0,
            gender="male" if at % 2 else "female",
            birthDate=f"19{40 + at}-02-0{at % 5 + 1}",
            name=[{"family": f"Fam{at}"}, {"family": f"FAM{at}"}, {"family": f"Other{at % 4}"}],
            link=[{"other": {"reference": f"Patient/p{at // 2}"}, "type": "seealso"}],
        )
        r4.put(person if at % 5 else {**person, "birthDate": None, "name": []})
        r4.put(observation(f"o{at}", f"Patient/p{at % 7}", code=coded("x" if at % 3 else "y")))
    small = r4.ids(f"Patient?{query}{sort}&_count=100")
    monkeypatch.setattr(plan, "FEW", 0)
    monkeypatch.setattr(plan, "_smallest", lambda connection, search, usable, deep: None)
    assert r4.ids(f"Patient?{query}{sort}&_count=100") == small
    assert r4.ids(f"Patient?{query}{sort}&_count=13") == small[:13]
    parts = [r4.ids(f"Patient?{query}{sort}&_count=5&_offset={offset}") for offset in range(0, 30, 5)]
    assert [id for part in parts for id in part] == small
    assert r4.page(f"Patient?{query}{sort}&_summary=count").total == len(small)
