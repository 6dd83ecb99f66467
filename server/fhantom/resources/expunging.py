"""Removing for good what no request is to find again: resources, or their versions that are no longer current."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.numbers import resource_key, type_names, type_number
from fhantom.resources.reading import COLUMNS, stored
from fhantom.resources.records import Stored
from fhantom.resources.rows import fetch
from fhantom.resources.tallies import remove
from fhantom.resources.writing import ADD_TO_COUNT, INDEX_ROWS
from fhantom.world import cursor_of

_NO_LIMIT = -1  # SQLite's word for it


def expunge(connection: Connection, release: Version, resource_type: str | None = None, id: str | None = None) -> int:
    """Remove resources for good, one, all of a type, or all; the number of versions removed."""
    cursor = cursor_of(connection)
    names = [name for number, name in type_names().items() if name[0] == release]
    types = [type_number(*name) for name in names if resource_type in (None, name[1])]
    removed = 0
    for type_ in types:
        where, values = ("type = ?", (type_,))
        if id is not None and resource_type is not None:
            where, values = ("key = ?", (resource_key(release, resource_type, id),))
        select = f"SELECT number FROM fhir_resource WHERE {where}"
        remove(cursor, select, values)
        for table in INDEX_ROWS:
            cursor.execute(f"DELETE FROM fhir_{table} WHERE resource IN ({select})", values)
        present = f"SELECT count(*) FROM fhir_resource WHERE {where} AND digest IS NOT NULL"
        gone = int(cursor.execute(present, values).fetchone()[0])
        versions = cursor.execute(f"DELETE FROM fhir_version WHERE resource IN ({select})", values).rowcount
        cursor.execute(f"DELETE FROM fhir_resource WHERE {where}", values)
        if versions:
            cursor.execute(ADD_TO_COUNT, (type_, -gone, -versions))
        removed += versions
    return removed


def expunge_versions(
    connection: Connection,
    release: Version,
    resource_type: str | None = None,
    id: str | None = None,
    *,
    version: int | None = None,
    limit: int | None = None,
) -> int:
    """Remove versions that are no longer current, oldest first: of one resource, of all of a type, or of all.

    Args:
        version: only this one.
        limit: how many at most.

    Returns: how many were removed.
    """
    cursor = cursor_of(connection)
    where, values = _scope(release, resource_type, id)
    select = (
        "SELECT v.sequence, v.type FROM fhir_resource r JOIN fhir_version v ON v.resource = r.number"
        f" WHERE {where} AND v.version <> r.version AND v.version = coalesce(?, v.version) ORDER BY v.sequence LIMIT ?"
    )
    rows = fetch(connection, select, (*values, version, _NO_LIMIT if limit is None else limit))
    cursor.executemany("DELETE FROM fhir_version WHERE sequence = ?", [(sequence,) for sequence, _ in rows])
    for type_, count in Counter(type_ for _, type_ in rows).items():
        cursor.execute(ADD_TO_COUNT, (type_, 0, -count))
    return len(rows)


def deleted(
    connection: Connection, release: Version, resource_type: str | None = None, id: str | None = None
) -> list[Stored]:
    """The deletions that are present versions: of one resource, of a type, or of all, in the order of creation."""
    where, values = _scope(release, resource_type, id)
    select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE {where} AND r.digest IS NULL ORDER BY r.number"
    return [stored(row) for row in fetch(connection, select, values)]


def _scope(release: Version, resource_type: str | None, id: str | None) -> tuple[str, tuple[int, ...]]:
    if resource_type is None:
        numbers = [type_number(*name) for name in type_names().values() if name[0] == release]
        return f"r.type IN ({','.join(map(str, numbers))})", ()
    if id is None:
        return "r.type = ?", (type_number(release, resource_type),)
    return "r.key = ?", (resource_key(release, resource_type, id),)
