"""What a sort compares: the least or the greatest of a resource's values (FHIR search 3.2.1.6.1)."""

from __future__ import annotations

from dataclasses import replace

from fhantom.resources.criteria import ParameterKey
from fhantom.resources.query import Sort
from fhantom.resources.searching.sql import Sql

COLUMNS = {"date": "low", "string": "folded", "number": "value", "quantity": "value", "uri": "uri"}
"""Parameter type to the one column of its table that is sorted by."""

TIES = {
    "date": ("high", "low_day", "high_day"),
    "string": ("exact",),
    "quantity": ("system", "code"),
}
"""What tells apart rows of one resource that are equal in that column."""

OWN = {"_lastUpdated": "updated", "_id": "id"}
"""Parameters that are columns of the resource's own row."""


def keys(sort: Sort, number: str) -> list[Sql]:
    """What one sort compares for a resource: the least of its values, or the greatest if descending."""
    if sort.through is not None:
        return keys(replace(sort, through=None), _target(sort.through, number))
    code, type_, parameter = sort.parameter.code, sort.parameter.type, sort.parameter.number
    if code in OWN:
        return [Sql(f"(SELECT o.{OWN[code]} FROM fhir_resource o WHERE o.number = {number})")]
    pick = "max" if sort.descending else "min"
    if type_ in COLUMNS:
        return [_value(f"{pick}(o.{COLUMNS[type_]})", f"fhir_{type_} o", number, parameter)]
    if type_ == "token":  # first by system, as the real server does
        systems = "fhir_token o LEFT JOIN fhir_system y ON y.number = o.system"
        return [
            _value(f"{pick}(y.text)", systems, number, parameter),
            _value(f"{pick}(o.code)", "fhir_token o", number, parameter),
        ]
    if type_ == "reference":  # in the order in which the targets were created
        targets = "fhir_reference o CROSS JOIN fhir_resource y ON y.key = o.target"
        return [_value(f"{pick}(y.number)", targets, number, parameter)]
    return []


def _target(reference: ParameterKey, number: str) -> str:
    """The number of the resource that a reference leads to, as SQL; of several the one created first."""
    tables = "fhir_reference c CROSS JOIN fhir_resource t ON t.key = c.target"
    return f"(SELECT min(t.number) FROM {tables} WHERE c.resource = {number} AND c.parameter = {reference.number})"


def _value(column: str, tables: str, number: str, parameter: int) -> Sql:
    text = f"(SELECT {column} FROM {tables} WHERE o.resource = {number} AND o.parameter = ?)"
    return Sql(text, (parameter,))


def order(sorts: tuple[Sort, ...], number: str) -> Sql:
    """ORDER BY of several sorts; what remains equal comes in the order of creation."""
    pieces: list[str] = []
    values: list[object] = []
    for sort in sorts:
        direction = "DESC" if sort.descending else "ASC"
        for key in keys(sort, number):
            pieces.append(f"{key.text} {direction} NULLS LAST")
            values += key.values
    return Sql(f"ORDER BY {', '.join([*pieces, number])}", tuple(values))
