"""The order of matches: by creation, or by the values of parameters; missing values come last."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.criteria import ChainCondition, HasCondition, ReferenceCondition
from fhantom.resources.query import Search
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching import walking
from fhantom.resources.searching.keys import order
from fhantom.resources.searching.plan import Plan
from fhantom.resources.searching.sql import Sql, one_of_keys


def numbers(connection: Connection, search: Search, plan: Plan, limit: int, offset: int) -> list[int]:
    """The numbers of matches in order, from `offset` on."""
    if not search.sorts:
        return _by_creation(connection, search, plan, limit, offset)

    def part(of: Search, most: int) -> list[int]:
        return numbers(connection, of, planning.make(connection, of, deep=True), most, 0)

    found = None if plan.is_small else walking.along(connection, search, limit, offset, part)
    return _sorted(connection, search, plan, limit, offset) if found is None else found


_NEAR = 500
"""Resources that are walked before sources are sounded deeper, which would cost as much."""

_TRIED = 3
"""Targets of which it is asked whether one alone has enough that refer to it."""

_NEAR_OF: dict[type, int] = {ChainCondition: 100, HasCondition: 30}
"""`_NEAR` where the test of one resource takes many lookups."""


def near(connection: Connection, search: Search, plan: Plan, limit: int) -> list[int] | None:
    """The first `limit` matches, if those that a walk meets first have as many; None where that is no way to go."""
    if search.sorts or search.offset or search.after:
        return None
    first = search.conditions[0]
    if len(search.conditions) == 1 and isinstance(first, ReferenceCondition):
        return _of_targets(connection, search, first, limit)
    reach = min((_NEAR_OF.get(type(condition), _NEAR) for condition in search.conditions), default=_NEAR)
    walk = planning.beginning(search, plan, reach)
    text = f"SELECT DISTINCT d.number {walk.text} LIMIT ?"
    found = [row[0] for row in fetch(connection, text, (*walk.values, limit))]
    return found if len(found) == limit else None


def _of_targets(connection: Connection, search: Search, condition: ReferenceCondition, limit: int) -> list[int] | None:
    """The first that refer to one of many targets, found below the number up to which one target alone has enough."""
    targets = [key for value in condition.values for key in value.targets]
    most = f"AND x.resource <= {search.snapshot}" if search.snapshot else ""
    of_one = f"SELECT x.resource FROM fhir_reference x WHERE x.target = ? AND x.parameter = ? {most}"
    for target in targets[:_TRIED]:
        values = (target, condition.parameter.number, limit - 1)
        last = scalar(connection, f"{of_one} ORDER BY x.resource LIMIT 1 OFFSET ?", values)
        if last:
            among = one_of_keys("x.target", tuple(targets))
            text = (
                f"SELECT DISTINCT x.resource FROM fhir_reference x WHERE {among.text} AND x.parameter = ?"
                " AND x.resource <= ? ORDER BY x.resource LIMIT ?"
            )
            return [row[0] for row in fetch(connection, text, (*among.values, condition.parameter.number, last, limit))]
    return None


def _by_creation(connection: Connection, search: Search, plan: Plan, limit: int, offset: int) -> list[int]:
    more: list[Sql] = []
    if search.after is not None and search.after[0] == offset:
        more, offset = [Sql("d.number > ?", (search.after[1],))], 0
    found = planning.rows(search, plan, more)
    group = "" if plan.candidates is None else "GROUP BY d.number"
    text = f"SELECT d.number {found.text} {group} ORDER BY d.number LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*found.values, limit, offset))]


def _sorted(connection: Connection, search: Search, plan: Plan, limit: int, offset: int) -> list[int]:
    found = planning.rows(search, plan)
    by = order(search.sorts, "m.number")
    text = f"SELECT m.number FROM (SELECT DISTINCT d.number AS number {found.text}) m {by.text} LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*found.values, *by.values, limit, offset))]
