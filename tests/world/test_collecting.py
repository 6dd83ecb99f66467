"""What nobody names any more goes; what anybody names, or is about to name, stays."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from fhantom.archive import tables
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.site import Site
from fhantom.world import SHARED, World, Worlds, snapshots
from fhantom.world.collecting import Collected, collect
from instances import instance


@pytest.fixture
def worlds(site: Site) -> Worlds:
    return site.worlds


def store(world: World, number: int) -> bytes:
    """Store an instance; the digest of its bytes."""
    body = instance(number=number)
    accepted = accept(body)
    assert isinstance(accepted, Accepted)
    keep(world, [Incoming(accepted, body)])
    with world.reading() as connection:
        newest = select(tables.instance.c.blob).order_by(tables.instance.c.id.desc()).limit(1)
        return bytes(connection.execute(newest).scalar_one())


def fully(worlds: Worlds) -> Collected:
    """Two collections, as texts need, of whatever was put before now."""
    first, second = collect(worlds, age=0), collect(worlds, age=0)
    return Collected(first.blobs + second.blobs, first.texts + second.texts, first.bytes + second.bytes)


def whole(world: World) -> bool:
    """Whether everything that the world's instances name is there."""
    with world.reading() as connection:
        rows = connection.execute(select(tables.instance.c.blob, tables.instance.c.metadata)).all()
    return not world.blobs.missing(row.blob for row in rows) and not world.texts.missing(row.metadata for row in rows)


def test_what_a_reset_world_had_stored_goes(worlds: Worlds) -> None:
    store(worlds.open(), 1)
    last = worlds.texts.put(b"the last text stays for the sake of its number")
    worlds.reset()
    worlds.open()
    collected = fully(worlds)
    assert (collected.blobs, collected.texts) == (1, 1)
    assert collected.bytes > 0
    assert list(worlds.blobs.all()) == []
    assert worlds.texts.missing([last]) == []


@pytest.mark.parametrize("age", [900.0, 3600.0])
def test_what_was_put_a_moment_ago_stays(worlds: Worlds, age: float) -> None:
    blob, text = worlds.blobs.put(b"on its way"), worlds.texts.put(b"on its way")
    worlds.texts.put(b"the next one")
    assert [collect(worlds, age) for _ in range(3)] == [Collected()] * 3
    assert worlds.blobs.missing([blob]) == worlds.texts.missing([text]) == []


def test_what_is_put_again_between_two_collections_stays(worlds: Worlds) -> None:
    texts = [worlds.texts.put(body) for body in (b"put again", b"not put again", b"the last")]
    collect(worlds, age=0)
    worlds.texts.put(b"put again")
    assert collect(worlds, age=0).texts == 2
    assert worlds.texts.missing(texts) == texts[1:]


def test_what_another_world_or_a_snapshot_names_stays(worlds: Worlds) -> None:
    store(worlds.open("ada"), 1)
    store(worlds.open("ben"), 2)
    snapshots.save(worlds, "ben", "kept")
    for key in ("ben", "cleo"):
        worlds.reset(key)
        worlds.open(key)
    assert fully(worlds).blobs == 0
    snapshots.restore(worlds, "ben", "kept")
    assert whole(worlds.open("ada"))
    assert whole(worlds.open("ben"))


def test_a_request_in_flight_keeps_the_bytes_of_the_state_it_began_with(worlds: Worlds) -> None:
    world = worlds.open()
    digest = store(world, 1)
    worlds.reset()
    assert fully(worlds).blobs == 0
    assert world.blobs.read(digest)
    del world
    worlds.open()
    assert fully(worlds).blobs == 1


def test_the_seed_is_never_collected(worlds: Worlds) -> None:
    store(worlds.open(), 1)
    worlds.freeze(SHARED, worlds.folder.path / "new.sqlite")
    worlds.reset()
    (worlds.folder.path / "new.sqlite").replace(worlds.folder.seed)
    worlds.close()
    assert fully(worlds).blobs == 0
    assert whole(worlds.open())


def test_a_state_half_written_is_waited_for_and_removed_when_old(worlds: Worlds) -> None:
    blob = worlds.blobs.put(b"named by nobody")
    half = worlds.folder.path / "snapshots" / "somebody" / ".one.sqlite.0123"
    half.parent.mkdir(parents=True)
    half.touch()
    assert collect(worlds, age=3600) == Collected()
    assert half.exists()
    assert fully(worlds).blobs == 1
    assert not half.exists()
    assert worlds.blobs.missing([blob]) == [blob]


def test_collecting_while_clients_store_and_reset_loses_nothing(worlds: Worlds) -> None:
    end = threading.Event()
    problems: list[str] = []

    def work(key: str) -> None:
        for turn in range(12):
            for number in range(3):  # the same bytes over and over, as a test suite sends them
                store(worlds.open(key), number)
            if not whole(worlds.open(key)):
                problems.append(f"{key} in turn {turn}")
            worlds.reset(key)
        worlds.texts.close()

    def collecting() -> None:
        while not end.is_set():
            collect(worlds, age=5)
        worlds.texts.close()

    collector = threading.Thread(target=collecting)
    clients = [threading.Thread(target=work, args=(key,)) for key in ("ada", "ben", "cleo")]
    for thread in (collector, *clients):
        thread.start()
    for thread in clients:
        thread.join()
    end.set()
    collector.join()
    assert problems == []


def test_room_in_the_file_of_texts_is_given_back(worlds: Worlds) -> None:
    for number in range(20):
        worlds.texts.put(b"%d" % number * 100_000)
    worlds.texts.put(b"the last")
    worlds.texts.checkpoint()
    before = Path(worlds.folder.texts).stat().st_size
    assert fully(worlds).texts == 20
    worlds.texts.checkpoint()
    assert Path(worlds.folder.texts).stat().st_size < before / 10
