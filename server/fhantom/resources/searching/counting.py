"""How many matches a search has."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.numbers import type_names, type_number
from fhantom.resources.query import Search
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching.plan import Plan, fetch
from fhantom.resources.searching.sql import Sql


def count(connection: Connection, search: Search, plan: Plan, most: int | None = None) -> int:
    """The number of matches, or `most` + 1 if there are more."""
    if not search.conditions:
        return _all(connection, search)
    found = planning.rows(search, plan)
    limit = "" if most is None else f"LIMIT {most + 1}"
    if plan.candidates is None:
        text = f"SELECT count(*) FROM (SELECT 1 {found.text} {limit})"
    else:  # an ordered source gives equal numbers side by side, so that this sorts nothing
        text = f"SELECT count(*) FROM (SELECT 1 {found.text} GROUP BY d.number {limit})"
    return int(fetch(connection, Sql(text, found.values))[0][0])


def _all(connection: Connection, search: Search) -> int:
    names = search.resource_types or tuple(
        name for version, name in type_names().values() if version == search.version
    )
    wanted = {type_number(search.version, name) for name in names}
    rows = connection.exec_driver_sql("SELECT type, present FROM fhir_count")
    return sum(present for type_, present in rows if type_ in wanted)
