"""Sorted matches without sorting: along what an index has in the order of the first sort, until the page is full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from fhantom.resources.criteria import Condition, DateCondition, MissingCondition, Modifier, TokenCondition, TokenValue
from fhantom.resources.query import Search, Sort, Total
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching import tallied
from fhantom.resources.searching.indexed import ROWS
from fhantom.resources.searching.keys import COLUMNS, OWN, TIES, order
from fhantom.resources.searching.plan import Plan, present
from fhantom.resources.searching.sql import TRUE, Sql, joined
from fhantom.resources.shapes import KINDS, LONG, SEVERAL

_MOST_SKIPPED = 1_000
"""Matches before a page up to which tokens and references are walked for it."""


Sorted = Callable[[Search, int], list[int]]
"""The first so many matches of a part of the search, in order."""


def along(connection: Connection, search: Search, limit: int, offset: int, part: Sorted) -> list[int] | None:
    """The numbers of matches in order, from `offset` on; None if no index has that order."""
    first = search.sorts[0]
    if first.through is not None:
        return None
    if first.parameter.code in OWN:
        return _along_own_column(connection, search, limit, offset)
    if first.parameter.type in COLUMNS:
        return _along_index(connection, search, limit, offset)
    if offset > _MOST_SKIPPED or first.parameter.type not in ("token", "reference"):
        return None
    if search.resource_types != (first.parameter.resource_type,) or not _is_single(connection, first):
        return None
    if first.parameter.type == "token":
        return _along_tokens(connection, search, limit + offset, part)[offset:]
    found = _along_targets(connection, search, limit + offset)
    return None if found is None else found[offset:]


def is_bounded(connection: Connection, search: Search) -> bool:
    """Whether a walk meets hardly anything but matches: all that is asked is asked of what they are sorted by."""
    if not search.sorts or search.total is not Total.DEFAULT:
        return False
    first = search.sorts[0]
    if first.through is not None or first.parameter.type not in COLUMNS:
        return False
    if not all(_asks_of(condition, first) for condition in search.conditions):
        return False
    long = tallied.shaped(connection, first.parameter, KINDS[first.parameter.type] + LONG)
    return not long and _is_single(connection, first)


def _is_single(connection: Connection, sort: Sort) -> bool:
    """Whether no resource has several values of the parameter."""
    key = sort.parameter
    return not tallied.shaped(connection, key, KINDS[key.type] + SEVERAL)


def _along_own_column(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    first, rest = search.sorts[0], order(search.sorts[1:], "d.number")
    every = Plan(None, False, planning.tests_of(search))
    found = planning.rows(search, every)
    own = f"ORDER BY d.{OWN[first.parameter.code]} {_direction(first)}, " + rest.text.removeprefix("ORDER BY ")
    text = f"SELECT d.number {found.text} {own} LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*found.values, *rest.values, limit, offset))]


def _along_index(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    """Walk the index of the first sort's parameter, then the resources that have no value of it."""
    having = _having(connection, search)
    rest = order(search.sorts[1:], "v.resource")
    by = f"ORDER BY v.value {_direction(search.sorts[0])}, {rest.text.removeprefix('ORDER BY ')}"
    text = f"SELECT v.resource {having.text} {by} LIMIT ? OFFSET ?"
    found = [row[0] for row in fetch(connection, text, (*having.values, *rest.values, limit, offset))]
    if len(found) < limit:
        before = 0
        if offset and not found:
            before = scalar(connection, f"SELECT count(*) {having.text}", having.values)
        start = max(0, offset - before) if not found else 0
        found += _lacking(connection, search, limit - len(found), start)
    return found


def _direction(sort: Sort) -> str:
    return "DESC" if sort.descending else "ASC"


def _having(connection: Connection, search: Search) -> Sql:
    """FROM and WHERE of the rows `v` of the first sort's parameter, one for each match that has a value."""
    first = search.sorts[0]
    columns = ("resource", *TIES.get(first.parameter.type, ()))
    rows = [Sql("x.parameter = ?", (first.parameter.number,))]
    if _is_single(connection, first):
        rows += _own(connection, search, first)
        others = tuple(condition for condition in search.conditions if not _asks_of(condition, first))
        tests = planning.tests_of(replace(search, conditions=others), "v.resource")
    else:
        tests = joined("AND", (planning.tests_of(search, "v.resource"), _unsurpassed(first)), TRUE)
    inner = joined("AND", rows, TRUE)
    text = (
        f"FROM (SELECT {', '.join(f'x.{column}' for column in columns)}, x.{COLUMNS[first.parameter.type]} AS value"
        f" FROM fhir_{first.parameter.type} x WHERE {inner.text}) v WHERE {tests.text}"
    )
    return Sql(text, inner.values + tests.values)


def _own(connection: Connection, search: Search, first: Sort) -> list[Sql]:
    """Where a resource has one row, what is asked of the same parameter is asked of that row."""
    pieces: list[Sql] = []
    for condition in search.conditions:
        if _asks_of(condition, first):
            pieces.append(ROWS[type(condition)](condition).where)
            if isinstance(condition, DateCondition):
                pieces.append(planning.beginning_of(connection, condition))
    return pieces


def _asks_of(condition: Condition, sort: Sort) -> bool:
    return type(condition) in ROWS and getattr(condition, "parameter", None) == sort.parameter


