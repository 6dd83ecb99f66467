"""Conditions on indexed values: for each type of parameter the rows of its table that fulfil one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from fhantom.resources.criteria import (
    DateCondition,
    Modifier,
    NumberCondition,
    NumberValue,
    ParameterKey,
    QuantityCondition,
    QuantityValue,
    ReferenceCondition,
    StringCondition,
    TokenCondition,
    TokenValue,
    UriCondition,
)
from fhantom.resources.folding import folded
from fhantom.resources.numbers import text_number
from fhantom.resources.searching.periods import within
from fhantom.resources.searching.sql import FALSE, TRUE, Source, Sql, joined, one_of, one_of_keys

_LAST = "\U0010ffff"
"""Follows every other character, so that a range up to it holds all that begin alike."""

_MOST_RANGES = 500
_MANY = 5

_APPROXIMATELY = 0.1
"""`ap` reaches a tenth of the number to both sides (FHIR search 3.2.1.5.10)."""


def _source(
    table: str, parameter: ParameterKey, where: Sql, *, is_ordered: bool = False, is_unique: bool = False
) -> Source:
    rows = joined("AND", (Sql("x.parameter = ?", (parameter.number,)), where), TRUE)
    index = f"fhir_{table}_resource"
    return Source(f"fhir_{table} x", "x.resource", rows, is_ordered, is_unique, by_resource=index)


def string_rows(condition: StringCondition) -> Source:
    """A string begins with, contains, equals or ends with one of the values."""
    compare = {
        Modifier.EXACT: _exact,
        Modifier.CONTAINS: lambda text: Sql("instr(x.folded, ?) > 0", (text,)),
        Modifier.WHOLE: lambda text: Sql("x.folded = ?", (text,)),
        Modifier.ENDS: lambda text: Sql("substr(x.folded, ?) = ?", (-max(len(text), 1), text)),
    }.get(condition.modifier, _begins)
    return _source("string", condition.parameter, joined("OR", map(compare, condition.values), FALSE))


def string_listing(condition: StringCondition) -> Source:
    """`string_rows` where they are listed: of several values one range of the index after the other."""
    is_exact = condition.modifier is Modifier.EXACT
    is_range = is_exact or condition.modifier is Modifier.NONE
    if not is_range or not 1 < len(condition.values) <= _MOST_RANGES:
        return string_rows(condition)
    values = [
        value for text in condition.values for value in ((folded(text), text) if is_exact else (text, text + _LAST))
    ]
    within = "x.folded = v.column1 AND x.exact = v.column2"
    if not is_exact:
        within = "x.folded >= v.column1 AND x.folded < v.column2"
    where = Sql(f"x.parameter = ? AND {within}", (*values, condition.parameter.number))
    rows = ", ".join(["(?, ?)"] * len(condition.values))
    return Source(f"(VALUES {rows}) v CROSS JOIN fhir_string x", "x.resource", where)


def _begins(text: str) -> Sql:
    return Sql("(x.folded >= ? AND x.folded < ?)", (text, text + _LAST))


def _exact(text: str) -> Sql:
    return Sql("(x.folded = ? AND x.exact = ?)", (folded(text), text))


def token_rows(condition: TokenCondition) -> Source:
    """A token has one of the codes, in the system if one is named."""
    first = condition.values[0]
    is_ordered = len(condition.values) == 1 and first.code is not None
    is_unique = is_ordered and first.system is not None
    where = tokens_of(condition, _tested("x.code", condition.values))
    return _source("token", condition.parameter, where, is_ordered=is_ordered, is_unique=is_unique)


def token_listing(condition: TokenCondition) -> Source:
    """`token_rows` where they are listed: by all codes in the index."""
    only = condition.values[0]
    if len(condition.values) == 1 and only.code is None and only.system is not None:
        return _of_system(condition.parameter, only.system)
    found = token_rows(condition)
    rows = joined("AND", (Sql("x.parameter = ?", (condition.parameter.number,)), tokens_of(condition)), TRUE)
    return replace(found, where=rows)


def _of_system(parameter: ParameterKey, system: str) -> Source:
    """Who has any code of a system, by the tallies, as the index of codes does not know systems."""
    tables = (
        "fhir_tally a CROSS JOIN fhir_token x ON x.parameter = a.parameter AND x.code = a.code AND x.system = a.system"
    )
    where = Sql("a.parameter = ? AND a.system = ? AND a.present > 0", (parameter.number, text_number(system)))
    return Source(tables, "x.resource", where)


def tokens_of(condition: TokenCondition, column: str = "x.code") -> Sql:
    """Which rows `x` have one of the condition's codes, in the system if one is named."""
    plain = [value for value in condition.values if value.system is None and value.code is not None]
    others = [value for value in condition.values if value.system is not None or value.code is None]
    pieces = [one_of(column, tuple(value.code for value in plain))] if plain else []
    where = joined("OR", [*pieces, *map(_token, others)], FALSE)
    codes = tuple(dict.fromkeys(value.code for value in condition.values))
    if not others or len(condition.values) == 1 or None in codes:
        return where
    return joined("AND", (one_of(column, codes), where), TRUE)  # the index knows codes, not alternatives


