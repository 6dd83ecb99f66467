"""A query as one SELECT over study, series and instance.

The joins are nested by hand (SQLite keeps the order of CROSS JOIN): the outermost table is the one whose condition
leaves the fewest rows, and each other one is reached by an index. Rows come out in the documented order without
sorting wherever many may match, so that the first page of a million instances costs what it costs of a thousand.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import NamedTuple

from fhantom.archive.attributes import COLUMNS, MODALITIES_IN_STUDY
from fhantom.archive.query import (
    AnyOf,
    Between,
    Comparable,
    Condition,
    Each,
    Either,
    Level,
    Like,
    Missing,
    Present,
    Query,
    Similar,
    Test,
)

_TABLES = {Level.STUDY: "study", Level.SERIES: "series", Level.INSTANCE: "instance"}
_LINKS = {Level.SERIES: "series.study_id = study.id", Level.INSTANCE: "instance.series_id = series.id"}
_UIDS = {Level.STUDY: "0020000D", Level.SERIES: "0020000E", Level.INSTANCE: "00080018"}
_MODALITY = "00080060"
_LAST_CHARACTER = chr(0x10FFFF)

ROW_COLUMNS: tuple[tuple[str, Level], ...] = (
    ("study.study_instance_uid", Level.STUDY),
    ("study.attributes", Level.STUDY),
    ("study.modalities", Level.STUDY),
    ("study.number_of_series", Level.STUDY),
    ("study.number_of_instances", Level.STUDY),
    ("series.series_instance_uid", Level.SERIES),
    ("series.attributes", Level.SERIES),
    ("series.number_of_instances", Level.SERIES),
    ("instance.sop_instance_uid", Level.INSTANCE),
    ("instance.attributes", Level.INSTANCE),
    ("instance.transfer_syntax_uid", Level.INSTANCE),
)
"""What a row of an answer is made of, and the level from which on it is there; the digest of its metadata follows."""


class Fragment(NamedTuple):
    """A piece of SQL and its parameters."""

    text: str
    parameters: tuple[Comparable, ...] = ()


class _Source(NamedTuple):
    """FROM, and how its rows are ordered.

    Attributes:
        order: empty where the outermost table is itself in order, since SQLite would sort it once more.
        covers_below: the conditions further down are asked already.
    """

    tables: Fragment
    order: str
    covers_below: bool = False


def has_column(condition: Condition) -> bool:
    """Whether the condition can be asked of the rows; else it is asked of the DICOM JSON."""
    return len(condition.path) == 1 and (
        condition.path[0] in COLUMNS or condition.path[0] == MODALITIES_IN_STUDY
    )


def row_columns(level: Level) -> tuple[str, ...]:
    """The columns of a level's rows."""
    return (*(name if level >= own else "NULL" for name, own in ROW_COLUMNS), f"{_TABLES[level]}.metadata")


def select(query: Query, columns: Sequence[str]) -> Fragment:
    """The SELECT of `columns` of every row that meets the query's path and its conditions on columns.

    A condition that belongs further down is met if one row below meets all of those together.
    """
    conditions = _conditions(query)
    own = [condition for condition in conditions if _level_of(condition) <= query.level]
    below = [condition for condition in conditions if _level_of(condition) > query.level]
    source = _source(query.level, own, below)
    wheres = [_where(condition) for condition in own]
    if below and not source.covers_below:
        wheres.append(_exists_below(query.level, below))
    return _assembled(columns, source, wheres)


def select_candidates(query: Query, columns: Sequence[str]) -> Fragment:
    """The SELECT of `columns` of every instance that meets all conditions on columns.

    They come grouped by the row of the query's level that they belong to, and those in the order of `select`.
    """
    conditions = _conditions(query)
    source = _source(Level.INSTANCE, conditions, ())
    return _assembled(
        columns, source._replace(order=_order(query.level)), [_where(one) for one in conditions]
    )


