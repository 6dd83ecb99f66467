"""How many matches a search has."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.query import Search
from fhantom.resources.rows import scalar
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching import tallied
from fhantom.resources.searching.plan import Plan


def count(connection: Connection, search: Search, plan: Plan, most: int | None = None) -> int:
    """The number of matches; if there are more than `most`, some number above it."""
    if not search.conditions:
        return sum(present for _, present in planning.counts_of(connection, search))
    kept = tallied.matches(connection, search)
    if kept is not None:
        return kept
    found = planning.rows(search, plan)
    each = "*" if plan.candidates is None or plan.candidates.is_unique else "DISTINCT d.number"
    if most is None:
        return scalar(connection, f"SELECT count({each}) {found.text}", found.values)
    group = "" if each == "*" else "GROUP BY d.number"
    return scalar(connection, f"SELECT count(*) FROM (SELECT 1 {found.text} {group} LIMIT {most + 1})", found.values)
