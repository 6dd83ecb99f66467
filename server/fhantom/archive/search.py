"""Searches answered from the rows: conditions in SQL where there are columns, on the DICOM JSON where not."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from fhantom.archive import sql
from fhantom.archive.answering import Match, Row, match, needs_record
from fhantom.archive.attributes import COLUMNS
from fhantom.archive.matching import is_similar, meets
from fhantom.archive.query import AnyOf, Condition, Query, Similar
from fhantom.archive.sql_where import Fragment, has_column, level_of
from fhantom.world import World, cursor_of

__all__ = ["Match", "count", "first_within", "remaining", "search"]

_BATCH = 200
"""Objects whose DICOM JSON is fetched at a time."""

_STEPS_BETWEEN_LOOKS = 10_000


def search(world: World, connection: Connection, query: Query) -> Iterator[Match]:
    """The matches in a stable order: studies and series by their ids, instances as they came (`storing.identifier`).

    Of instances asked for by modality alone those of one series come together, in the order of the series.
    """
    cursor = cursor_of(connection)
    query = _with_names_resolved(cursor, query)
    if query.sampled:
        rows = _rows_by_sample(world, cursor, query)
    else:
        rows = _rows_by_json(world, cursor, query) if _needs_json(query) else _rows(cursor, query)
    return _matches(world, query, rows)


def first_within(world: World, connection: Connection, query: Query, most: int, seconds: float) -> list[Match] | None:
    """Up to `most` of the matches, or None where it would take longer than `seconds` to find them."""
    try:
        with _patience(cursor_of(connection), seconds):
            return list(islice(search(world, connection, query), most))
    except TimeoutError:
        return None


def remaining(world: World, connection: Connection, query: Query, most: int = 100) -> int:
    """How many matches lie beyond the query's limit, counted up to `most`."""
    if query.limit is None:
        return 0
    return count(world, connection, dataclasses.replace(query, offset=query.offset + query.limit), most)


def count(world: World, connection: Connection, query: Query, most: int, *, seconds: float | None = None) -> int:
    """How many matches there are from the query's offset on, counted up to `most`.

    Raises:
        TimeoutError: it would take longer than `seconds`.
    """
    counted = dataclasses.replace(query, limit=most)
    cursor = cursor_of(connection)
    with nullcontext() if seconds is None else _patience(cursor, seconds):
        return _count(world, cursor, _with_names_resolved(cursor, counted))


@contextmanager
def _patience(cursor: sqlite3.Cursor, seconds: float) -> Iterator[None]:
    """What is asked of the database within raises TimeoutError where it goes on for longer than `seconds`."""
    end = time.monotonic() + seconds
    cursor.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if time.monotonic() > end:
            raise TimeoutError from error
        raise
    finally:
        cursor.connection.set_progress_handler(None, 0)


def _count(world: World, cursor: sqlite3.Cursor, query: Query) -> int:
    if query.sampled:
        return sum(1 for _ in _rows_by_sample(world, cursor, query))
    if _needs_json(query):
        return sum(1 for _ in _ids_by_json(world, cursor, query))
    select = sql.select(query, ("1",))
    text, parameters = _paged(select, query)
    (found,) = cursor.execute(f"SELECT count(*) FROM ({text})", parameters).fetchone()
    return int(found)


def _needs_json(query: Query) -> bool:
    return not all(map(has_column, query.conditions))


def _with_names_resolved(cursor: sqlite3.Cursor, query: Query) -> Query:
    """Similarity is asked of every name that there is; what passes is looked up like any list of values."""
    conditions = tuple(_resolved(cursor, condition) for condition in query.conditions)
    return dataclasses.replace(query, conditions=conditions)


def _resolved(cursor: sqlite3.Cursor, condition: Condition) -> Condition:
    test = condition.test
    if not isinstance(test, Similar) or not has_column(condition):
        return condition
    column = COLUMNS[condition.path[0]]
    table = column.level.name.lower()
    names = cursor.execute(f"SELECT DISTINCT {column.name} FROM {table} WHERE {column.name} IS NOT NULL")
    return dataclasses.replace(condition, test=AnyOf(tuple(name for (name,) in names if is_similar(name, test))))


def _rows(cursor: sqlite3.Cursor, query: Query) -> Iterator[Row]:
    select = sql.select(query, _columns(query))
    return map(Row._make, cursor.execute(*_paged(select, query)))


def _columns(query: Query) -> tuple[str, ...]:
    return sql.row_columns(query.level, shown=needs_record(query))


def _paged(select: Fragment, query: Query) -> tuple[str, tuple[Any, ...]]:
    limit = -1 if query.limit is None else query.limit
    return f"{select.text} LIMIT ? OFFSET ?", (*select.parameters, limit, query.offset)


def _rows_by_json(world: World, cursor: sqlite3.Cursor, query: Query) -> Iterator[Row]:
    ids = _ids_by_json(world, cursor, query)
    while batch := list(islice(ids, _BATCH)):
        select = sql.select_by_id(query.level, batch, _columns(query))
        found = {row[0]: Row._make(row[1:]) for row in cursor.connection.execute(select.text, select.parameters)}
        yield from (found[row_id] for row_id in batch)


def _rows_by_sample(world: World, cursor: sqlite3.Cursor, query: Query) -> Iterator[Row]:
    """Rows by the conditions on their own columns; the others are asked of the instance that describes a row."""
    own = tuple(one for one in query.conditions if has_column(one) and level_of(one) <= query.level)
    others = [one for one in query.conditions if one not in own]
    if not others:
        return _rows(cursor, query)
    every = dataclasses.replace(query, conditions=own, limit=None, offset=0)
    sample = sql.sample(query)
    text, parameters = _paged(sql.select(every, (*_columns(query), sample.text)), every)
    found = cursor.execute(text, (*sample.parameters, *parameters))
    passing = (Row._make(row[:-1]) for row in found if _meets_all(world, row[-1], others))
    return islice(passing, query.offset, None if query.limit is None else query.offset + query.limit)


def _meets_all(world: World, metadata: bytes, conditions: Sequence[Condition]) -> bool:
    record = json.loads(world.texts.get(metadata))
    return all(meets(record, one) for one in conditions)


def _ids_by_json(world: World, cursor: sqlite3.Cursor, query: Query) -> Iterator[int]:
    """Ids of the rows below which one instance meets every condition, those on columns included."""
    asked = [condition for condition in query.conditions if not has_column(condition)]
    key = f"{query.level.name.lower()}.id"
    select = sql.select_candidates(query, (key, "instance.metadata"))
    candidates = cursor.connection.execute(select.text, select.parameters)
    stop = None if query.limit is None else query.offset + query.limit
    return islice(_passing(world, candidates, asked), query.offset, stop)


def _passing(world: World, candidates: sqlite3.Cursor, asked: Sequence[Condition]) -> Iterator[int]:
    last = None
    while batch := candidates.fetchmany(_BATCH):
        for (row_id, _), text in zip(batch, world.texts.get_many([digest for _, digest in batch]), strict=True):
            # The candidates of one row come one after the other, and one that passes is enough.
            if row_id != last and all(meets(json.loads(text), condition) for condition in asked):
                last = row_id
                yield row_id


def _matches(world: World, query: Query, rows: Iterator[Row]) -> Iterator[Match]:
    if not needs_record(query):
        yield from (match(row, query) for row in rows)
        return
    while batch := list(islice(rows, _BATCH)):
        texts = world.texts.get_many([row.metadata for row in batch])
        for row, text in zip(batch, texts, strict=True):
            yield match(row, query, json.loads(text))