def _unsurpassed(first: Sort) -> Sql:
    """Whether no other row of the resource comes before row `v`; of equal ones, one."""
    table, column = f"fhir_{first.parameter.type}", COLUMNS[first.parameter.type]
    surpassed = f"o.{column} {'>' if first.descending else '<'} v.value"
    if ties := TIES.get(first.parameter.type):
        others, own = (", ".join(f"{alias}.{tie}" for tie in ties) for alias in "ov")
        surpassed = f"({surpassed} OR (o.{column} = v.value AND ({others}) < ({own})))"
    return Sql(
        f"NOT EXISTS (SELECT 1 FROM {table} o INDEXED BY {table}_resource WHERE o.resource = v.resource"
        f" AND o.parameter = ? AND {surpassed})",
        (first.parameter.number,),
    )


def _lacking(connection: Connection, search: Search, limit: int, offset: int) -> list[int]:
    first = search.sorts[0]
    without = MissingCondition(first.parameter, True)
    if search.resource_types == (first.parameter.resource_type,) and not tallied.size(connection, search, without):
        return []
    having = f"SELECT 1 FROM fhir_{first.parameter.type} o WHERE o.resource = d.number AND o.parameter = ?"
    none = Sql(f"NOT EXISTS ({having})", (first.parameter.number,))
    where = joined("AND", (present(search, "d"), planning.tests_of(search), none), TRUE)
    rest = order(search.sorts[1:], "d.number")
    text = f"SELECT d.number FROM fhir_resource d WHERE {where.text} {rest.text} LIMIT ? OFFSET ?"
    return [row[0] for row in fetch(connection, text, (*where.values, *rest.values, limit, offset))]


def _along_tokens(connection: Connection, search: Search, limit: int, part: Sorted) -> list[int]:
    """By system, then by code, as the tallies list them; tokens without a system come last, then who has none."""
    first, found = search.sorts[0], list[int]()
    for system in _systems(connection, first):
        if len(found) < limit and len(search.sorts) == 1:
            found += _of_system(connection, search, system, limit - len(found))
        elif len(found) < limit:
            found += _value_by_value(connection, search, system, limit - len(found), part)
    if len(found) < limit:
        conditions = (*search.conditions, MissingCondition(first.parameter, True))
        found += part(replace(search, conditions=conditions, sorts=search.sorts[1:]), limit - len(found))
    return found


def _systems(connection: Connection, sort: Sort) -> list[tuple[int, str]]:
    """Number and text of the systems of a parameter's tokens, in order."""
    numbers = tallied.systems(connection, sort.parameter)
    marks = ",".join("?" * len(numbers))
    texts = dict(fetch(connection, f"SELECT number, text FROM fhir_system WHERE number IN ({marks})", numbers))
    named = sorted(((number, texts[number]) for number in numbers if number in texts), key=lambda each: each[1])
    return [*(reversed(named) if sort.descending else named), *((each, "") for each in numbers if each not in texts)]


def _of_system(connection: Connection, search: Search, system: tuple[int, str], limit: int) -> list[int]:
    first = search.sorts[0]
    tests = planning.tests_of(search, "v.resource")
    text = (
        "SELECT v.resource FROM fhir_tally a CROSS JOIN fhir_token v"
        " ON v.parameter = a.parameter AND v.code = a.code AND v.system = a.system"
        f" WHERE a.parameter = ? AND a.system = ? AND a.present > 0 AND {tests.text}"
        f" ORDER BY a.code {_direction(first)}, v.resource LIMIT ?"
    )
    rows = fetch(connection, text, (first.parameter.number, system[0], *tests.values, limit))
    return [row[0] for row in rows]


def _value_by_value(
    connection: Connection, search: Search, system: tuple[int, str], limit: int, part: Sorted
) -> list[int]:
    """The matches with one code after the other, each sorted by what else is asked for."""
    first, found = search.sorts[0], list[int]()
    text = (
        "SELECT code FROM fhir_tally WHERE parameter = ? AND system = ? AND present > 0"
        f" ORDER BY code {_direction(first)}"
    )
    for (code,) in fetch(connection, text, (first.parameter.number, system[0])):
        one = TokenCondition(first.parameter, Modifier.NONE, (TokenValue(system[1], code),))
        found += part(replace(search, conditions=(*search.conditions, one), sorts=search.sorts[1:]), limit - len(found))
        if len(found) >= limit:
            break
    return found


def _along_targets(connection: Connection, search: Search, limit: int) -> list[int] | None:
    """By the age of what is referred to; None if that does not fill the page.

    What refers to something that is not stored here comes last, together with what refers to nothing.
    """
    first = search.sorts[0]
    if tallied.shaped(connection, first.parameter, KINDS["reference"]) < limit:
        return None
    tests = planning.tests_of(search, "v.resource")
    rest = order(search.sorts[1:], "v.resource")
    text = (
        "SELECT v.resource FROM fhir_resource a CROSS JOIN fhir_reference v ON v.target = a.key AND v.parameter = ?"
        f" WHERE {tests.text} ORDER BY a.number {_direction(first)}, {rest.text.removeprefix('ORDER BY ')} LIMIT ?"
    )
    rows = fetch(connection, text, (first.parameter.number, *tests.values, *rest.values, limit))
    return [row[0] for row in rows] if len(rows) == limit else None
