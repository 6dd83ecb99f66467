"""What belongs to a patient or an encounter: what refers to it, and what all of that refers to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.numbers import resource_key, type_number
from fhantom.resources.reading import COLUMNS, stored
from fhantom.resources.records import Stored
from fhantom.resources.rows import fetch

_NO_MEMBERS = {"Patient": frozenset({"Group", "List"})}
"""Types that only list what others are; HAPI 8.8.0 (asked) leaves them out of a patient's record."""


def everything(
    connection: Connection, release: Version, resource_type: str, ids: Iterable[str], types: Collection[str] = ()
) -> list[Stored]:
    """Resources of a type, what refers to them, then what all of these refer to, step by step.

    Each of the three comes in the order of creation. No reference of a patient's record leads to another patient.
    `types` narrows what refers to the resources, and whose references are followed; empty for all.
    """
    members = (
        f"SELECT DISTINCT {COLUMNS} FROM fhir_resource r WHERE r.digest IS NOT NULL AND (r.key IN"
        " (SELECT value FROM json_each(?1)) OR r.number IN (SELECT f.resource FROM fhir_reference f"
        " WHERE f.target IN (SELECT value FROM json_each(?1)))) ORDER BY r.number"
    )
    keys = {resource_key(release, resource_type, id) for id in ids}
    every = [stored(row) for row in fetch(connection, members, (json.dumps(list(keys)),))]
    heads = [record for record in every if record.key in keys]
    unwanted = _NO_MEMBERS.get(resource_type, frozenset())
    found = heads + [
        record
        for record in every
        if record.key not in keys and record.type not in unwanted and (not types or record.type in types)
    ]
    without = "Patient" if resource_type == "Patient" else ""
    return found + reached(connection, release, found, without=without, through=types)


def reached(
    connection: Connection,
    release: Version,
    heads: Sequence[Stored],
    *,
    without: str = "",
    through: Collection[str] = (),
) -> list[Stored]:
    """What resources refer to, and what that refers to, and so on, in the order of creation, `heads` left out.

    Args:
        without: a type that no reference is followed to.
        through: the types whose references are followed; empty for all.
    """
    select = (
        f"SELECT DISTINCT {COLUMNS} FROM fhir_reference f JOIN fhir_resource r ON r.key = f.target"
        " WHERE f.resource IN (SELECT value FROM json_each(?)) AND r.digest IS NOT NULL AND r.type <> ?"
    )
    barred = type_number(release, without) if without else -1
    known = {head.key for head in heads}
    found: list[Stored] = []
    step = list(heads)
    while step:
        numbers = json.dumps([record.number for record in step if not through or record.type in through])
        step = [
            record for row in fetch(connection, select, (numbers, barred)) if (record := stored(row)).key not in known
        ]
        known |= {record.key for record in step}
        found += step
    return sorted(found, key=lambda record: record.number)
