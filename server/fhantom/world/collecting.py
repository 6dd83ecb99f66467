"""Removing DICOM bytes and texts that no world and no snapshot names any more.

A put makes bytes and texts durable before the row that names them, and takes what is there already as it is. So
nothing goes that was put a short while ago: a put that finds its object there leaves a mark on it, and `Blobs.remove`
and `Texts.collect` look at the mark at the very moment of removing.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fhantom.world import leases
from fhantom.world.folder import DataFolder
from fhantom.world.generations import Generations
from fhantom.world.naming import Named, named_by
from fhantom.world.worlds import Worlds

AGE = 900.0
"""Seconds between a put and its row that nobody comes near."""

_ATTEMPTS = 3
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection removed: objects, texts, and the bytes of both."""

    blobs: int = 0
    texts: int = 0
    bytes: int = 0


class _Busy(Exception):
    """States came or went while they were looked at."""


def collect(worlds: Worlds, age: float = AGE) -> Collected:
    """Remove what no state names and nobody put in the last `age` seconds; requests go on meanwhile.

    Texts take two calls: the first one remembers how far they went. Where states change all the time, nothing is
    removed this time.
    """
    now = _file_system_time(worlds.folder)
    before = now - int(age * _SECOND)
    named = _named(worlds.folder, before)
    if named is None:
        return Collected()
    freed = [worlds.blobs.remove(digest, before) for digest in worlds.blobs.all() if digest not in named.blobs]
    texts, text_bytes = worlds.texts.collect(named.texts, now, before)
    return Collected(sum(1 for size in freed if size), texts, sum(freed) + text_bytes)


def _file_system_time(folder: DataFolder) -> int:
    """The present moment by the clock that stamps files."""
    path = folder.incoming / f"now-{uuid.uuid4().hex}"
    path.touch()
    try:
        return path.stat().st_mtime_ns
    finally:
        path.unlink()


def _named(folder: DataFolder, before: int) -> Named | None:
    """What the states of the folder name; None if they would not stand still."""
    for _ in range(_ATTEMPTS):
        try:
            return _named_at_once(folder, before)
        except _Busy:
            continue
    return None


def _named_at_once(folder: DataFolder, before: int) -> Named:
    if folder.is_empty:  # its seed is just coming, the bytes first
        raise _Busy
    _remove_leftovers(folder, before)
    states, found = _states(folder), Named()
    for path in (folder.seed, folder.path / "empty.sqlite", *(folder.path / "snapshots").glob("*/[!.]*.sqlite")):
        if path.exists():
            found.add(_read(path, frozen=True))
    for world in folder.worlds.iterdir():
        generations = Generations(world, folder.seed)
        try:
            for named in _of_world(generations):
                found.add(named)
        finally:
            generations.lock.close()
    if _states(folder) != states:  # a state may have moved from a file not yet read to one that had been
        raise _Busy
    return found


def _of_world(generations: Generations) -> Iterator[Named]:
    for generation in generations.numbers():
        lease = leases.take(generations.path(generation))
        if lease is None:
            raise _Busy
        try:
            yield _read(generations.path(generation), frozen=False)
        finally:
            os.close(lease)
            generations.tidy(generation)


def _read(path: Path, *, frozen: bool) -> Named:
    try:
        return named_by(path, frozen=frozen)
    except sqlite3.OperationalError:  # it has gone
        raise _Busy from None


def _states(folder: DataFolder) -> set[tuple[str, int]]:
    found = set()
    for path in _files(folder):
        try:
            found.add((str(path), path.stat().st_ino))
        except FileNotFoundError:
            raise _Busy from None
    return found


def _remove_leftovers(folder: DataFolder, before: int) -> None:
    """Remove states that an earlier server has left half-written; one that is being written now is waited for."""
    for path in _files(folder):
        if path.name.startswith("."):
            try:
                if path.stat().st_mtime_ns >= before:
                    raise _Busy
            except FileNotFoundError:
                raise _Busy from None
            path.unlink(missing_ok=True)


def _files(folder: DataFolder) -> Iterator[Path]:
    for name in ("worlds", "snapshots"):
        yield from (folder.path / name).glob("*/*.sqlite")
        yield from (folder.path / name).glob("*/.*.sqlite.*")
