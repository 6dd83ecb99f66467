import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from fhantom.clock import Clock
from fhantom.errors import Unavailable
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import World, facts, snapshots
from fhantom.world.worlds import Worlds, open_worlds


@pytest.fixture
def worlds(site: Site) -> Worlds:
    return site.worlds


def note(world: World, value: str) -> None:
    with world.writing() as connection:
        facts.put(connection, "note", value)


def noted(world: World) -> str | None:
    with world.reading() as connection:
        return facts.get(connection, "note")


def test_worlds_of_two_keys_do_not_see_each_other(worlds: Worlds) -> None:
    note(worlds.open("a"), "of a")
    assert noted(worlds.open("a")) == "of a"
    assert noted(worlds.open("b")) is None


def test_a_world_that_only_reads_has_no_file_of_its_own(worlds: Worlds) -> None:
    assert noted(worlds.open("reader")) is None
    assert not list(worlds.folder.world("reader").glob("*.sqlite"))


def test_a_request_sees_its_own_first_write(worlds: Worlds) -> None:
    world = worlds.open()
    assert noted(world) is None
    note(world, "first")
    assert noted(world) == "first"


def test_a_reset_brings_the_seed_back(worlds: Worlds) -> None:
    note(worlds.open(), "gone after the reset")
    worlds.reset()
    assert noted(worlds.open()) is None
    note(worlds.open(), "new")
    assert noted(worlds.open()) == "new"


def test_a_request_in_flight_finishes_on_the_state_that_it_began_with(worlds: Worlds) -> None:
    world = worlds.open()
    note(world, "old")
    with world.reading() as connection:
        worlds.reset()
        assert facts.get(connection, "note") == "old"
    assert noted(world) == "old"
    assert noted(worlds.open()) is None


def test_a_frozen_state_can_be_gone_back_to(worlds: Worlds, tmp_path: Path) -> None:
    note(worlds.open(), "kept")
    worlds.freeze("shared", tmp_path / "state.sqlite")
    note(worlds.open(), "changed")
    worlds.reset(state=tmp_path / "state.sqlite")
    assert noted(worlds.open()) == "kept"
    note(worlds.open(), "goes on")
    worlds.reset(state=tmp_path / "state.sqlite")
    assert noted(worlds.open()) == "kept"


def test_a_state_can_be_frozen_before_the_first_write(worlds: Worlds, tmp_path: Path) -> None:
    worlds.freeze("shared", tmp_path / "state.sqlite")
    note(worlds.open(), "changed")
    worlds.reset(state=tmp_path / "state.sqlite")
    assert noted(worlds.open()) is None


def test_a_dropped_world_leaves_no_file_and_begins_anew(worlds: Worlds) -> None:
    note(worlds.open("short-lived"), "x")
    worlds.drop("short-lived")
    assert not worlds.folder.world("short-lived").exists()
    assert noted(worlds.open("short-lived")) is None


def test_names_of_folders_do_not_tell_keys(worlds: Worlds) -> None:
    note(worlds.open("../secret/key"), "x")
    assert "secret" not in " ".join(str(p) for p in worlds.folder.path.rglob("*"))


def _see_and_reset(path: Path, seen: "multiprocessing.Queue[str | None]") -> None:
    worlds = open_worlds(path, Settings(ephemeral=True), Clock())
    seen.put(noted(worlds.open()))
    worlds.reset()
    worlds.close()
    seen.close()
    seen.join_thread()
    os._exit(0)


def test_a_reset_in_one_process_is_seen_by_another(worlds: Worlds) -> None:
    note(worlds.open(), "from the first")
    spawn = multiprocessing.get_context("spawn")
    seen: multiprocessing.Queue[str | None] = spawn.Queue()
    other = spawn.Process(target=_see_and_reset, args=(worlds.folder.path, seen))
    other.start()
    assert seen.get(timeout=60) == "from the first"
    other.join()
    assert noted(worlds.open()) is None
    seen.close()


