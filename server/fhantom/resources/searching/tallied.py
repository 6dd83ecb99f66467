"""What the writes have counted, so that nothing has to be read to know it (`tallies`, `shapes`)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.criteria import Condition, MissingCondition, Modifier, ParameterKey, TokenCondition, TokenValue
from fhantom.resources.numbers import text_number, type_number
from fhantom.resources.query import Search
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.shapes import KINDS

_SYSTEMS = (
    "WITH RECURSIVE known (system) AS (SELECT min(system) FROM fhir_tally WHERE parameter = ?1 UNION ALL"
    " SELECT (SELECT min(t.system) FROM fhir_tally t WHERE t.parameter = ?1 AND t.system > known.system)"
    " FROM known WHERE known.system IS NOT NULL) SELECT system FROM known WHERE system IS NOT NULL"
)


def matches(connection: Connection, search: Search) -> int | None:
    """The number of all matches of a search with one condition; None where no number is kept for it."""
    if len(search.conditions) != 1 or search.snapshot:
        return None
    return size(connection, search, search.conditions[0])


def size(connection: Connection, search: Search, condition: Condition) -> int | None:
    """The number of resources of the searched type that fulfil a condition; None where none is kept."""
    if not isinstance(condition, MissingCondition | TokenCondition):
        return None
    at = condition.parameter
    if search.resource_types != (at.resource_type,):
        return None
    if isinstance(condition, MissingCondition):
        if at.type not in KINDS:
            return None
        having = shaped(connection, at, KINDS[at.type])
        return present(connection, at) - having if condition.missing else having
    if len(condition.values) != 1 or condition.values[0].code is None:
        return None
    having = tokens(connection, at, condition.values[0])
    return present(connection, at) - having if condition.modifier is Modifier.NOT else having


def present(connection: Connection, at: ParameterKey) -> int:
    """Resources of the parameter's type."""
    type_ = type_number(at.version, at.resource_type)
    return scalar(connection, "SELECT present FROM fhir_count WHERE type = ?", (type_,))


def shaped(connection: Connection, at: ParameterKey, trait: int) -> int:
    """Resources whose shape says so of the parameter: a number of KINDS, perhaps with SEVERAL or LONG."""
    text = (
        "SELECT sum(s.present) FROM fhir_shape_parameter p CROSS JOIN fhir_shape s ON s.shape = p.shape AND s.type = ?"
        " WHERE p.parameter = ? AND p.kind = ?"
    )
    return scalar(connection, text, (type_number(at.version, at.resource_type), at.number, trait))


def systems(connection: Connection, at: ParameterKey) -> list[int]:
    """The numbers of the systems that a token parameter's values have or had."""
    return [row[0] for row in fetch(connection, _SYSTEMS, (at.number,))]


def tokens(connection: Connection, at: ParameterKey, value: TokenValue) -> int:
    """Resources that have the code, in one system or in any."""
    if value.system is not None:
        where = "parameter = ? AND system = ? AND code = ?"
        key = (at.number, text_number(value.system), value.code)
        return scalar(connection, f"SELECT present FROM fhir_tally WHERE {where}", key)
    text = (
        f"SELECT sum(present - repeats) FROM fhir_tally WHERE parameter = ?1 AND code = ?2 AND system IN ({_SYSTEMS})"
    )
    return scalar(connection, text, (at.number, value.code))
