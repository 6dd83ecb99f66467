"""Every kind of condition as SQL: as a test of one resource, and as a source of candidates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhantom.resources.criteria import (
    AllOf,
    AnyOf,
    ChainCondition,
    Condition,
    ContentCondition,
    HasCondition,
    IdCondition,
    ListCondition,
    MissingCondition,
    Modifier,
    NearCondition,
    NotCondition,
    Nothing,
    ParameterKey,
    StoredCondition,
    TokenCondition,
    TypeCondition,
    UpdatedCondition,
)
from fhantom.resources.numbers import parameter_number
from fhantom.resources.searching.complements import shaped
from fhantom.resources.searching.indexed import LISTINGS, ROWS
from fhantom.resources.searching.periods import updated
from fhantom.resources.searching.sql import (
    FALSE,
    TRUE,
    Source,
    Sql,
    as_table,
    exists,
    joined,
    nested,
    one_of_keys,
)

_KEY = "(SELECT k.key FROM fhir_resource k WHERE k.number = {number})"


def test(condition: Condition, number: str) -> Sql:
    """Whether the resource whose number the SQL expression `number` gives fulfils the condition."""
    return _TESTS[type(condition)](condition, number)


def source(condition: Condition) -> Source | None:
    """Where all resources that fulfil the condition can be read from; None if it only tests."""
    make = _SOURCES.get(type(condition))
    return None if make is None else make(condition)


def _indexed_test(condition: Any, number: str) -> Sql:
    found = exists(ROWS[type(condition)](condition), number)
    if isinstance(condition, TokenCondition) and condition.modifier is Modifier.NOT:
        return Sql(f"NOT {found.text}", found.values)
    return found


def _indexed_source(condition: Any) -> Source | None:
    if isinstance(condition, TokenCondition) and condition.modifier is Modifier.NOT:
        return None
    return LISTINGS[type(condition)](condition)


def _id_source(condition: IdCondition) -> Source:
    where = one_of_keys("i.key", condition.keys) if condition.keys else FALSE
    return Source("fhir_resource i", "i.number", joined("AND", (where, Sql("i.digest IS NOT NULL")), TRUE))


def _id_test(condition: IdCondition, number: str) -> Sql:
    return exists(_id_source(condition), number)


def _stored_test(condition: StoredCondition, number: str) -> Sql:
    found = _id_source(IdCondition(condition.keys))
    return Sql(f"EXISTS (SELECT 1 FROM {found.tables} WHERE {found.where.text})", found.where.values)


def _type_test(condition: TypeCondition, number: str) -> Sql:
    text = f"(SELECT k.type FROM fhir_resource k WHERE k.number = {number}) = ?"
    return Sql(text, (condition.resource_type,))


def _updated_test(condition: UpdatedCondition, number: str) -> Sql:
    pieces = [updated(bound, "u.updated") for bound in condition.values]
    return exists(Source("fhir_resource u", "u.number", joined("AND", pieces, TRUE)), number)


_MOST_UNITED = 50
_WITHOUT_TABLE = ("composite", "special")


def _missing_test(condition: MissingCondition, number: str) -> Sql:
    if condition.parameter.type in _WITHOUT_TABLE:
        return TRUE if condition.missing else FALSE
    where = Sql("x.parameter = ?", (condition.parameter.number,))
    found = exists(Source(f"fhir_{condition.parameter.type} x", "x.resource", where), number)
    return Sql(f"NOT {found.text}", found.values) if condition.missing else found


def _missing_source(condition: MissingCondition) -> Source | None:
    """Who has a value of the parameter; who has none is listed of one type only, by `complements`."""
    return None if condition.missing or condition.parameter.type in _WITHOUT_TABLE else shaped(condition)


def _chain_test(condition: ChainCondition, number: str) -> Sql:
    c, t = (f"{letter}{nested(number) + 1}" for letter in "ct")
    inner = joined("OR", (test(each, f"{t}.number") for each in condition.alternatives), FALSE)
    text = (
        f"EXISTS (SELECT 1 FROM fhir_reference {c} CROSS JOIN fhir_resource {t} ON {t}.key = {c}.target"
        f" WHERE {c}.resource = {number} AND {c}.parameter = ? AND {t}.digest IS NOT NULL AND {inner.text})"
    )
    return Sql(text, (condition.parameter.number, *inner.values))


def _chain_source(condition: ChainCondition) -> Source | None:
    if len(condition.alternatives) != 1:
        sources = [_chain_source(ChainCondition(condition.parameter, (each,))) for each in condition.alternatives]
        return _union(sources)
    inner = source(condition.alternatives[0])
    if inner is None:
        return None
    tables = (
        f"{as_table(inner, 's')} CROSS JOIN fhir_resource t ON t.number = s.number"
        " CROSS JOIN fhir_reference x ON x.target = t.key"
    )
    where = Sql("x.parameter = ?", (*inner.where.values, condition.parameter.number))
    return Source(tables, "x.resource", where)


def _has_test(condition: HasCondition, number: str) -> Sql:
    h = f"h{nested(number) + 1}"
    inner = test(condition.condition, f"{h}.resource")
    text = (
        f"EXISTS (SELECT 1 FROM fhir_reference {h} WHERE {h}.target = {_KEY.format(number=number)}"
        f" AND {h}.parameter = ? AND {inner.text})"
    )
    return Sql(text, (condition.parameter.number, *inner.values))


def _has_source(condition: HasCondition) -> Source | None:
    inner = source(condition.condition)
    if inner is None:
        return None
    tables = (
        f"{as_table(inner, 's')} CROSS JOIN fhir_reference x ON x.resource = s.number"
        " CROSS JOIN fhir_resource t ON t.key = x.target"
    )
    where = Sql("x.parameter = ? AND t.digest IS NOT NULL", (*inner.where.values, condition.parameter.number))
    return Source(tables, "t.number", where, is_typed=False)


def _list_source(condition: ListCondition) -> Source:
    tables = (
        "fhir_resource l CROSS JOIN fhir_reference x ON x.resource = l.number"
        " CROSS JOIN fhir_resource t ON t.key = x.target"
    )
    where = Sql(
        "l.key = ? AND l.digest IS NOT NULL AND x.parameter = ? AND t.digest IS NOT NULL",
        (condition.list_key, condition.item),
    )
    return Source(tables, "t.number", where, is_typed=False)


def _list_test(condition: ListCondition, number: str) -> Sql:
    return exists(_list_source(condition), number)


def _near_test(condition: NearCondition, number: str) -> Sql:
    at = condition.parameter
    latitude = _between(at, ":of-type", condition.south, condition.north)
    longitude = _between(at, ":identifier", condition.west, condition.east)
    return joined("AND", (exists(latitude, number), exists(longitude, number)), TRUE)


def _between(at: ParameterKey, beside: str, low: float, high: float) -> Source:
    number = parameter_number(at.version, at.resource_type, at.code + beside)
    where = Sql("x.parameter = ? AND x.value >= ? AND x.value <= ?", (number, low, high))
    return Source("fhir_number x", "x.resource", where)


def _all_test(condition: AllOf, number: str) -> Sql:
    return joined("AND", (test(each, number) for each in condition.conditions), TRUE)


def _all_source(condition: AllOf) -> Source | None:
    """The first part's source, tested by the other parts."""
    for at, each in enumerate(condition.conditions):
        found = source(each)
        if found is not None:
            others = (*condition.conditions[:at], *condition.conditions[at + 1 :])
            tests = joined("AND", (test(other, "d.number") for other in others), TRUE)
            where = Sql(tests.text, found.where.values + tests.values)
            flags = (found.is_ordered, found.is_unique, found.is_typed)
            return Source(as_table(found, "d"), "d.number", where, *flags)
    return None


