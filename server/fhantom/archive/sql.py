"""A query as one SELECT over study, series and instance.

The joins are nested by hand (SQLite keeps the order of CROSS JOIN): the outermost table is the one whose condition
leaves the fewest rows, and each other one is reached by an index. Rows come out in the documented order without
sorting wherever many may match, so that the first page of a million instances costs what it costs of a thousand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from fhantom.archive.attributes import MODALITIES_IN_STUDY
from fhantom.archive.query import AnyOf, Condition, Either, Level, Query
from fhantom.archive.sql_where import TABLES, Fragment, combined, has_column, level_of, where_of

_LINKS = {Level.SERIES: "series.study_id = study.id", Level.INSTANCE: "instance.series_id = series.id"}
_UIDS = {Level.STUDY: "0020000D", Level.SERIES: "0020000E", Level.INSTANCE: "00080018"}
_MODALITY = "00080060"

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


class _Source(NamedTuple):
    """FROM, and how its rows are ordered.

    Attributes:
        order: empty where the outermost table is itself in order, since SQLite would sort it once more.
        covers_below: the conditions further down are asked already.
    """

    tables: Fragment
    order: str
    covers_below: bool = False


_CAME = "(SELECT min(instance.id) FROM instance WHERE instance.series_id = series.id)"

# What Orthanc 1.10.1 shows of a study: the first instance of the series that came last.
_OF_LAST_SERIES = f"(SELECT series.metadata FROM series WHERE series.study_id = study.id ORDER BY {_CAME} DESC LIMIT 1)"


def row_columns(level: Level, *, shown: bool = False) -> tuple[str, ...]:
    """The columns of a level's rows; with `shown` a study has the metadata that is shown of it, of its last series."""
    metadata = _OF_LAST_SERIES if shown and level is Level.STUDY else f"{TABLES[level]}.metadata"
    return (*(name if level >= own else "NULL" for name, own in ROW_COLUMNS), metadata)


def select(query: Query, columns: Sequence[str]) -> Fragment:
    """The SELECT of `columns` of every row that meets the query's path and its conditions on columns.

    A condition that belongs further down is met if one row below meets all of those together.
    """
    conditions = _conditions(query)
    if query.level is Level.STUDY and len(conditions) == 1:
        # Alone, ModalitiesInStudy leads through the index of the series' modalities.
        conditions = list(map(_as_modality, conditions))
    own = [condition for condition in conditions if level_of(condition) <= query.level]
    below = [condition for condition in conditions if level_of(condition) > query.level]
    source = _source(query.level, own, below)
    wheres = [where_of(condition) for condition in own]
    if below and not source.covers_below:
        wheres.append(_exists_below(query.level, below))
    return _assembled(columns, source, wheres)


def sample(query: Query) -> Fragment:
    """The metadata of the one instance that Orthanc 1.10.1 asks about a row, as a column.

    It is the first that came, of a study that is asked for by ModalitiesInStudy the first of such a series.
    """
    asked = [one for one in query.conditions if one.path[0] == MODALITIES_IN_STUDY and has_column(one)]
    if query.level is not Level.STUDY or not asked:
        return Fragment(f"{TABLES[query.level]}.metadata")
    where = where_of(dataclasses.replace(asked[0], path=(_MODALITY,)))
    text = f"SELECT series.metadata FROM series WHERE series.study_id = study.id AND {where.text} ORDER BY {_CAME}"
    return Fragment(f"({text} LIMIT 1)", where.parameters)


def select_candidates(query: Query, columns: Sequence[str]) -> Fragment:
    """The SELECT of `columns` of every instance that meets all conditions on columns.

    They come grouped by the row of the query's level that they belong to, and those in the order of `select`.
    """
    conditions = _conditions(query)
    source = _source(Level.INSTANCE, conditions, (), grouped_by=query.level)
    return _assembled(columns, source, [where_of(one) for one in conditions])


def _assembled(columns: Sequence[str], source: _Source, wheres: Sequence[Fragment]) -> Fragment:
    text = f"SELECT {', '.join(columns)} FROM {source.tables.text}"
    if wheres:
        text += " WHERE " + " AND ".join(where.text for where in wheres)
    if source.order:
        text += f" ORDER BY {source.order}"
    return Fragment(text, (*source.tables.parameters, *(value for where in wheres for value in where.parameters)))