def _assembled(columns: Sequence[str], source: _Source, wheres: Sequence[Fragment]) -> Fragment:
    text = f"SELECT {', '.join(columns)} FROM {source.tables.text}"
    if wheres:
        text += " WHERE " + " AND ".join(where.text for where in wheres)
    if source.order:
        text += f" ORDER BY {source.order}"
    return Fragment(
        text, (*source.tables.parameters, *(value for where in wheres for value in where.parameters))
    )


def select_by_id(level: Level, ids: Sequence[int]) -> Fragment:
    """The rows of those ids, in no particular order, each with its id first."""
    table = _TABLES[level]
    columns = ", ".join((f"{table}.id", *row_columns(level)))
    marks = ", ".join("?" * len(ids))
    return Fragment(f"SELECT {columns} FROM {_join(level, level)} WHERE {table}.id IN ({marks})", tuple(ids))


def _conditions(query: Query) -> list[Condition]:
    """The path and the conditions that have columns."""
    uids = {Level.STUDY: query.study_instance_uid, Level.SERIES: query.series_instance_uid}
    path = [Condition((_UIDS[level],), "UI", AnyOf((uid,))) for level, uid in uids.items() if uid is not None]
    conditions = [*path, *filter(has_column, query.conditions)]
    if query.level is Level.STUDY and len(conditions) == 1:
        # Alone, ModalitiesInStudy leads through the index of the series' modalities.
        conditions = list(map(_as_modality, conditions))
    return conditions


def _level_of(condition: Condition) -> Level:
    tag = condition.path[0]
    return Level.STUDY if tag == MODALITIES_IN_STUDY else COLUMNS[tag].level


def _source(level: Level, own: Sequence[Condition], below: Sequence[Condition]) -> _Source:
    """Nested from the table that leaves the fewest rows."""
    by_uid = max((_level_of(one) for one in (*own, *below) if _is_uid_key(one)), default=None)
    modality = next((one for one in (*own, *below) if _is_modality_key(one)), None)
    on_study = any(_level_of(one) is Level.STUDY and one.path[0] != MODALITIES_IN_STUDY for one in own)
    if by_uid is not None and by_uid > level:
        return _found_below(level, below, by_uid)
    if by_uid is not None or on_study:
        return _Source(Fragment(_join(by_uid or Level.STUDY, level)), _order(level))
    if level is Level.STUDY and modality is not None and len((*own, *below)) == 1:
        return _found_below(level, below, Level.SERIES)
    if level is Level.INSTANCE and modality is not None:
        return _by_series_of(modality)
    return _Source(Fragment(_join(level, level)), _order(level))


def _by_series_of(modality: Condition) -> _Source:
    """Instances series by series: to sort those of a common modality would take long."""
    where = _where(modality)
    found = f"(SELECT id FROM series WHERE {where.text} ORDER BY id) AS found CROSS JOIN series ON series.id = found.id"
    return _Source(
        Fragment(_join(Level.SERIES, Level.INSTANCE).replace("series", found, 1), where.parameters), ""
    )


def _as_modality(condition: Condition) -> Condition:
    if condition.path[0] != MODALITIES_IN_STUDY:
        return condition
    as_modality = dataclasses.replace(condition, path=(_MODALITY,))
    return as_modality if _is_modality_key(as_modality) else condition


def _is_uid_key(condition: Condition) -> bool:
    return condition.path[0] in _UIDS.values() and isinstance(condition.test, AnyOf)


def _is_modality_key(condition: Condition) -> bool:
    return condition.path[0] == _MODALITY and isinstance(condition.test, AnyOf | Either)


def _found_below(level: Level, below: Sequence[Condition], outermost: Level) -> _Source:
    """The rows of `level` by way of the ids that the matching rows below name, each once and in order."""
    table, first = _TABLES[level], Level(level + 1)
    key = f"{_TABLES[first]}.{table}_id"
    where = _all("AND", [_where(condition) for condition in below])
    tables = _join(outermost, max(map(_level_of, below)), first)
    found = f"(SELECT DISTINCT {key} AS id FROM {tables} WHERE {where.text} ORDER BY {key}) AS found"
    joined = _join(level, level).replace(table, f"{found} CROSS JOIN {table} ON {table}.id = found.id", 1)
    return _Source(Fragment(joined, where.parameters), "", covers_below=True)


