"""How many matches a search has."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.query import Search
from fhantom.resources.rows import scalar
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching.plan import Plan


def count(connection: Connection, search: Search, plan: Plan, most: int | None = None) -> int:
    """The number of matches, or `most` + 1 if there are more."""
    if not search.conditions:
        return sum(present for _, present in planning.counts_of(connection, search))
    found = planning.rows(search, plan)
    limit = "" if most is None else f"LIMIT {most + 1}"
    if plan.candidates is None:
        text = f"SELECT count(*) FROM (SELECT 1 {found.text} {limit})"
    else:  # an ordered source gives equal numbers side by side, so that this sorts nothing
        text = f"SELECT count(*) FROM (SELECT 1 {found.text} GROUP BY d.number {limit})"
    return scalar(connection, text, found.values)
