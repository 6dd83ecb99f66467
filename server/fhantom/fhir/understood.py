"""A search as it was understood, in plain JSON values for the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fhantom.fhir.exchange import Exchange
from fhantom.fhir.parameters import Pairs
from fhantom.resources.conditions import one_condition
from fhantom.resources.criteria import (
    AllOf,
    ChainCondition,
    Condition,
    DateCondition,
    DateValue,
    HasCondition,
    MissingCondition,
    Modifier,
    Nothing,
    NumberCondition,
    QuantityCondition,
    QuantityValue,
    StringCondition,
    TokenCondition,
    TokenValue,
    UpdatedCondition,
    UriCondition,
)
from fhantom.resources.names import split_name
from fhantom.resources.query import Search, Sort

# Of what shapes an answer, this does nothing to a searchset, as on the real server.
_WITHOUT_EFFECT = frozenset(("_containedType", "_score", "_graph", "_maxresults", "_raw", "_at", "_bundletype"))
_MOST_VALUES = 20
_EPOCH = date(1970, 1, 1).toordinal()

Words = tuple[str, Any]


def note(exchange: Exchange, search: Search, pairs: Pairs) -> None:
    """Tell the journal what a search was taken for, and what of it has no effect."""
    asked = _asked(search)
    found: dict[str, Any] = {
        **(exchange.notes.understood or {}),
        "conditions": [[name, *_words(condition, value)] for name, value, condition in asked],
        "count": search.count,
    }
    if search.resource_types != (found.get("type"),):
        found["types"] = list(search.resource_types)
    if search.offset:
        found["offset"] = search.offset
    if search.sorts:
        found["sort"] = [*map(_sort, search.sorts)]
    exchange.notes.understood = found
    exchange.notes.ignored += _ignored(search, pairs, asked)


Asked = Sequence[tuple[str, str, Condition]]


def _asked(search: Search) -> Asked:
    """Each condition with the parameter and the text that it was made of."""
    together: dict[str, list[str]] = {}
    for name, value in search.chosen_by:
        together.setdefault(one_condition(split_name(name)), []).append(value)
    conditions = iter(search.conditions)
    found: list[tuple[str, str, Condition]] = []
    for name, values in together.items():
        for value in values:
            condition = next(conditions, None)
            if condition is None:  # several types at once are one condition
                return found
            if name == "_id" or isinstance(condition, DateCondition | UpdatedCondition):
                found.append((name, "&".join(values), condition))
                break
            found.append((name, value, condition))
    return found


def _ignored(search: Search, pairs: Pairs, asked: Asked) -> Iterator[str]:
    for name, value in pairs:
        if name in _WITHOUT_EFFECT or not (value.strip() or (name, value) in search.chosen_by):
            yield f"{name}={value}"
    for name, value, condition in asked:
        modifier = split_name(name).modifier
        if condition == AllOf(()):
            yield f"{name}={value}"
        elif modifier and getattr(condition, "modifier", None) == "" and modifier not in _BUILT_IN:
            yield f":{modifier} of {name}"


# Modifiers that are no longer seen in the conditions that they make.
_BUILT_IN = frozenset((Modifier.TEXT, Modifier.IN, Modifier.BELOW, Modifier.OF_TYPE, Modifier.IDENTIFIER))


def _sort(sort: Sort) -> str:
    through = f"{sort.through.code}." if sort.through else ""
    return f"{'-' if sort.descending else ''}{through}{sort.parameter.code}"


def _words(condition: Condition, text: str) -> Words:
    describe = _WORDS.get(type(condition))
    return describe(condition) if describe else ("is", text)


def _listed(values: Sequence[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    return [*values[:_MOST_VALUES], *(["..."] if len(values) > _MOST_VALUES else [])]


def _token(value: TokenValue) -> str:
    return value.code or "" if value.system is None else f"{value.system}|{value.code or ''}"


def _quantity(value: QuantityValue) -> str:
    unit = "|".join(part for part in (value.system, value.code) if part)
    return f"{value.prefix} {value.number:g}{' ' + unit if unit else ''}"


def _bound(value: DateValue) -> str:
    low, high = (_moment(end, by_day=value.by_day) for end in (value.low, value.high))
    return f"{value.prefix} {low}" if low == high else f"{value.prefix} {low} to {high}"


def _moment(number: int, *, by_day: bool) -> str:
    try:
        if by_day:
            return date.fromordinal(number + _EPOCH).isoformat()
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)
    except (OverflowError, ValueError):
        return str(number)
    return moment.isoformat(timespec="milliseconds")


_STRINGS = {Modifier.NONE: "begins with", Modifier.EXACT: "is exactly", Modifier.CONTAINS: "contains"}
_URIS = {Modifier.NONE: "is", Modifier.ABOVE: "is above", Modifier.BELOW: "is below"}


def _string(condition: StringCondition) -> Words:
    return _STRINGS.get(condition.modifier, condition.modifier), _listed(condition.values)


def _tokens(condition: TokenCondition) -> Words:
    return "is not" if condition.modifier is Modifier.NOT else "is", _listed([*map(_token, condition.values)])


def _chain(condition: ChainCondition) -> Words:
    return "leads to", _listed([*map(_inner, condition.alternatives)])


def _inner(condition: Condition) -> list[Any]:
    parameter = getattr(condition, "parameter", None)
    name = f"{parameter.resource_type}.{parameter.code}" if parameter else ""
    return [name, *_words(condition, "")]


_WORDS: dict[type[Any], Callable[[Any], Words]] = {
    StringCondition: _string,
    TokenCondition: _tokens,
    DateCondition: lambda condition: ("is", _listed([*map(_bound, condition.bounds)])),
    UpdatedCondition: lambda condition: ("is", _listed([*map(_bound, condition.values)])),
    NumberCondition: lambda condition: ("is", _listed([f"{one.prefix} {one.number:g}" for one in condition.values])),
    QuantityCondition: lambda condition: ("is", _listed([*map(_quantity, condition.values)])),
    UriCondition: lambda condition: (_URIS.get(condition.modifier, condition.modifier), _listed(condition.values)),
    MissingCondition: lambda condition: ("is missing", condition.missing),
    ChainCondition: _chain,
    HasCondition: lambda condition: ("is referred to where", _inner(condition.condition)),
    Nothing: lambda condition: ("finds nothing", True),
}
