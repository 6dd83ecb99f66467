"""What a server does on its own, and how often."""

from __future__ import annotations

import os
import threading

import pytest

from fhantom.site import Site
from fhantom.world import SHARED, facts
from fhantom.world.upkeep import Upkeep

LONG_AGO = 1_000_000_000.0


@pytest.fixture
def upkeep(site: Site) -> Upkeep:
    return Upkeep(site.worlds, site.nights, idle=3600)


def used(site: Site, upkeep: Upkeep, key: str, moment: float | None = None) -> None:
    with site.worlds.open(key).writing() as connection:
        facts.put(connection, "note", key)
    upkeep.note(key)
    if moment is not None:
        os.utime(site.worlds.folder.world(key) / "used", (moment, moment))


def test_a_world_goes_when_nobody_used_it_for_so_long(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "old", LONG_AGO)
    used(site, upkeep, "new")
    assert upkeep.round().worlds == 1
    assert [path.name for path in site.worlds.folder.worlds.iterdir()] == [site.worlds.folder.world("new").name]


def test_a_world_that_is_used_again_stays(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "old", LONG_AGO)
    upkeep.note("old")
    assert upkeep.round().worlds == 0


def test_the_shared_world_never_goes(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, SHARED, LONG_AGO)
    assert upkeep.round(idle=0).worlds == 0


def test_a_world_of_an_older_version_has_its_time_from_now_on(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "old")
    (site.worlds.folder.world("old") / "used").unlink()
    assert upkeep.round().worlds == 0
    assert (site.worlds.folder.world("old") / "used").exists()


def test_nothing_goes_where_the_setting_is_off(site: Site) -> None:
    upkeep = Upkeep(site.worlds, site.nights, idle=0)
    used(site, upkeep, "old", LONG_AGO)
    assert upkeep.round().worlds == 0


def test_a_set_clock_makes_no_world_old(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "new")
    site.clock.advance(10 * 365 * 86400)
    assert upkeep.round().worlds == 0


def test_of_several_workers_one_does_a_round_and_none_too_soon_after_it(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "old", LONG_AGO)
    workers = [threading.Thread(target=upkeep.round_if_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    site.worlds.texts.close()
    assert not site.worlds.folder.world("old").exists()
    used(site, upkeep, "older", LONG_AGO)
    upkeep.round_if_due()
    assert site.worlds.folder.world("older").exists()
    lock = site.worlds.folder.path / "upkeep.lock"
    os.utime(lock, (LONG_AGO, LONG_AGO))
    upkeep.round_if_due()
    assert not site.worlds.folder.world("older").exists()


def test_a_state_that_another_process_replaced_is_let_go(site: Site, upkeep: Upkeep) -> None:
    used(site, upkeep, "guest")
    opened = site.worlds.open("guest")
    site.worlds.forget_gone()
    assert site.worlds.open("guest") is opened
    site.worlds.reset_all()
    site.worlds.forget_gone()
    assert site.worlds.open("guest") is not opened