def _exists_below(level: Level, below: Sequence[Condition]) -> Fragment:
    first = Level(level + 1)
    where = _all("AND", [_where(condition) for condition in below])
    tables = _join(first, max(map(_level_of, below)), first)
    return Fragment(
        f"EXISTS (SELECT 1 FROM {tables} WHERE {_LINKS[first]} AND {where.text})", where.parameters
    )


def _join(outermost: Level, deepest: Level, top: Level = Level.STUDY) -> str:
    """The tables from `top` to `deepest`: first `outermost`, then those above it, then those below it."""
    above = range(outermost - 1, top - 1, -1)
    under = range(outermost + 1, deepest + 1)
    joined = _TABLES[outermost]
    for level in map(Level, above):
        joined += f" CROSS JOIN {_TABLES[level]} ON {_LINKS[Level(level + 1)]}"
    for level in map(Level, under):
        joined += f" CROSS JOIN {_TABLES[level]} ON {_LINKS[level]}"
    return joined


def _order(level: Level) -> str:
    return f"{_TABLES[level]}.id"


def _where(condition: Condition) -> Fragment:
    tag = condition.path[0]
    if tag == MODALITIES_IN_STUDY:
        return _modalities(condition.test)
    column = COLUMNS[tag]
    return _test(f"{_TABLES[column.level]}.{column.name}", condition.test)


def _modalities(test: Test) -> Fragment:
    """ModalitiesInStudy: any series of the study passes; of several values that all must match, each by one."""
    if isinstance(test, Each):
        return _all("AND", [_modalities(part) for part in test.tests])
    inner = _test("other.modality", test)
    return Fragment(
        f"EXISTS (SELECT 1 FROM series AS other WHERE other.study_id = study.id AND {inner.text})",
        inner.parameters,
    )


def _test(column: str, test: Test) -> Fragment:
    match test:
        case AnyOf(values=()) | Similar():
            return Fragment("0")
        case AnyOf(values=(value,)):
            return Fragment(f"{column} = ?", (value,))
        case AnyOf(values=values):
            return Fragment(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(values),))
        case Like(pattern=pattern):
            return _like(column, pattern)
        case Between(low=low, high=high):
            bounds = [(">=", low), ("<=", high)]
            given = [(sign, value) for sign, value in bounds if value is not None]
            text = " AND ".join(f"{column} {sign} ?" for sign, _ in given) or f"{column} IS NOT NULL"
            return Fragment(text, tuple(value for _, value in given))
        case Present():
            return Fragment(f"{column} IS NOT NULL")
        case Missing():
            return Fragment(f"({column} IS NULL OR {column} = '')")
        case Either(tests=tests):
            return _all("OR", [_test(column, part) for part in tests])
        case Each(tests=tests):
            return _all("AND", [_test(column, part) for part in tests])


def _all(word: str, parts: Sequence[Fragment]) -> Fragment:
    text = f" {word} ".join(part.text for part in parts)
    return Fragment(f"({text})", tuple(value for part in parts for value in part.parameters))


def _like(column: str, pattern: str) -> Fragment:
    # GLOB has the same `*` and `?`; the range on the literal prefix lets SQLite use the index.
    glob = pattern.replace("[", "[[]")
    prefix = pattern[: min(pattern.find(char) % (len(pattern) + 1) for char in "*?")]
    if not prefix:
        return Fragment(f"{column} GLOB ?", (glob,))
    return Fragment(
        f"{column} >= ? AND {column} < ? AND {column} GLOB ?", (prefix, prefix + _LAST_CHARACTER, glob)
    )
