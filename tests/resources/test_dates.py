"""Date parameters, with the bounds that the real server draws."""

from __future__ import annotations

import pytest

from fhantom.resources import dates
from fhantom.resources.refusal import SearchRefusal
from shelves import Shelf, observation, patient


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("birthdate=1950-04-12", ["day"], id="a day"),
        pytest.param("birthdate=1950-04", ["day"], id="a month"),
        pytest.param("birthdate=1950", ["year", "day"], id="a year"),
        pytest.param("birthdate=ge1950-04-12", ["year", "day", "later"], id="from a day on"),
        pytest.param("birthdate=gt1950-04-12", ["year", "later"], id="after a day"),
        pytest.param("birthdate=le1950-04-12", ["earlier", "year", "day"], id="up to a day"),
        pytest.param("birthdate=lt1950-04-12", ["earlier", "year"], id="before a day"),
        pytest.param("birthdate=sa1950-04-12", ["later"], id="starts after"),
        pytest.param("birthdate=eb1950-04-12", ["earlier"], id="ends before"),
        pytest.param("birthdate=ne1950-04-12", ["earlier", "year", "later"], id="not a day"),
        pytest.param("birthdate=ge1950", ["year", "later"], id="from a year on begins at its end"),
        pytest.param("birthdate=gt1950", ["later"], id="after a year"),
        pytest.param("birthdate=le1950", ["earlier", "year"], id="up to a year ends at its beginning"),
        pytest.param("birthdate=ge1930&birthdate=lt1950", ["earlier"], id="between"),
        pytest.param("birthdate=1950-04-12T10:00:00Z", [], id="a day is no moment"),
        pytest.param("birthdate=gt1950-04-12T10:00:00Z", ["year", "day", "later"], id="a day ends after its moments"),
        pytest.param("birthdate:missing=true", ["never"], id="missing"),
        pytest.param("birthdate=", ["earlier", "year", "day", "later", "never"], id="an empty value"),
    ],
)
def test_dates_are_periods(r5: Shelf, query: str, found: list[str]) -> None:
    r5.put(
        patient("earlier", birthDate="1940-01-01"),
        patient("year", birthDate="1950"),
        patient("day", birthDate="1950-04-12"),
        patient("later", birthDate="1974-12-25"),
        patient("never"),
    )
    assert r5.ids(f"Patient?{query}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("date=2020-03-01", ["evening"], id="a day as it is written where it was"),
        pytest.param("date=2020-03-02T04:30:00Z", ["evening"], id="a moment in any zone"),
        pytest.param("date=ge2020-03-02T04:30:01Z", ["open"], id="an open period goes on"),
        pytest.param("date=sa2020-03-01", ["open"], id="a period starts after"),
        pytest.param("date=lt2020-03-02T04:30:00Z", [], id="before a moment"),
    ],
)
def test_times_are_compared_across_zones(r4: Shelf, query: str, found: list[str]) -> None:
    r4.put(
        observation("evening", effectiveDateTime="2020-03-01T23:30:00-05:00"),
        observation("open", effectivePeriod={"start": "2021-01-01"}),
    )
    assert r4.ids(f"Observation?{query}") == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("birthdate=ap1950", "1925", id="approximately"),
        pytest.param("birthdate=1950,1951", "1930", id="alternatives"),
        pytest.param("birthdate=bogus", "1940", id="letters"),
        pytest.param("birthdate=zz1950", "1941", id="an unknown prefix"),
        pytest.param("birthdate=1950-13", "1882", id="no month"),
        pytest.param("birthdate=1950-02-30", "1882", id="no day"),
        pytest.param("birthdate=ge1950&birthdate=gt1951", "1923", id="two lower bounds"),
        pytest.param("birthdate=le1950&birthdate=lt1951", "1924", id="two upper bounds"),
        pytest.param("birthdate=1950&birthdate=1951", "1922", id="two dates"),
        pytest.param("_lastUpdated=bogus", "1940", id="of the last update"),
    ],
)
def test_what_the_real_server_refuses_of_dates(r5: Shelf, query: str, number: str) -> None:
    with pytest.raises(SearchRefusal) as caught:
        r5.ids(f"Patient?{query}")
    assert caught.value.number == number


def test_the_last_update_is_a_date_like_others(r5: Shelf) -> None:
    moment = dates.parse("2021-06-01T12:00:00Z").low
    r5.put(patient("old"), now=moment)
    r5.put(patient("new"), now=moment + 86_400_000)
    assert r5.ids("Patient?_lastUpdated=2021-06-01") == ["old"]
    assert r5.ids("Patient?_lastUpdated=gt2021-06-01T12:00:00Z") == ["new"]
    assert r5.ids("Patient?_lastUpdated=ge2021-06-01&_lastUpdated=lt2021-06-02") == ["old"]


@pytest.mark.parametrize(
    ("text", "low", "length"),
    [
        pytest.param("1970", 0, 365 * 86_400_000, id="year"),
        pytest.param("1970-02", 31 * 86_400_000, 28 * 86_400_000, id="month"),
        pytest.param("1970-01-02", 86_400_000, 86_400_000, id="day"),
        pytest.param("1970-01-01T01:00:00+01:00", 0, 1000, id="second"),
        pytest.param("1970-01-01T00:00:00.5Z", 500, 1, id="fraction"),
        pytest.param("1970-01-01T00:01Z", 60_000, 60_000, id="minute"),
    ],
)
def test_a_date_is_the_period_that_it_leaves_open(text: str, low: int, length: int) -> None:
    period = dates.parse(text)
    assert (period.low, period.high) == (low, low + length - 1)
