"""The order of matches: by creation, or by the values of parameters; missing values come last."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.criteria import ChainCondition, HasCondition
from fhantom.resources.query import Search, Sort
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching.plan import Plan, present
from fhantom.resources.searching.sql import TRUE, Sql, joined

_COLUMNS = {"date": "low", "string": "folded", "number": "value", "quantity": "value", "uri": "uri"}
"""Parameter type to the one column of its table that is sorted by."""

_TIES = {
    "date": ("high", "low_day", "high_day"),
    "string": ("exact",),
    "quantity": ("system", "code"),
}
"""What tells apart rows of one resource that are equal in that column."""

_OWN = {"_lastUpdated": "updated", "_id": "id"}
"""Parameters that are columns of the resource's own row."""


def keys(sort: Sort, number: str) -> list[Sql]:
    """What one sort compares for a resource: the least of its values, or the greatest if descending."""
    code, type_, parameter = sort.parameter.code, sort.parameter.type, sort.parameter.number
    if code in _OWN:
        return [Sql(f"(SELECT o.{_OWN[code]} FROM fhir_resource o WHERE o.number = {number})")]
    pick = "max" if sort.descending else "min"
    if type_ in _COLUMNS:
        return [_value(f"{pick}(o.{_COLUMNS[type_]})", f"fhir_{type_} o", number, parameter)]
    if type_ == "token":  # first by system, as the real server does
        systems = "fhir_token o LEFT JOIN fhir_system y ON y.number = o.system"
        return [
            _value(f"{pick}(y.text)", systems, number, parameter),
            _value(f"{pick}(o.code)", "fhir_token o", number, parameter),
        ]
    if type_ == "reference":  # in the order in which the targets were created
        targets = "fhir_reference o CROSS JOIN fhir_resource y ON y.key = o.target"
        return [_value(f"{pick}(y.number)", targets, number, parameter)]
    return []


def _value(column: str, tables: str, number: str, parameter: int) -> Sql:
    text = f"(SELECT {column} FROM {tables} WHERE o.resource = {number} AND o.parameter = ?)"
    return Sql(text, (parameter,))


def order(sorts: tuple[Sort, ...], number: str) -> Sql:
    """ORDER BY of several sorts; what remains equal comes in the order of creation."""
    pieces: list[str] = []
    values: list[object] = []
    for sort in sorts:
        direction = "DESC" if sort.descending else "ASC"
        for key in keys(sort, number):
            pieces.append(f"{key.text} {direction} NULLS LAST")
            values += key.values
    return Sql(f"ORDER BY {', '.join([*pieces, number])}", tuple(values))


def numbers(connection: Connection, search: Search, plan: Plan, limit: int, offset: int) -> list[int]:
    """The numbers of matches in order, from `offset` on."""
    if not search.sorts:
        return _by_creation(connection, search, plan, limit, offset)
    first = search.sorts[0]
    if not plan.is_small and (first.parameter.type in _COLUMNS or first.parameter.code in _OWN):
        if first.parameter.code in _OWN:
            return _along_own_column(connection, search, limit, offset)
        return _along_index(connection, search, limit, offset)
    return _sorted(connection, search, plan, limit, offset)


_NEAR = 500
"""Resources that are walked before sources are sounded deeper, which would cost as much."""


def near(connection: Connection, search: Search, plan: Plan, limit: int) -> list[int] | None:
    """The first `limit` matches, if those that a walk meets first have as many; None where that is no way to go."""
    links = any(isinstance(condition, ChainCondition | HasCondition) for condition in search.conditions)
    if search.sorts or search.offset or search.after or links:  # a test of a link costs more than a sounding
        return None
    walk = planning.beginning(search, plan, _NEAR)
    text = f"SELECT DISTINCT d.number {walk.text} LIMIT ?"
    found = [row[0] for row in fetch(connection, text, (*walk.values, limit))]
    return found if len(found) == limit else None


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


def _along_own_column(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    first, rest = search.sorts[0], order(search.sorts[1:], "d.number")
    every = Plan(None, False, planning.tests_of(search))
    found = planning.rows(search, every)
    direction = "DESC" if first.descending else "ASC"
    own = f"ORDER BY d.{_OWN[first.parameter.code]} {direction}, " + rest.text.removeprefix("ORDER BY ")
    text = f"SELECT d.number {found.text} {own} LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*found.values, *rest.values, limit, offset))]


def _along_index(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    """Walk the index of the first sort's parameter, then the resources that have no value of it."""
    having = _having(search)
    text = f"SELECT v.number {having.text} LIMIT ? OFFSET ?"
    found = [row[0] for row in fetch(connection, text, (*having.values, limit, offset))]
    if len(found) < limit:
        counted = having.text.partition(" ORDER BY ")[0]
        before = 0
        if offset and not found:
            before_values = having.values[: counted.count("?")]
            before = scalar(connection, f"SELECT count(*) {counted}", before_values)
        start = max(0, offset - before) if not found else 0
        found += _lacking(connection, search, limit - len(found), start)
    return found


def _having(search: Search) -> Sql:
    first = search.sorts[0]
    table, column = f"fhir_{first.parameter.type}", _COLUMNS[first.parameter.type]
    direction, beyond = ("DESC", ">") if first.descending else ("ASC", "<")
    tests = planning.tests_of(search, "v.number")
    rest = order(search.sorts[1:], "v.number")
    # of several values of one resource only the one that it is sorted by; of equal ones, one
    surpassed = f"o.{column} {beyond} s.{column}"
    if ties := _TIES.get(first.parameter.type):
        others, own = (", ".join(f"{alias}.{tie}" for tie in ties) for alias in "os")
        surpassed = f"({surpassed} OR (o.{column} = s.{column} AND ({others}) < ({own})))"
    text = (
        f"FROM (SELECT s.resource AS number, s.{column} AS value FROM {table} s WHERE s.parameter = ?"
        f" AND NOT EXISTS (SELECT 1 FROM {table} o INDEXED BY {table}_resource WHERE o.resource = s.resource"
        f" AND o.parameter = s.parameter AND {surpassed})) v WHERE {tests.text}"
        f" ORDER BY v.value {direction}, {rest.text.removeprefix('ORDER BY ')}"
    )
    return Sql(text, (first.parameter.number, *tests.values, *rest.values))


def _lacking(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    first = search.sorts[0]
    having = f"SELECT 1 FROM fhir_{first.parameter.type} o WHERE o.resource = d.number AND o.parameter = ?"
    without = Sql(f"NOT EXISTS ({having})", (first.parameter.number,))
    where = joined("AND", (present(search, "d"), planning.tests_of(search), without), TRUE)
    rest = order(search.sorts[1:], "d.number")
    text = f"SELECT d.number FROM fhir_resource d WHERE {where.text} {rest.text} LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*where.values, *rest.values, limit, offset))]