def select_by_id(level: Level, ids: Sequence[int], columns: Sequence[str]) -> Fragment:
    """The rows of those ids, in no particular order, each with its id first."""
    table = TABLES[level]
    marks = ", ".join("?" * len(ids))
    chosen = ", ".join((f"{table}.id", *columns))
    return Fragment(f"SELECT {chosen} FROM {_join(level, level)} WHERE {table}.id IN ({marks})", tuple(ids))


def _conditions(query: Query) -> list[Condition]:
    """The path and the conditions that have columns."""
    uids = {Level.STUDY: query.study_instance_uid, Level.SERIES: query.series_instance_uid}
    path = [Condition((_UIDS[level],), "UI", AnyOf((uid,))) for level, uid in uids.items() if uid is not None]
    return [*path, *filter(has_column, query.conditions)]


def _source(
    level: Level, own: Sequence[Condition], below: Sequence[Condition], grouped_by: Level | None = None
) -> _Source:
    """Rows of `level`, nested from the table that leaves the fewest."""
    grouped_by = grouped_by or level
    by_uid = max((level_of(one) for one in (*own, *below) if _is_uid_key(one)), default=None)
    modality = next((one for one in (*own, *below) if _is_modality_key(one)), None)
    on_study = any(level_of(one) is Level.STUDY and one.path[0] != MODALITIES_IN_STUDY for one in own)
    if by_uid is not None and by_uid > level:
        return _found_below(level, below, by_uid)
    if by_uid is not None or on_study:
        return _Source(Fragment(_join(by_uid or Level.STUDY, level)), _order(grouped_by))
    if level is Level.STUDY and modality is not None and len((*own, *below)) == 1:
        return _found_below(level, below, Level.SERIES)
    if grouped_by is Level.INSTANCE and modality is not None:
        return _by_series_of(modality)
    return _Source(Fragment(_join(grouped_by, level)), _order(grouped_by))


def _by_series_of(modality: Condition) -> _Source:
    """Instances series by series: to sort those of a common modality would take long."""
    where = where_of(modality)
    found = f"(SELECT id FROM series WHERE {where.text} ORDER BY id) AS found CROSS JOIN series ON series.id = found.id"
    return _Source(Fragment(_join(Level.SERIES, Level.INSTANCE).replace("series", found, 1), where.parameters), "")


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
    table, first = TABLES[level], Level(level + 1)
    key = f"{TABLES[first]}.{table}_id"
    where = combined("AND", [where_of(condition) for condition in below])
    found = _join(outermost, max(map(level_of, below)), first)
    found = f"(SELECT DISTINCT {key} AS id FROM {found} WHERE {where.text} ORDER BY {key}) AS found"
    tables = _join(level, level).replace(table, f"{found} CROSS JOIN {table} ON {table}.id = found.id", 1)
    return _Source(Fragment(tables, where.parameters), "", covers_below=True)


def _exists_below(level: Level, below: Sequence[Condition]) -> Fragment:
    first = Level(level + 1)
    where = combined("AND", [where_of(condition) for condition in below])
    tables = _join(first, max(map(level_of, below)), first)
    return Fragment(f"EXISTS (SELECT 1 FROM {tables} WHERE {_LINKS[first]} AND {where.text})", where.parameters)


def _join(outermost: Level, deepest: Level, top: Level = Level.STUDY) -> str:
    """The tables from `top` to `deepest`: first `outermost`, then those above it, then those below it."""
    above = range(outermost - 1, top - 1, -1)
    under = range(outermost + 1, deepest + 1)
    joined = TABLES[outermost]
    for level in map(Level, above):
        joined += f" CROSS JOIN {TABLES[level]} ON {_LINKS[Level(level + 1)]}"
    for level in map(Level, under):
        joined += f" CROSS JOIN {TABLES[level]} ON {_LINKS[level]}"
    return joined


def _order(level: Level) -> str:
    return f"{TABLES[level]}.id"
