"""Which bytes and texts a world's file names: the columns of its tables that are marked as digests.

A column says so by `info={"names": "blob"}` or `info={"names": "text"}`; nothing else is kept alive by a row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from fhantom.world.tables import complete


class UnknownTable(Exception):
    """A file has a table of which it is not known what it names."""


@dataclass(frozen=True, slots=True)
class Named:
    """Digests of DICOM bytes and of texts."""

    blobs: set[bytes] = field(default_factory=set)
    texts: set[bytes] = field(default_factory=set)

    def add(self, other: Named) -> None:
        """Take in what another one has."""
        self.blobs.update(other.blobs)
        self.texts.update(other.texts)


def named_by(path: Path, *, frozen: bool) -> Named:
    """What the rows of one file name; a frozen file is read without a lock. Raises UnknownTable."""
    mode = "immutable=1" if frozen else "mode=ro"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=30)) as connection:
        found = Named()
        for kind, statement in _statements(connection):
            digests = found.blobs if kind == "blob" else found.texts
            digests.update(row[0] for row in connection.execute(statement))
        return found


def _statements(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    unknown = {name for (name,) in listed} - set(complete().tables) - {"alembic_version"}
    if unknown:
        raise UnknownTable(", ".join(sorted(unknown)))
    # A file of an older schema may lack a table or a column.
    for table, column, kind in marked():
        columns = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
        if column in columns:
            yield kind, f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'


def marked() -> Iterable[tuple[str, str, str]]:
    """Every column that names something, as table, column and `blob` or `text`."""
    return [
        (table.name, column.name, column.info["names"])
        for table in complete().sorted_tables
        for column in table.columns
        if "names" in column.info
    ]
