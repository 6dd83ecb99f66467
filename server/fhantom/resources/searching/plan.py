"""How a search finds its matches: from the smallest source, along an index, or by walking the type.

Without statistics SQLite cannot know which of several conditions is rare, so the sources are sounded first:
each is read up to `FEW` rows. A source that has fewer gives all candidates, which the other conditions test. If
every source has more, matches are plentiful and the first of them lie near the beginning: the search walks the
resources in order and tests each, and stops when the page is full. Either way the work hardly grows with what
is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.resources.criteria import Condition, UpdatedCondition
from fhantom.resources.numbers import type_names, type_number
from fhantom.resources.query import Search
from fhantom.resources.searching import clauses
from fhantom.resources.searching.sql import FALSE, TRUE, Source, Sql, as_table, joined, one_of

FEW = 400
"""Rows up to which a source is read whole."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where candidates come from and what tests them.

    Attributes:
        candidates: a source, or None to walk all resources of the searched types.
        is_small: whether the source has few rows.
        tests: the conditions that the source does not answer, on `d.number`.
    """

    candidates: Source | None
    is_small: bool
    tests: Sql


def make(connection: Connection, search: Search) -> Plan:
    """The plan for the search's conditions, made by sounding their sources."""
    sources = [(_source(search, condition), condition) for condition in search.conditions]
    usable = [(source, condition) for source, condition in sources if source is not None]
    best: tuple[int, Source, Condition] | None = None
    for source, condition in usable:
        size = _sound(connection, source, FEW if best is None else best[0])
        if best is None or size < best[0]:
            best = (size, source, condition)
        if size == 0:
            break
    if best is not None and best[0] < FEW:
        return Plan(best[1], True, tests_of(search, answered=best[2]))
    for source, condition in usable:
        if source.is_ordered:
            return Plan(source, False, tests_of(search, answered=condition))
    return Plan(None, False, tests_of(search))


def _source(search: Search, condition: Condition) -> Source | None:
    if not isinstance(condition, UpdatedCondition):
        return clauses.source(condition)
    bounds = [clauses.updated_bound(bound, "u.updated") for bound in condition.values]
    return Source("fhir_resource u", "u.number", joined("AND", (present(search, "u"), *bounds), TRUE))


def _sound(connection: Connection, source: Source, most: int) -> int:
    text = f"SELECT count(*) FROM (SELECT 1 FROM {source.tables} WHERE {source.where.text} LIMIT {most})"
    return int(connection.exec_driver_sql(text, source.where.values).scalar() or 0)


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


def of_types(search: Search, alias: str) -> Sql:
    """Whether a row of fhir_resource is of a searched type."""
    names = search.resource_types
    if not names:
        names = tuple(name for version, name in type_names().values() if version == search.version)
    numbers = tuple(type_number(search.version, name) for name in names)
    return one_of(f"{alias}.type", numbers) if numbers else FALSE


def present(search: Search, alias: str) -> Sql:
    """Whether a row of fhir_resource is there now and of a searched type."""
    return joined("AND", (of_types(search, alias), Sql(f"{alias}.digest IS NOT NULL")), TRUE)


def fetch(connection: Connection, sql: Sql) -> list[Any]:
    """The rows of a statement."""
    return list(connection.exec_driver_sql(sql.text, sql.values).fetchall())