def test_first_writes_at_the_same_time_meet_in_one_file(worlds: Worlds) -> None:
    def write(name: str) -> None:
        with worlds.open("busy").writing() as connection:
            facts.put(connection, name, "written")

    threads = [threading.Thread(target=write, args=(f"note {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with worlds.open("busy").reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM fact")).scalar() == 8


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_resets_leave_no_descriptor_and_no_file_behind(worlds: Worlds) -> None:
    def once() -> None:
        note(worlds.open(), "x")
        worlds.reset()
        assert noted(worlds.open()) is None

    once()
    gc.collect()  # what tests before this one left to it
    before = len(os.listdir("/proc/self/fd")), sorted(worlds.folder.world("shared").iterdir())
    for _ in range(100):
        once()
    assert (len(os.listdir("/proc/self/fd")), sorted(worlds.folder.world("shared").iterdir())) == before


@pytest.mark.parametrize("writes_before", [False, True], ids=["which had read it", "which had written to it"])
def test_a_world_that_one_process_dropped_begins_anew_in_another(
    worlds: Worlds, site: Site, writes_before: bool
) -> None:
    other = Worlds(worlds.folder, site.settings, site.clock)
    note(worlds.open("guest"), "first")
    if writes_before:
        note(other.open("guest"), "second")
    assert noted(other.open("guest")) is not None
    worlds.drop("guest")
    assert noted(other.open("guest")) is None
    note(other.open("guest"), "third")
    assert noted(worlds.open("guest")) == "third"
    other.close()


def test_a_dropped_world_takes_its_snapshots_along(worlds: Worlds) -> None:
    note(worlds.open("guest"), "first")
    snapshots.save(worlds, "guest", "kept")
    snapshots.drop(worlds, "guest")
    assert snapshots.names(worlds, "guest") == []
    assert noted(worlds.open("guest")) is None


@pytest.fixture
def other(worlds: Worlds, site: Site) -> Iterator[Worlds]:
    """The same data folder as another worker sees it."""
    found = Worlds(worlds.folder, site.settings, site.clock)
    yield found
    found.close()


def test_a_world_that_is_dropped_between_look_and_connection_is_still_there_for_the_request(
    worlds: Worlds, other: Worlds
) -> None:
    note(worlds.open("guest"), "first")
    world = other.open("guest")  # which has a lease, and no connection yet
    worlds.drop("guest")
    assert noted(world) == "first"
    note(world, "second")
    assert noted(world) == "second"


def test_a_dropped_world_goes_with_the_last_request_that_uses_it(worlds: Worlds, other: Worlds) -> None:
    note(worlds.open("guest"), "first")
    world = other.open("guest")
    with world.reading():
        worlds.drop("guest")
        assert list(worlds.folder.world("guest").glob("*.sqlite"))
    note(world, "in flight")
    del world
    assert noted(other.open("guest")) is None
    gc.collect()
    assert not worlds.folder.world("guest").exists()


def test_a_world_that_one_worker_alone_wrote_to_and_another_dropped_begins_anew(worlds: Worlds, other: Worlds) -> None:
    world = other.open("guest")
    note(world, "first")  # and no request after it in this worker
    worlds.drop("guest")
    assert noted(other.open("guest")) is None


def test_many_workers_may_drop_a_world_while_others_use_it(worlds: Worlds, site: Site) -> None:
    crew = [worlds, *(Worlds(worlds.folder, site.settings, site.clock) for _ in range(3))]

    def work(number: int) -> None:
        for turn in range(40):
            if turn % 4 == number:
                crew[number].drop("guest")
            else:
                note(crew[number].open("guest"), f"{number} {turn}")
                noted(crew[number].open("guest"))

    problems: list[BaseException] = []

    def watched(number: int) -> None:
        try:
            work(number)
        except BaseException as problem:  # a thread's own end would go unnoticed
            problems.append(problem)

    threads = [threading.Thread(target=watched, args=(number,)) for number in range(len(crew))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    for one in crew[1:]:
        one.close()
    worlds.drop("guest")
    gc.collect()
    assert list(worlds.folder.worlds.iterdir()) == []


def test_a_world_whose_file_is_lost_says_so_until_it_is_dropped(worlds: Worlds, other: Worlds) -> None:
    note(worlds.open("guest"), "first")
    [rows] = worlds.folder.world("guest").glob("*.sqlite")
    rows.unlink()
    with pytest.raises(Unavailable, match="missing"):
        other.open("guest")
    other.drop("guest")
    assert noted(other.open("guest")) is None


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_worlds_that_are_let_go_of_leave_no_descriptor_open(worlds: Worlds) -> None:
    def in_worlds() -> list[str]:
        folder, listed = str(worlds.folder.worlds), Path("/proc/self/fd").iterdir()
        return [name for name in (os.path.realpath(entry) for entry in listed) if folder in name]

    for number in range(80):  # more than a process keeps open
        note(worlds.open(f"guest {number}"), "x")
        worlds.reset(f"guest {number}")
        worlds.open(f"guest {number}")
    gc.collect()
    assert len(in_worlds()) <= 64
