"""Writing the index anew, for resources that were there before a SearchParameter was."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.jsontext import load_json
from fhantom.resources.model import SearchModel
from fhantom.resources.numbers import type_number
from fhantom.resources.reading import COLUMNS, bodies, counts, stored
from fhantom.resources.records import Stored
from fhantom.resources.registry import model_of
from fhantom.resources.rows import fetch
from fhantom.resources.writing import reindex
from fhantom.world import World

_AT_ONCE = 200
"""Resources in one transaction, so that other writers wait for less than a tenth of a second."""

_AT_A_STROKE = 1000


def reindex_all(world: World, version: Version, resource_types: Iterable[str] = ()) -> int:
    """Index the present resources of these types (all if none) by the parameters that there are now.

    Writes in transactions of its own, a few resources at a time; gives the number of resources.
    """
    with world.reading() as connection:
        model = model_of(world, connection, version)
    types = tuple(resource_types) or model.definitions.resource_types
    return sum(_reindex_type(world, model, resource_type) for resource_type in types)


def catch_up(world: World, version: Version) -> int:
    """`reindex_all` for the types that stored SearchParameters are for, as far as that takes no time to speak of.

    The real server does it in the background; with more than `_AT_A_STROKE` resources of a type it is left to
    $reindex here. Gives the number of resources.
    """
    with world.reading() as connection:
        types = model_of(world, connection, version).types_of_stored()
        stored_of = counts(connection, version)
    few = [resource_type for resource_type in types if stored_of.get(resource_type, 0) <= _AT_A_STROKE]
    return reindex_all(world, version, few) if few else 0


def _reindex_type(world: World, model: SearchModel, resource_type: str) -> int:
    done, last = 0, 0
    while True:
        with world.reading() as connection:
            records = _following(connection, model.version, resource_type, last)
        if not records:
            return done
        texts = bodies(world, records)
        drafts = [model.prepare(load_json(text), text, record.id) for record, text in zip(records, texts, strict=True)]
        with world.writing() as connection:
            current = {each.number: each.digest for each in _again(connection, records)}
            for record, draft in zip(records, drafts, strict=True):
                if current.get(record.number) == record.digest:  # else it was indexed when it was written
                    reindex(connection, draft, record)
        done, last = done + len(records), records[-1].number


def _following(connection: Connection, version: Version, resource_type: str, number: int) -> list[Stored]:
    select = (
        f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.type = ? AND r.digest IS NOT NULL AND r.number > ?"
        " ORDER BY r.number LIMIT ?"
    )
    rows = fetch(connection, select, (type_number(version, resource_type), number, _AT_ONCE))
    return [stored(row) for row in rows]


def _again(connection: Connection, records: list[Stored]) -> list[Stored]:
    select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.number IN (SELECT value FROM json_each(?))"
    numbers = json.dumps([record.number for record in records])
    return [stored(row) for row in fetch(connection, select, (numbers,))]