def _tested(column: str, values: Sequence[object]) -> str:
    """The column as it is compared where one resource is tested: with many values not by one lookup for each."""
    return column if len(values) < _MANY else f"+{column}"


def _token(value: TokenValue) -> Sql:
    pieces = []
    if value.code is not None:
        pieces.append(Sql("x.code = ?", (value.code,)))
    if value.system is not None:
        pieces.append(Sql("x.system = ?", (text_number(value.system),)))
    return joined("AND", pieces, TRUE)


def date_rows(condition: DateCondition) -> Source:
    """One date of the resource lies within all bounds."""
    return _source("date", condition.parameter, joined("AND", map(within, condition.bounds), TRUE))


_RANGES = frozenset(("ap", "ne", "gt", "ge", "lt", "le", "sa", "eb"))
"""Prefixes by which a value is more than one number."""


def _number(column: str, prefix: str, number: float) -> Sql:
    if prefix == "ap":
        reach = abs(number) * _APPROXIMATELY
        return Sql(f"({column} >= ? AND {column} <= ?)", (number - reach, number + reach))
    operator = {"ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "sa": ">", "eb": "<"}
    return Sql(f"{column} {operator.get(prefix, '=')} ?", (number,))


def number_rows(condition: NumberCondition) -> Source:
    """A number compares as asked; a number without prefix is exactly that number."""

    def compare(value: NumberValue) -> Sql:
        return _number("x.value", value.prefix, value.number)

    return _source("number", condition.parameter, _any_of(condition.values, map(compare, condition.values)))


def _any_of(values: Sequence[NumberValue | QuantityValue], pieces: Iterable[Sql]) -> Sql:
    """One of the pieces; several exact numbers are named together too, as the index knows no alternatives."""
    where = joined("OR", pieces, FALSE)
    if len(values) == 1 or any(value.prefix in _RANGES for value in values):
        return where
    return joined("AND", (one_of("x.value", tuple(value.number for value in values)), where), TRUE)


def quantity_rows(condition: QuantityCondition) -> Source:
    """A quantity compares as asked, in the unit that is named."""

    def compare(value: QuantityValue) -> Sql:
        pieces = [_number("x.value", value.prefix, value.number)]
        if value.system is not None:
            pieces.append(Sql("x.system = ?", (text_number(value.system),)))
        if value.code is not None:
            pieces.append(Sql("x.code = ?", (value.code,)))
        return joined("AND", pieces, TRUE)

    return _source("quantity", condition.parameter, _any_of(condition.values, map(compare, condition.values)))


def uri_rows(condition: UriCondition) -> Source:
    """A URI equals a value, begins with it (`:below`), or is what it begins with (`:above`)."""

    def compare(text: str) -> Sql:
        if condition.modifier is Modifier.BELOW:
            return Sql("(x.uri >= ? AND x.uri < ?)", (text, text + _LAST))
        return one_of("x.uri", _above(text) if condition.modifier is Modifier.ABOVE else (text,))

    is_ordered = condition.modifier is Modifier.NONE and len(condition.values) == 1
    where = joined("OR", map(compare, condition.values), FALSE)
    return _source("uri", condition.parameter, where, is_ordered=is_ordered, is_unique=is_ordered)


def _above(text: str) -> tuple[str, ...]:
    """`text` and what is left of it without its last segments, with and without the slash at the end."""
    found = [text]
    while "/" in text.rstrip("/").partition("://")[2]:
        text = text.rstrip("/").rpartition("/")[0]
        found += [text, f"{text}/"]
    return tuple(found)


def reference_rows(condition: ReferenceCondition) -> Source:
    """A reference points at one of the targets."""
    targets = _targets(condition)
    return _references(condition, one_of_keys(_tested("x.target", targets), targets) if targets else FALSE)


def reference_listing(condition: ReferenceCondition) -> Source:
    """`reference_rows` where they are listed: by all targets in the index."""
    targets = _targets(condition)
    return _references(condition, one_of_keys("x.target", targets) if targets else FALSE)


def _targets(condition: ReferenceCondition) -> tuple[int, ...]:
    return tuple(key for value in condition.values for key in value.targets)


def _references(condition: ReferenceCondition, where: Sql) -> Source:
    is_single = len(_targets(condition)) == 1
    return _source("reference", condition.parameter, where, is_ordered=is_single, is_unique=is_single)


ROWS: dict[type, Callable[[Any], Source]] = {
    StringCondition: string_rows,
    TokenCondition: token_rows,
    DateCondition: date_rows,
    NumberCondition: number_rows,
    QuantityCondition: quantity_rows,
    UriCondition: uri_rows,
    ReferenceCondition: reference_rows,
}
"""Kind of condition to the rows that fulfil it (`:not` excepted, see `clauses`)."""

LISTINGS: dict[type, Callable[[Any], Source]] = {
    **ROWS,
    StringCondition: string_listing,
    TokenCondition: token_listing,
    ReferenceCondition: reference_listing,
}
"""Kind of condition to its rows where all are listed, not those of one resource."""
