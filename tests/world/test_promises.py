"""Texts that a world vouches for until their own file is durable."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import Worlds, cursor_of, facts, promises, settling
from fhantom.world.world import World
from fhantom.world.worlds import open_worlds

pytestmark = pytest.mark.skipif(not settling.IS_APART, reason="SQLite waits for the disk by itself here")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(data: Path, *, durable: bool = True) -> Worlds:
    return open_worlds(data, Settings(ephemeral=not durable), Clock())


def kept(world: World, body: bytes) -> bytes:
    """Write a row that comes with a text; the text's digest."""
    promise = world.promise((body,))
    with world.writing(promise) as connection:
        facts.put(connection, "last", promise.digests[0].hex())
    return promise.digests[0]


def copies(world: World) -> list[bytes]:
    with world.reading() as connection:
        return [body for (body,) in cursor_of(connection).execute("SELECT body FROM promised_text ORDER BY number")]


def lose_power(data: Path) -> None:
    """Take out of the file of texts whatever was not waited for, as a loss of power may."""
    with sqlite3.connect(data / "texts.sqlite") as connection:
        connection.execute("DELETE FROM text")


def test_a_text_that_the_power_took_is_there_again_when_its_world_is_opened(data: Path) -> None:
    worlds = opened(data)
    digest = kept(worlds.open(), b"a text")
    worlds.close()
    lose_power(data)
    again = opened(data)
    with pytest.raises(KeyError):
        again.texts.get(digest)
    again.open()
    assert again.texts.get(digest) == b"a text"
    again.close()


def test_copies_go_once_the_file_of_texts_was_waited_for(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds = opened(data)
    world = worlds.open()
    waits: list[Path] = []
    settle = settling.settle
    monkeypatch.setattr(settling, "settle", lambda path: (waits.append(path), settle(path)))
    for number in range(promises.MOST_KEPT - 1):
        kept(world, b"text %d" % number)
        assert len(copies(world)) == number + 1
    assert data / "texts.sqlite" not in waits
    kept(world, b"the last one")
    assert copies(world) == []
    assert waits.count(data / "texts.sqlite") == 1
    kept(world, b"another")
    assert copies(world) == [b"another"]
    worlds.close()


def test_a_transaction_that_fails_vouches_for_nothing(data: Path) -> None:
    worlds = opened(data)
    world = worlds.open()
    kept(world, b"before")
    with pytest.raises(ValueError, match="no"), world.writing(world.promise((b"text",))):
        raise ValueError("no")
    assert copies(world) == [b"before"]
    worlds.close()


@pytest.mark.parametrize(
    ("durable", "size"),
    [
        pytest.param(True, promises.MOST_BYTES + 1, id="what is too large is waited for"),
        pytest.param(False, 10, id="what need not be durable is not copied"),
    ],
)
def test_not_every_text_is_copied(data: Path, durable: bool, size: int) -> None:
    worlds = opened(data, durable=durable)
    world = worlds.open()
    digest = kept(world, b"x" * size)
    assert copies(world) == []
    assert len(worlds.texts.get(digest)) == size
    worlds.close()
