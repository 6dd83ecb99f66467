"""When the next nightly reset is due, and what it does to all worlds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import World, facts
from fhantom.world.nights import LONGEST, Nights, Outage, next_night

THREE = time(3)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        pytest.param("2026-01-15T07:59:59", THREE, "2026-01-15T08:00:00", id="winter"),
        pytest.param("2026-07-15T06:59:59", THREE, "2026-07-15T07:00:00", id="summer"),
        pytest.param("2026-07-15T07:00:00", THREE, "2026-07-16T07:00:00", id="on the stroke"),
        pytest.param("2026-07-15T12:00:00", THREE, "2026-07-16T07:00:00", id="later that day"),
        pytest.param("2026-07-16T02:00:00", THREE, "2026-07-16T07:00:00", id="the day before, in New York"),
        pytest.param("2026-03-07T09:00:00", THREE, "2026-03-08T07:00:00", id="the night in which summer begins"),
        pytest.param("2026-03-07T09:00:00", time(2, 30), "2026-03-08T07:30:00", id="a time that this night skips"),
        pytest.param("2026-10-31T09:00:00", THREE, "2026-11-01T08:00:00", id="the night in which summer ends"),
        pytest.param("2026-10-31T09:00:00", time(1, 30), "2026-11-01T05:30:00", id="the first of two half past one"),
    ],
)
def test_the_night_is_at_three_in_new_york_whatever_the_season(now: str, at: time, expected: str) -> None:
    assert next_night(utc(now), at) == utc(expected)


def test_a_year_has_as_many_nights_as_days() -> None:
    moment, nights = utc("2026-01-01T00:00:00"), 0
    while (moment := next_night(moment, THREE)) < utc("2027-01-01T00:00:00"):
        nights += 1
    assert nights == 365


def note(world: World, value: str) -> None:
    with world.writing() as connection:
        facts.put(connection, "note", value)


def noted(site: Site, key: str) -> str | None:
    with site.worlds.open(key).reading() as connection:
        return facts.get(connection, "note")


def nights_of(site: Site, **chosen: object) -> Nights:
    site.clock.set(utc("2026-12-01T07:00:00"), 0)
    settings = replace(Settings(), nightly_reset=THREE, **chosen)  # type: ignore[arg-type]
    return Nights(site.worlds, site.clock, settings)


def test_at_night_every_world_goes_back_to_the_seed(site: Site) -> None:
    nights = nights_of(site)
    for key in ("ada", "ben"):
        note(site.worlds.open(key), "of the day")
    assert nights.look() is None
    assert noted(site, "ada") == "of the day"
    site.clock.advance(3600)
    assert nights.look() is None
    assert (noted(site, "ada"), noted(site, "ben")) == (None, None)

    note(site.worlds.open("ada"), "of the next day")
    site.clock.advance(23 * 3600)
    nights.look()
    assert noted(site, "ada") == "of the next day"
    site.clock.advance(3600)
    nights.look()
    assert noted(site, "ada") is None


@pytest.mark.parametrize("kind", ["502", "503", "refused"])
def test_an_outage_lasts_as_long_as_it_was_told_to(site: Site, kind: str) -> None:
    nights = nights_of(site, nightly_outage=LONGEST, nightly_outage_kind=kind)
    site.clock.advance(3600 + 60)
    assert nights.look() == Outage(kind, 540)  # type: ignore[arg-type]
    site.clock.advance(540)
    assert nights.look() is None


def test_a_night_that_is_long_over_leaves_no_outage(site: Site) -> None:
    nights = nights_of(site, nightly_outage=60)
    note(site.worlds.open(), "of the day")
    site.clock.advance(8 * 3600)
    assert nights.look() is None
    assert noted(site, "shared") is None


def test_a_clock_that_is_set_back_does_not_put_off_the_night(site: Site) -> None:
    nights = nights_of(site)
    site.clock.advance(timedelta(days=400).total_seconds())
    nights.look()
    site.clock.set(utc("2026-12-01T07:00:00"), 0)
    note(site.worlds.open(), "of the day")
    nights.look()
    assert noted(site, "shared") == "of the day"
    site.clock.advance(3600)
    nights.look()
    assert noted(site, "shared") is None


def test_without_a_schedule_there_is_no_night(site: Site) -> None:
    nights = Nights(site.worlds, site.clock, Settings())
    note(site.worlds.open(), "stays")
    site.clock.advance(10 * 86400)
    assert nights.look() is None
    assert nights.next is None
    assert noted(site, "shared") == "stays"
