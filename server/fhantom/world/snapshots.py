"""Named states of a world: saved, gone back to, listed, removed."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, select

from fhantom.errors import BadRequest, NotFound
from fhantom.world import packing, schema, states, unpacking
from fhantom.world.tables import complete, metadata
from fhantom.world.worlds import Worlds

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def save(worlds: Worlds, key: str, name: str) -> None:
    """Keep a world's present rows under a name, in place of what had it before."""
    path = _path(worlds, key, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    worlds.freeze(key, path)


def restore(worlds: Worlds, key: str, name: str) -> None:
    """Put a world back to a saved state. Raises NotFound."""
    worlds.reset(key, found(worlds, key, name))


def found(worlds: Worlds, key: str, name: str) -> Path:
    """The file of a saved state. Raises NotFound."""
    path = _path(worlds, key, name)
    if not path.exists():
        raise NotFound(f"there is no snapshot {name}")
    return path


def names(worlds: Worlds, key: str) -> list[str]:
    """The saved states of a world, oldest first."""
    folder = _folder(worlds, key)
    paths = sorted(folder.glob("[!.]*.sqlite"), key=lambda path: path.stat().st_mtime_ns)
    return [path.name.removesuffix(".sqlite") for path in paths]


def export(worlds: Worlds, key: str, name: str) -> Iterator[bytes]:
    """A saved state as one file, in pieces. Raises NotFound before the first."""
    return packing.pack(worlds, found(worlds, key, name))


def take_in(worlds: Worlds, key: str, name: str, stream: packing.Readable) -> None:
    """Keep the state of an exported file under a name, in place of what had it before. Raises BadFile."""
    unpacking.unpack(worlds, stream, _path(worlds, key, name))


def remove(worlds: Worlds, key: str, name: str) -> None:
    """Forget a saved state. Raises NotFound."""
    found(worlds, key, name).unlink()


def drop(worlds: Worlds, key: str) -> None:
    """Forget a world with all its saved states."""
    worlds.drop(key)
    shutil.rmtree(_folder(worlds, key), ignore_errors=True)


def empty(worlds: Worlds, key: str) -> None:
    """Put a world to a state without a row."""
    path = worlds.folder.path / "empty.sqlite"
    schema.ensure(path)
    worlds.reset(key, path)


def partial(worlds: Worlds) -> Path:
    """A state in which only a part of the seed is loaded: what tables marked `loaded_last` hold is not there yet."""
    path = worlds.folder.path / "partial.sqlite"
    states.copy(worlds.folder.seed, path)
    schema.ensure(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in reversed(complete().sorted_tables):
            if table.info.get("loaded_last"):
                connection.execute(f'DELETE FROM "{table.name}"')
    return path


def counts(connection: Connection) -> dict[str, int]:
    """How many things a world holds, by what its tables call them (`info["counted_as"]`)."""
    counted = {table.info["counted_as"]: table for table in metadata.tables.values() if "counted_as" in table.info}
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
        for name, table in sorted(counted.items())
    }


def _folder(worlds: Worlds, key: str) -> Path:
    return worlds.folder.path / "snapshots" / worlds.folder.world(key).name


def _path(worlds: Worlds, key: str, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise BadRequest("name: must be 1 to 64 letters, digits, dots, dashes or underscores, no dot first")
    return _folder(worlds, key) / f"{name}.sqlite"
