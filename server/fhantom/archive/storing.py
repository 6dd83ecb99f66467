"""Writing rows: one object at a time, inside the caller's transaction.

Statements go to the driver's own cursor: with SQLAlchemy's in between, a STOW spends more on them than on SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple, cast

from sqlalchemy import Connection

from fhantom.archive.accepting import Accepted
from fhantom.archive.query import Level
from fhantom.archive.rows import COLUMN_NAMES, column_values, default_attributes

_MODALITY = '"00080060":'


class Existing(NamedTuple):
    """What is kept already under an object's UIDs."""

    study_id: int
    series_id: int
    id: int
    metadata: bytes
    blob: bytes | None


_EXISTING = (
    "SELECT series.study_id, series.id, instance.id, instance.metadata, instance.blob FROM instance"
    " CROSS JOIN series ON series.id = instance.series_id AND series.series_instance_uid = ?"
    " CROSS JOIN study ON study.id = series.study_id AND study.study_instance_uid = ?"
    " WHERE instance.sop_instance_uid = ?"
)


def cursor_of(connection: Connection) -> sqlite3.Cursor:
    """The driver's cursor, within the transaction that the connection is in."""
    if not connection.in_transaction():
        connection.begin()
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    return driver.cursor()


def find_existing(cursor: sqlite3.Cursor, accepted: Accepted) -> Existing | None:
    """The instance with the same three UIDs."""
    uids = (accepted.series_instance_uid, accepted.study_instance_uid, accepted.sop_instance_uid)
    row = cursor.execute(_EXISTING, uids).fetchone()
    return None if row is None else Existing(*row)


def insert(cursor: sqlite3.Cursor, accepted: Accepted, metadata: bytes, blob: bytes | None) -> None:
    """Add an instance, its series and study where they are new, and count it.

    Args:
        metadata: digest of its DICOM JSON.
        blob: digest of its bytes, None without them.
    """
    study_id = _study(cursor, accepted, metadata)
    series_id = _series(cursor, accepted, study_id, metadata)
    columns = ("series_id", *COLUMN_NAMES[Level.INSTANCE], *_INSTANCE_COLUMNS)
    values = (series_id, *_instance_values(accepted, metadata, blob))
    cursor.execute(_insertion("instance", columns), values)
    cursor.execute(
        "UPDATE series SET number_of_instances = number_of_instances + 1 WHERE id = ?", (series_id,)
    )
    cursor.execute("UPDATE study SET number_of_instances = number_of_instances + 1 WHERE id = ?", (study_id,))


def replace(
    cursor: sqlite3.Cursor, old: Existing, accepted: Accepted, metadata: bytes, blob: bytes | None
) -> None:
    """Put an object in the place of another; study and series follow if it was the one that they were taken from."""
    _update(
        cursor,
        "instance",
        old.id,
        Level.INSTANCE,
        _INSTANCE_COLUMNS,
        _instance_values(accepted, metadata, blob),
    )
    for level, table, row_id in (
        (Level.SERIES, "series", old.series_id),
        (Level.STUDY, "study", old.study_id),
    ):
        (source,) = cursor.execute(f"SELECT metadata FROM {table} WHERE id = ?", (row_id,)).fetchone()
        if source == old.metadata:
            _update(cursor, table, row_id, level, _LEVEL_COLUMNS, _level_values(accepted, level, metadata))
    _set_modalities(cursor, old.study_id)


_LEVEL_COLUMNS = ("attributes", "metadata")
_INSTANCE_COLUMNS = (
    "attributes",
    "metadata",
    "blob",
    "transfer_syntax_uid",
    "size",
    "number_of_frames",
    "pixel_offset",
    "pixel_length",
)


def _level_values(accepted: Accepted, level: Level, metadata: bytes) -> tuple[object, ...]:
    return (*column_values(accepted.record, level), default_attributes(accepted.record, level), metadata)


def _instance_values(accepted: Accepted, metadata: bytes, blob: bytes | None) -> tuple[object, ...]:
    return (
        *_level_values(accepted, Level.INSTANCE, metadata),
        blob,
        accepted.transfer_syntax_uid,
        accepted.size,
        accepted.number_of_frames,
        accepted.pixel_offset,
        accepted.pixel_length,
    )


def _study(cursor: sqlite3.Cursor, accepted: Accepted, metadata: bytes) -> int:
    uid = accepted.study_instance_uid
    row = cursor.execute("SELECT id FROM study WHERE study_instance_uid = ?", (uid,)).fetchone()
    if row is not None:
        return int(row[0])
    columns = (
        *COLUMN_NAMES[Level.STUDY],
        *_LEVEL_COLUMNS,
        "modalities",
        "number_of_series",
        "number_of_instances",
    )
    values = (*_level_values(accepted, Level.STUDY, metadata), "", 0, 0)
    return cursor.execute(_insertion("study", columns), values).lastrowid or 0


def _series(cursor: sqlite3.Cursor, accepted: Accepted, study_id: int, metadata: bytes) -> int:
    row = cursor.execute(
        "SELECT id FROM series WHERE series_instance_uid = ? AND study_id = ?",
        (accepted.series_instance_uid, study_id),
    ).fetchone()
    if row is not None:
        return int(row[0])
    columns = ("study_id", *COLUMN_NAMES[Level.SERIES], *_LEVEL_COLUMNS, "number_of_instances")
    values = (study_id, *_level_values(accepted, Level.SERIES, metadata), 0)
    series_id = cursor.execute(_insertion("series", columns), values).lastrowid or 0
    cursor.execute("UPDATE study SET number_of_series = number_of_series + 1 WHERE id = ?", (study_id,))
    _set_modalities(cursor, study_id)
    return series_id


def _set_modalities(cursor: sqlite3.Cursor, study_id: int) -> None:
    found: set[str] = set()
    for (attributes,) in cursor.execute("SELECT attributes FROM series WHERE study_id = ?", (study_id,)):
        for line in attributes.split("\n"):
            if line.startswith(_MODALITY):
                found.update(value for value in json.loads(line[len(_MODALITY) :]).get("Value", ()) if value)
    listed = json.dumps(sorted(found), separators=(",", ":"), ensure_ascii=False)[1:-1]
    cursor.execute("UPDATE study SET modalities = ? WHERE id = ?", (listed, study_id))


def _insertion(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _update(
    cursor: sqlite3.Cursor,
    table: str,
    row_id: int,
    level: Level,
    more: tuple[str, ...],
    values: tuple[object, ...],
) -> None:
    settings = ", ".join(f"{column} = ?" for column in (*COLUMN_NAMES[level], *more))
    cursor.execute(f"UPDATE {table} SET {settings} WHERE id = ?", (*values, row_id))
