"""Who refers to whom: what referential integrity on write and on delete needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.numbers import resource_key
from fhantom.resources.reading import COLUMNS, read_many, stored
from fhantom.resources.records import Reference, Stored
from fhantom.resources.rows import fetch

_AT_ONCE = 500  # keys in one SELECT


def unmet(
    connection: Connection, release: Version, references: Sequence[Reference]
) -> list[tuple[Reference, Literal["unknown", "deleted"]]]:
    """References into this store whose target is unknown or deleted, in order."""
    keys = {
        reference: resource_key(release, reference.type, reference.id) for reference in references if reference.type
    }
    found = read_many(connection, set(keys.values()))
    missing: list[tuple[Reference, Literal["unknown", "deleted"]]] = []
    for reference, key in keys.items():
        target = found.get(key)
        if target is None:
            missing.append((reference, "unknown"))
        elif target.digest is None:
            missing.append((reference, "deleted"))
    return missing


def present(connection: Connection, keys: Iterable[int]) -> set[int]:
    """Those of the keys (`numbers.resource_key`) under which there is a resource that was not deleted."""
    wanted = list(keys)
    found: set[int] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        select = f"SELECT key FROM fhir_resource WHERE key IN ({','.join('?' * len(some))}) AND digest IS NOT NULL"
        found.update(row[0] for row in fetch(connection, select, some))
    return found


def referrers(connection: Connection, release: Version, resource_type: str, id: str, limit: int = 1) -> list[Stored]:
    """Present resources that refer to this one by a path that a search parameter covers, itself left out."""
    key = resource_key(release, resource_type, id)
    select = (
        f"SELECT DISTINCT {COLUMNS} FROM fhir_reference f JOIN fhir_resource r ON r.number = f.resource"
        " WHERE f.target = ? AND r.key <> ? ORDER BY r.number LIMIT ?"
    )
    return [stored(row) for row in fetch(connection, select, (key, key, limit))]
