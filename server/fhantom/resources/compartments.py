"""What belongs to a patient or an encounter: the members of a compartment and what these refer to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection

from fhantom.definitions import Version, load
from fhantom.resources.numbers import parameter_number, resource_key, type_number
from fhantom.resources.reading import COLUMNS, stored
from fhantom.resources.records import Stored
from fhantom.resources.rows import fetch


def everything(connection: Connection, release: Version, resource_type: str, id: str) -> list[Stored]:
    """A resource, the members of its compartment in the order of creation, then what they all refer to.

    Resources of types that have members themselves (other patients) are not followed to.
    """
    parameters = _parameters(release, resource_type)
    members = (
        f"SELECT DISTINCT {COLUMNS} FROM fhir_resource r"
        " WHERE r.digest IS NOT NULL AND (r.key = ? OR r.number IN"
        " (SELECT f.resource FROM fhir_reference f WHERE f.target = ?"
        " AND f.parameter IN (SELECT value FROM json_each(?)))) ORDER BY r.key <> ?, r.number"
    )
    key = resource_key(release, resource_type, id)
    values = (key, key, parameters, key)
    found = [stored(row) for row in fetch(connection, members, values)]
    return found + _referenced(connection, release, found)


@cache
def _parameters(release: Version, compartment: str) -> str:
    """The numbers of the reference parameters that put a resource into a compartment, as a JSON list."""
    numbers = [
        parameter_number(release, member, code)
        for member, codes in load(release).compartment(compartment).items()
        for code in codes
        if not code.startswith("{")
    ]
    return json.dumps(numbers)


def _referenced(connection: Connection, release: Version, members: Sequence[Stored]) -> list[Stored]:
    select = (
        f"SELECT DISTINCT {COLUMNS} FROM fhir_reference f JOIN fhir_resource r ON r.key = f.target"
        " WHERE f.resource IN (SELECT value FROM json_each(?)) AND r.digest IS NOT NULL"
        " AND r.type <> ? ORDER BY r.number"
    )
    numbers = json.dumps([member.number for member in members])
    patient = type_number(release, "Patient")
    known = {member.key for member in members}
    rows = fetch(connection, select, (numbers, patient))
    return [record for row in rows if (record := stored(row)).key not in known]
