"""What is stored, one resource or one history at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.numbers import RELEASE, resource_key, type_names, type_number
from fhantom.resources.records import CHANGES, Draft, HistoryPage, Stored
from fhantom.resources.rows import fetch, scalar
from fhantom.world import World

COLUMNS = "r.type, r.id, r.version, r.updated, r.change, r.digest, r.key, r.number"
"""Of a present version, in the order that `stored` takes them; `r` is fhir_resource."""

_VERSION_COLUMNS = "v.type, r.id, v.version, v.updated, v.change, v.digest, r.key, r.number"
_VERSIONS = "fhir_version v JOIN fhir_resource r ON r.number = v.resource"

# Among the newest of each type are the newest of a release, whose versions no index has together.
_NEWEST = (
    "v.sequence IN (SELECT w.sequence FROM fhir_count c JOIN fhir_version w ON w.sequence IN"
    " (SELECT n.sequence FROM fhir_version n WHERE n.type = c.type ORDER BY n.sequence DESC LIMIT ?))"
)


def stored(row: Sequence[Any]) -> Stored:
    """The record of a row of `COLUMNS`."""
    type_, id_, version, updated, change, digest, key, number = row
    release, name = type_names()[type_]
    return Stored(release, name, id_, version, updated, CHANGES[change], digest, key, number)


def read(connection: Connection, release: Version, resource_type: str, id: str) -> Stored | None:
    """The present version, which may be a deletion (`change == "delete"`); None if there never was one."""
    select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.key = ?"
    rows = fetch(connection, select, (resource_key(release, resource_type, id),))
    return stored(rows[0]) if rows else None


def read_many(connection: Connection, keys: Iterable[int]) -> dict[int, Stored]:
    """The present versions by key (`numbers.resource_key`), deletions included."""
    wanted = list(keys)
    found: dict[int, Stored] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        marks = ",".join("?" * len(chunk))
        select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.key IN ({marks})"
        for row in fetch(connection, select, chunk):
            record = stored(row)
            found[record.key] = record
    return found


def all_of(connection: Connection, release: Version, resource_type: str) -> list[Stored]:
    """The present resources of a type in the order of creation."""
    select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.type = ? AND r.digest IS NOT NULL ORDER BY r.number"
    return [stored(row) for row in fetch(connection, select, (type_number(release, resource_type),))]


def vread(connection: Connection, release: Version, resource_type: str, id: str, version: int) -> Stored | None:
    """That version; None if there is none of that number."""
    select = f"SELECT {_VERSION_COLUMNS} FROM {_VERSIONS} WHERE r.key = ? AND v.version = ?"
    key = resource_key(release, resource_type, id)
    rows = fetch(connection, select, (key, version))
    return stored(rows[0]) if rows else None


def changes(connection: Connection, after: int, count: int) -> list[tuple[int, Stored]]:
    """What was written after a place in the order of writing, deletions included, each with its own place."""
    select = f"SELECT v.sequence, {_VERSION_COLUMNS} FROM {_VERSIONS} WHERE v.sequence > ? ORDER BY v.sequence LIMIT ?"
    return [(row[0], stored(row[1:])) for row in fetch(connection, select, (after, count))]


def superseded(connection: Connection, drafts: Sequence[Draft], until: int) -> set[int]:
    """Places of the drafts that were a version of their resource up to that place in the order of writing, but are
    not the present one."""
    select = (
        "SELECT 1 FROM fhir_resource r JOIN fhir_version v ON v.resource = r.number"
        " WHERE r.key = ? AND r.digest IS NOT ? AND v.digest = ? AND v.sequence <= ?"
    )
    found = set()
    for place, draft in enumerate(drafts):
        if draft.id is not None:
            key = resource_key(draft.release, draft.type, draft.id)
            if fetch(connection, select, (key, draft.digest, draft.digest, until)):
                found.add(place)
    return found


def latest(connection: Connection) -> int:
    """The place of the last change in the order of writing; 0 if nothing was ever written."""
    return scalar(connection, "SELECT max(sequence) FROM fhir_version")


def history(
    connection: Connection,
    release: Version,
    resource_type: str | None = None,
    id: str | None = None,
    *,
    since: int | None = None,
    at: tuple[int, int] | None = None,
    count: int = 20,
    offset: int = 0,
) -> HistoryPage:
    """Versions newest first: of one resource, of a type (`id` None) or of all (`resource_type` None).

    `since` leaves out what was written before it; `at` keeps what was current at some time between its two
    moments. All are milliseconds since 1970.
    """
    where, values = _scope(release, resource_type, id)
    if since is not None:
        where, values = f"{where} AND v.updated >= ?", (*values, since)
    if at is not None:
        followed = "SELECT 1 FROM fhir_version n WHERE n.resource = v.resource AND n.version = v.version + 1"
        where = f"{where} AND v.updated <= ? AND NOT EXISTS ({followed} AND n.updated <= ?)"
        values = (*values, at[1], at[0])
    order = "v.version" if id is not None else "v.sequence"
    newest = "" if resource_type is not None or since is not None or at is not None else f"{_NEWEST} AND "
    reach = (offset + count + 1,) if newest else ()
    select = f"SELECT {_VERSION_COLUMNS} FROM {_VERSIONS} WHERE {newest}{where} ORDER BY {order} DESC LIMIT ? OFFSET ?"
    rows = fetch(connection, select, (*reach, *values, count + 1, offset))
    entries = tuple(stored(row) for row in rows[:count])
    if since is None and at is None and id is None:
        return HistoryPage(entries, _versions(connection, release, resource_type), len(rows) > count)
    total = scalar(connection, f"SELECT count(*) FROM {_VERSIONS} WHERE {where}", values)
    return HistoryPage(entries, total, len(rows) > count)


def _scope(release: Version, resource_type: str | None, id: str | None) -> tuple[str, tuple[Any, ...]]:
    if resource_type is None:
        return "v.release = ?", (RELEASE[release],)
    if id is None:
        return "v.type = ?", (type_number(release, resource_type),)
    return "r.key = ?", (resource_key(release, resource_type, id),)


def _versions(connection: Connection, release: Version, resource_type: str | None) -> int:
    return sum(
        versions
        for type_, _, versions in fetch(connection, "SELECT type, present, versions FROM fhir_count")
        if type_names()[type_][0] == release and resource_type in (None, type_names()[type_][1])
    )


def counts(connection: Connection, release: Version) -> dict[str, int]:
    """How many resources there are now of each type that ever had one ($get-resource-counts)."""
    rows = fetch(connection, "SELECT type, present FROM fhir_count")
    named = [(type_names()[type_], present) for type_, present in rows]
    return {name: present for (found, name), present in sorted(named) if found == release}


def bodies(world: World, records: Sequence[Stored]) -> list[bytes]:
    """The texts of records that are no deletions, in their order."""
    return world.texts.get_many([record.digest for record in records if record.digest is not None])
