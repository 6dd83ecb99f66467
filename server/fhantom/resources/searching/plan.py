"""How a search finds its matches: from the smallest source, along an index, or by walking the type.

Without statistics SQLite cannot know which of several conditions is rare, so the sources are sounded:
each is read up to some hundred rows. A source that has fewer gives all candidates, which the other conditions
test. If every source has more, matches are plentiful and the first of them lie near the beginning: the search
walks the resources in order, tests each, and stops when the page is full. If it does not fill among the first
thousand, the sources are sounded deeper. Either way the work hardly grows with what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from fhantom.resources.criteria import (
    ChainCondition,
    Condition,
    DateCondition,
    HasCondition,
    IdCondition,
    UpdatedCondition,
)
from fhantom.resources.numbers import type_names, type_number
from fhantom.resources.query import Search
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.searching import clauses, tallied
from fhantom.resources.searching.complements import complement
from fhantom.resources.searching.periods import not_before, updated
from fhantom.resources.searching.sql import TRUE, Source, Sql, as_table, joined, one_of
from fhantom.resources.shapes import KINDS, LONG, LONGEST_DAY

FEW = 400
"""Rows up to which a source is read whole, however few resources there are."""

_ENOUGH: dict[type, int] = {ChainCondition: 100, HasCondition: 100}
"""`FEW` where a row takes several lookups."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where candidates come from and what tests them.

    Attributes:
        candidates: a source, or None to walk all resources of the searched types.
        is_small: whether the source has few rows.
        tests: the conditions that the source does not answer, on `d.number`.
        is_final: whether a deeper sounding would find nothing better.
    """

    candidates: Source | None
    is_small: bool
    tests: Sql
    is_final: bool = True


def make(connection: Connection, search: Search, *, deep: bool) -> Plan:
    """The plan for the search's conditions, made by sounding their sources; not final unless `deep`."""
    sources = [(_source(connection, search, condition), condition) for condition in search.conditions]
    usable = [(source, condition) for source, condition in sources if source is not None]
    ordered = [(source, condition) for source, condition in usable if source.is_ordered]
    if len(usable) == len(ordered) == 1 and not search.sorts:
        return Plan(usable[0][0], False, tests_of(search, answered=usable[0][1]))
    smallest = _smallest(connection, search, usable, deep)
    if smallest is not None:
        return Plan(smallest[0], True, tests_of(search, answered=smallest[1]))
    if ordered:
        return Plan(ordered[0][0], False, tests_of(search, answered=ordered[0][1]), deep)
    return Plan(None, False, tests_of(search), deep or not usable)


def _smallest(
    connection: Connection, search: Search, usable: list[tuple[Source, Condition]], deep: bool
) -> tuple[Source, Condition] | None:
    """The source with the fewest rows, if it is cheaper to read it whole than to walk for a page.

    Of T resources, S of which match, a walk for k matches tests k * T / S of them; a test takes about eight
    times as long as reading a row of a source. So reading is cheaper while S * S < 8 * k * T.
    """
    if not usable:
        return None
    most = FEW
    if deep:
        stored = sum(present for _, present in counts_of(connection, search))
        most = max(FEW, math.isqrt(8 * (search.count + 1) * stored))
    found: tuple[Source, Condition] | None = None
    for source, condition in usable:
        size = _known_size(connection, search, condition, most)
        if size is None:
            enough = most if deep else _ENOUGH.get(type(condition), most)
            rows = f"SELECT 1 FROM {source.tables} WHERE {source.where.text} LIMIT {enough}"
            size = scalar(connection, f"SELECT count(*) FROM ({rows})", source.where.values)
            size = most if size == enough else size
        if size < most:
            most, found = size, (source, condition)
        if not size:
            break
    return found


def _known_size(connection: Connection, search: Search, condition: Condition, most: int) -> int | None:
    """How many rows a condition's source has at most, where nothing has to be read of it; else None."""
    if isinstance(condition, IdCondition):
        return len(condition.keys) if len(condition.keys) < most else None
    return tallied.size(connection, search, condition)


