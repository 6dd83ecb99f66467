"""Pages that come along an index are those that sorting everything would give."""

from __future__ import annotations

import pytest

from fhantom.resources.searching import ordering, plan, resolving, walking
from shelves import Shelf, coded, observation, patient

SYSTEMS = ("urn:b", None, "urn:a")


@pytest.fixture
def observations(r4: Shelf) -> Shelf:
    """Fifty Observations, some without code, value, date or subject, none with several codes."""
    people = [patient(f"p{at}", name=[{"family": f"Family{at % 3}"}]) for at in (2, 0, 1)]
    found = []
    for at in range(50):
        each = observation(f"o{at}", f"Patient/p{at % 3}" if at % 5 else None)
        each["status"] = ("final", "amended", "preliminary")[at % 3]
        if at % 7:
            each["code"] = coded(f"c{at * 11 % 4}", SYSTEMS[at % 3])
        if at % 4:
            each["effectiveDateTime"] = f"2020-0{at % 6 + 1}-0{at % 9 + 1}"
            each["valueQuantity"] = {"value": at * 7 % 10}
        found.append(each)
    r4.put(*people, *found)
    return r4


SORTS = ("code", "-code", "status,-date", "-status,code", "code,-value-quantity", "subject", "-subject", "patient,date")
CONDITIONS = ("", "status=final&", "code:not=c1&", "date=ge2020-02&date=le2020-05&", "code:missing=true&")


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("sort", [*SORTS, "date", "-date", "_id", "-_id,date"])
def test_a_walk_finds_what_sorting_finds(
    observations: Shelf, monkeypatch: pytest.MonkeyPatch, sort: str, condition: str
) -> None:
    query = f"Observation?{condition}_sort={sort}"
    monkeypatch.setattr(plan, "_smallest", lambda connection, search, usable, deep: None)
    walked = observations.ids(f"{query}&_count=100")
    parts = [observations.ids(f"{query}&_count=9&_offset={offset}") for offset in range(0, 60, 9)]
    monkeypatch.setattr(walking, "along", lambda *arguments: None)
    assert walked == observations.ids(f"{query}&_count=100")
    assert [id for part in parts for id in part] == walked


def test_several_codes_of_one_resource_are_sorted_by_the_least(r4: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    several = {"coding": [{"system": "urn:x", "code": "z"}, {"system": "urn:x", "code": "a"}]}
    r4.put(observation("b", code=coded("b", "urn:x")), observation("za", code=several))
    monkeypatch.setattr(plan, "_smallest", lambda connection, search, usable, deep: None)
    assert r4.ids("Observation?_sort=code") == ["za", "b"]
    assert r4.ids("Observation?_sort=-code") == ["za", "b"]


def test_a_long_period_is_found_by_a_day_within_it(r4: Shelf) -> None:
    period = {"start": "2001-01-01", "end": "2019-12-31"}
    r4.put(*(observation(f"o{at}", effectiveDateTime="2010-05-05T10:00:00Z") for at in range(3)))
    assert r4.ids("Observation?date=ge2010-05-05&_sort=date") == ["o0", "o1", "o2"]
    r4.put(observation("long", effectivePeriod=period))
    assert r4.ids("Observation?date=ge2010-05-05&_sort=date") == ["long", "o0", "o1", "o2"]
    assert r4.ids("Observation?date=ge2015") == ["long"]


CHAINS = (
    "subject:Patient.name=family0",
    "subject.family=family1",
    "subject.name=nobody",
    "subject:Patient.name=family2&status=preliminary",
    "subject:Patient._has:Observation:subject:code=c1",
)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("count", [3, 100])
def test_a_chain_finds_the_same_whether_its_end_is_rare_or_common(
    observations: Shelf, monkeypatch: pytest.MonkeyPatch, chain: str, count: int
) -> None:
    rare = observations.ids(f"Observation?{chain}&_count={count}")
    monkeypatch.setattr(resolving, "_MOST", 0)
    monkeypatch.setattr(ordering, "_of_targets", lambda *arguments: None)
    assert rare == observations.ids(f"Observation?{chain}&_count={count}")
    assert ("nobody" in chain) == (not rare)


@pytest.mark.parametrize("modifier", ["", ":exact"])
def test_a_list_of_names_finds_who_has_one_of_them(r4: Shelf, modifier: str) -> None:
    r4.put(*(patient(f"p{at}", name=[{"family": f"Name{at}", "given": ["Ann"]}]) for at in range(20)))
    names = ",".join(f"Name{at}" for at in range(1, 40, 2))
    wanted = [f"p{at}" for at in range(20) if at % 2 or (not modifier and at in (10, 12, 14, 16, 18))]
    assert r4.ids(f"Patient?name{modifier}={names}&_count=50") == [f"p{at}" for at in range(20) if f"p{at}" in wanted]


@pytest.mark.parametrize("query", ["status:not=final", "status:not=final,amended", "code:not=urn:a|c1", "code:not=c1"])
def test_who_has_another_token_is_found_by_listing_and_by_testing(
    observations: Shelf, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    listed = observations.ids(f"Observation?{query}&_count=100")
    monkeypatch.setattr(plan, "complement", lambda condition: None)
    monkeypatch.setattr(plan, "_smallest", lambda connection, search, usable, deep: None)
    assert listed == observations.ids(f"Observation?{query}&_count=100")
    assert observations.page(f"Observation?{query}&_summary=count").total == len(listed)


@pytest.mark.parametrize(
    "query",
    ["code=urn:a|", "code=urn:none|", "value-quantity=1,3,12", "value-quantity=1,gt7", "code=c1,urn:a|c2,urn:b|"],
)
def test_rows_are_listed_as_they_are_tested(observations: Shelf, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    listed = observations.ids(f"Observation?{query}&_count=100")
    monkeypatch.setattr(plan, "_smallest", lambda connection, search, usable, deep: None)
    assert listed == observations.ids(f"Observation?{query}&_count=100")
    assert bool(listed) == ("none" not in query)
