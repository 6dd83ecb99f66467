"""Carrying out a search: `plan` finds candidates, `ordering` puts matches in order, `counting` counts."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from fhantom.errors import BadRequest
from fhantom.resources import totals
from fhantom.resources.query import Search, Total
from fhantom.resources.reading import COLUMNS, stored
from fhantom.resources.records import Page, Stored
from fhantom.resources.rows import fetch, scalar
from fhantom.resources.searching import contents, counting, ordering, walking
from fhantom.resources.searching import plan as planning
from fhantom.resources.searching.including import included
from fhantom.resources.searching.plan import Plan
from fhantom.resources.searching.resolving import resolved
from fhantom.world import World, cursor_of

_CHUNK = 500


LONGEST = 20.0
"""Seconds that one search may take; an ordinary one takes a thousandth of one."""

_STEPS_BETWEEN_LOOKS = 1_000_000
_STEPS_A_SECOND = 1_000_000  # an old machine's
_TOO_COMPLEX = ("too large", "too many", "stack overflow", "too big", "interrupted")


def search(world: World, connection: Connection, search: Search, *, longest: float | None = None) -> Page:
    """Carry out one page of a search on what `connection` sees, what it wrote itself included.

    BadRequest if it has so many conditions, or so many within each other, that SQLite does not take it, or that
    it is not done within `longest` seconds (LONGEST unless told).
    """
    longest = LONGEST if longest is None else longest
    end = time.monotonic() + longest
    driver = cursor_of(connection).connection
    steps = max(1, min(_STEPS_BETWEEN_LOOKS, int(longest * _STEPS_A_SECOND)))
    driver.set_progress_handler(lambda: time.monotonic() > end, steps)
    try:
        return _search(world, connection, search)
    except sqlite3.OperationalError as error:
        if any(words in str(error) for words in _TOO_COMPLEX):
            raise BadRequest("the search has too many conditions to be carried out") from error
        raise
    finally:
        driver.set_progress_handler(None, 0)


def _search(world: World, connection: Connection, search: Search) -> Page:
    conditions = tuple(resolved(connection, condition) for condition in search.conditions)
    if conditions != search.conditions:
        search = replace(search, conditions=conditions)
    known = totals.known(search.offset, search.count)
    ahead = known + 1 if search.offset == 0 and known is not None else search.count + 1
    limit = max(ahead, search.count + 1)
    plan = planning.make(connection, search, deep=False)
    counts = search.total is not Total.DEFAULT or bool(contents.asked(search))
    found = None if plan.is_final or counts else ordering.near(connection, search, plan, limit)
    if not plan.is_final and found is None and not walking.is_bounded(connection, search):
        plan = planning.make(connection, search, deep=True)
    if contents.asked(search):
        return _search_contents(world, connection, search, plan)
    if search.total is Total.ONLY:
        return Page((), (), counting.count(connection, search, plan), False, 0)
    if found is None:
        found = ordering.numbers(connection, search, plan, limit, search.offset)
    page = list(dict.fromkeys(found))
    matches = tuple(records(connection, page[: search.count]))
    more = len(page) > search.count
    return Page(
        matches,
        included(connection, search, matches),
        _total(connection, search, plan, len(found), known),
        more,
        search.snapshot or (_snapshot(connection) if more else 0),
        (search.offset + search.count, matches[-1].number) if matches else None,
    )


def _total(connection: Connection, search: Search, plan: Plan, found: int, known: int | None) -> int | None:
    if search.total is Total.ACCURATE:
        return counting.count(connection, search, plan)
    if search.by_offset:
        return search.offset + found if found < search.count else None
    if search.offset == 0 and known is not None:
        return found if found <= known else None
    total = counting.count(connection, search, plan, known)
    return total if known is None or total <= known else None


def _snapshot(connection: Connection) -> int:
    return scalar(connection, "SELECT max(number) FROM fhir_resource")


def records(connection: Connection, numbers: Sequence[int]) -> list[Stored]:
    """The present versions of resources by number, in the order given."""
    found: dict[int, Stored] = {}
    for start in range(0, len(numbers), _CHUNK):
        chunk = tuple(numbers[start : start + _CHUNK])
        marks = ",".join("?" * len(chunk))
        select = f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.number IN ({marks})"
        found.update((row[-1], stored(row)) for row in fetch(connection, select, chunk))
    return [found[number] for number in numbers]


def _search_contents(world: World, connection: Connection, search: Search, plan: Plan) -> Page:
    """A search that reads the texts of everything that its other conditions leave."""
    every = replace(search, offset=0, after=None)
    found = records(connection, ordering.numbers(connection, every, plan, -1, 0))
    matching = contents.having(world, contents.asked(search), found)
    snapshot = search.snapshot or _snapshot(connection)
    if search.total is Total.ONLY:
        return Page((), (), len(matching), False, snapshot)
    matches = tuple(matching[search.offset : search.offset + search.count])
    more = len(matching) > search.offset + search.count
    return Page(matches, included(connection, search, matches), len(matching), more, snapshot)