def counts_of(connection: Connection, search: Search) -> list[tuple[int, int]]:
    """Number and present resources of each searched type that has any."""
    wanted = set(_types(search))
    rows = fetch(connection, "SELECT type, present FROM fhir_count")
    return [(type_, present) for type_, present in rows if type_ in wanted]


def _source(connection: Connection, search: Search, condition: Condition) -> Source | None:
    if isinstance(condition, DateCondition):
        found = clauses.source(condition)
        return found and replace(found, where=joined("AND", (found.where, beginning_of(connection, condition)), TRUE))
    if not isinstance(condition, UpdatedCondition):
        own = search.resource_types == (getattr(getattr(condition, "parameter", None), "resource_type", None),)
        return (complement(condition) if own else None) or clauses.source(condition)
    bounds = [updated(bound, "u.updated") for bound in condition.values]
    return Source("fhir_resource u", "u.number", joined("AND", (present(search, "u"), *bounds), TRUE))


def beginning_of(connection: Connection, condition: DateCondition) -> Sql:
    """From where on rows `x` of dates can fulfil the condition, as their index knows only where they begin."""
    if tallied.shaped(connection, condition.parameter, KINDS["date"] + LONG):
        return TRUE
    return not_before(condition.bounds, LONGEST_DAY)


def tests_of(search: Search, number: str = "d.number", answered: Condition | None = None) -> Sql:
    """The conditions that are not `answered` as tests; short ones, which join less, come first."""
    remaining = [condition for condition in search.conditions if condition is not answered]
    pieces = [clauses.test(condition, number) for condition in remaining]
    if search.snapshot:
        pieces.insert(0, Sql(f"{number} <= ?", (search.snapshot,)))
    return joined("AND", sorted(pieces, key=lambda piece: len(piece.text)), TRUE)


def rows(search: Search, plan: Plan, more: Iterable[Sql] = ()) -> Sql:
    """FROM and WHERE of a statement whose rows have `d.number`, each match at least once."""
    if plan.candidates is None:
        tables, where = "fhir_resource d", joined("AND", (present(search, "d"), plan.tests, *more), TRUE)
        return Sql(f"FROM {tables} WHERE {where.text}", where.values)
    pieces = [plan.tests, *more]
    tables = as_table(plan.candidates, "d")
    if not plan.candidates.is_typed:
        tables += " CROSS JOIN fhir_resource w ON w.number = d.number"
        pieces.append(of_types(search, "w"))
    where = joined("AND", pieces, TRUE)
    return Sql(f"FROM {tables} WHERE {where.text}", plan.candidates.where.values + where.values)


def beginning(search: Search, plan: Plan, reach: int) -> Sql:
    """`rows`, of only so many of the resources that a walk comes to; its source, if it has one, is ordered."""
    if plan.candidates is None:
        where = present(search, "f")
        first = f"SELECT f.number FROM fhir_resource f WHERE {where.text} ORDER BY f.number"
    else:
        where, from_ = plan.candidates.where, plan.candidates
        first = f"SELECT {from_.number} AS number FROM {from_.tables} WHERE {where.text} ORDER BY {from_.number}"
    text = f"FROM ({first} LIMIT {reach}) d WHERE {plan.tests.text}"
    return Sql(text, where.values + plan.tests.values)


def of_types(search: Search, alias: str) -> Sql:
    """Whether a row of fhir_resource is of a searched type."""
    return one_of(f"{alias}.type", _types(search))


def _types(search: Search) -> tuple[int, ...]:
    if search.resource_types:
        return tuple(type_number(search.version, name) for name in search.resource_types)
    return tuple(number for number, (version, _) in type_names().items() if version == search.version)


def present(search: Search, alias: str) -> Sql:
    """Whether a row of fhir_resource is there now and of a searched type."""
    return joined("AND", (of_types(search, alias), Sql(f"{alias}.digest IS NOT NULL")), TRUE)
