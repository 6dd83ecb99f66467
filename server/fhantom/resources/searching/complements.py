"""Where resources can be read from that lack a value: what no index of values can list."""

from __future__ import annotations

from fhantom.resources.criteria import Condition, MissingCondition, Modifier, TokenCondition
from fhantom.resources.numbers import is_type, type_number
from fhantom.resources.searching.indexed import token_rows, tokens_of
from fhantom.resources.searching.sql import Source, Sql, exists
from fhantom.resources.shapes import KINDS


def shaped(condition: MissingCondition) -> Source | None:
    """Who has a value of the parameter, or none, by the shapes of the resources of its type."""
    at = condition.parameter
    if at.type not in KINDS or not is_type(at.version, at.resource_type):
        return None
    having = "EXISTS (SELECT 1 FROM fhir_shape_parameter p WHERE p.parameter = ? AND p.kind = ? AND p.shape = s.shape)"
    where = Sql(
        f"s.type = ? AND s.present > 0 AND {'NOT ' if condition.missing else ''}{having}"
        " AND m.shape = s.shape AND m.digest IS NOT NULL",
        (type_number(at.version, at.resource_type), at.number, KINDS[at.type]),
    )
    tables = "fhir_shape s CROSS JOIN fhir_resource m INDEXED BY fhir_resource_shape"
    return Source(tables, "m.number", where, is_unique=True)


def complement(condition: Condition) -> Source | None:
    """Who has no value (`:missing=true`), or none of these tokens (`:not`), among the parameter's own type.

    None for every other condition.
    """
    if isinstance(condition, MissingCondition) and condition.missing:
        return shaped(condition)
    if not isinstance(condition, TokenCondition) or condition.modifier is not Modifier.NOT:
        return None
    none = shaped(MissingCondition(condition.parameter, True))
    if none is None:
        return None
    same, has_one = tokens_of(condition), exists(token_rows(condition), "e.number")
    text = (
        "(SELECT o.resource AS number FROM fhir_tally x CROSS JOIN fhir_token o"
        " ON o.parameter = x.parameter AND o.code = x.code AND o.system = x.system"
        f" WHERE x.parameter = ? AND x.present > 0 AND NOT {same.text}"
        f" UNION ALL SELECT {none.number} FROM {none.tables} WHERE {none.where.text}) e"
    )
    values = (condition.parameter.number, *same.values, *none.where.values, *has_one.values)
    return Source(text, "e.number", Sql(f"NOT {has_one.text}", values))