def _any_test(condition: AnyOf, number: str) -> Sql:
    return joined("OR", (test(each, number) for each in condition.conditions), FALSE)


def _any_source(condition: AnyOf) -> Source | None:
    if len(condition.conditions) == 1:
        return source(condition.conditions[0])
    return _union([source(each) for each in condition.conditions])


def _union(sources: list[Source | None]) -> Source | None:
    found = [each for each in sources if each is not None]
    if not found or len(found) != len(sources) or len(found) > _MOST_UNITED:
        return None
    selects = " UNION ".join(f"SELECT {s.number} AS number FROM {s.tables} WHERE {s.where.text}" for s in found)
    values = tuple(value for each in found for value in each.where.values)
    return Source(f"({selects}) e", "e.number", Sql("1", values), is_typed=all(s.is_typed for s in found))


def _not_test(condition: NotCondition, number: str) -> Sql:
    inner = test(condition.condition, number)
    return Sql(f"NOT {inner.text}", inner.values)


_TESTS: dict[type, Callable[[Any, str], Sql]] = {
    **dict.fromkeys(ROWS, _indexed_test),
    IdCondition: _id_test,
    StoredCondition: _stored_test,
    TypeCondition: _type_test,
    UpdatedCondition: _updated_test,
    MissingCondition: _missing_test,
    ChainCondition: _chain_test,
    HasCondition: _has_test,
    NearCondition: _near_test,
    ContentCondition: lambda condition, number: TRUE,  # judged by the texts, see `contents`
    ListCondition: _list_test,
    AllOf: _all_test,
    AnyOf: _any_test,
    NotCondition: _not_test,
    Nothing: lambda condition, number: FALSE,
}

_SOURCES: dict[type, Callable[[Any], Source | None]] = {
    **dict.fromkeys(ROWS, _indexed_source),
    IdCondition: _id_source,
    MissingCondition: _missing_source,
    ChainCondition: _chain_source,
    HasCondition: _has_source,
    ListCondition: _list_source,
    AllOf: _all_source,
    AnyOf: _any_source,
    Nothing: lambda condition: Source("fhir_resource i", "i.number", FALSE),
}
