"""Writing rows: one object at a time, inside the caller's transaction.

Statements go to the driver's own cursor: through SQLAlchemy a STOW spends more time on them than in SQLite.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import NamedTuple

from fhantom.archive.accepting import Accepted
from fhantom.archive.query import Level
from fhantom.archive.rows import COLUMN_NAMES, column_values, default_attributes

_PATIENT_ID = "00100020"
_MODALITY = '"00080060":'

_STUDY = (*COLUMN_NAMES[Level.STUDY], "attributes", "metadata")
_SERIES = (*COLUMN_NAMES[Level.SERIES], "attributes", "metadata")
_INSTANCE = (
    *COLUMN_NAMES[Level.INSTANCE],
    "attributes",
    "metadata",
    "blob",
    "transfer_syntax_uid",
    "size",
    "number_of_frames",
    "pixel_offset",
    "pixel_length",
)


def _insertion(table: str, *columns: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _replacement(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?"


_INSERT_STUDY = _insertion("study", *_STUDY, "modalities", "number_of_series", "number_of_instances", "id")
_INSERT_SERIES = _insertion("series", *_SERIES, "study_id", "number_of_instances", "id")
_INSERT_INSTANCE = _insertion("instance", *_INSTANCE, "series_id")
_COUNT_IN_SERIES = "UPDATE series SET number_of_instances = number_of_instances + 1 WHERE id = ?"
_COUNT_IN_STUDY = "UPDATE study SET number_of_instances = number_of_instances + 1 WHERE id = ?"
_FIND_STUDY = "SELECT id FROM study WHERE study_instance_uid = ?"
_FIND_SERIES = "SELECT id FROM series WHERE series_instance_uid = ? AND study_id = ?"
_FIND_EXISTING = (
    "SELECT series.study_id, series.id, instance.id, instance.metadata, instance.blob FROM instance"
    " CROSS JOIN series ON series.id = instance.series_id AND series.series_instance_uid = ?"
    " CROSS JOIN study ON study.id = series.study_id AND study.study_instance_uid = ?"
    " WHERE instance.sop_instance_uid = ?"
)


class Existing(NamedTuple):
    """What is kept already under an object's UIDs."""

    study_id: int
    series_id: int
    id: int
    metadata: bytes
    blob: bytes | None


def find_existing(cursor: sqlite3.Cursor, accepted: Accepted) -> Existing | None:
    """The instance with the same three UIDs."""
    uids = (accepted.series_instance_uid, accepted.study_instance_uid, accepted.sop_instance_uid)
    row = cursor.execute(_FIND_EXISTING, uids).fetchone()
    return None if row is None else Existing(*row)


def identifier(*parts: str) -> int:
    """The id of a study or series, from PatientID and UIDs: ordered by it, answers come in Orthanc's order.

    Orthanc names a resource by the SHA-1 of these parts between bars, and answers in the order of the names; 63
    bits of it fit into SQLite's row id. The order does not depend on which object came first.
    """
    digest = hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def insert(cursor: sqlite3.Cursor, accepted: Accepted, metadata: bytes, blob: bytes | None) -> None:
    """Add an instance, its series and study where they are new, and count it.

    Args:
        metadata: digest of its DICOM JSON.
        blob: digest of its bytes, None without them.
    """
    study_id = _study_id(cursor, accepted, metadata)
    series_id = _series_id(cursor, accepted, study_id, metadata)
    cursor.execute(_INSERT_INSTANCE, (*_instance_values(accepted, metadata, blob), series_id))
    cursor.execute(_COUNT_IN_SERIES, (series_id,))
    cursor.execute(_COUNT_IN_STUDY, (study_id,))


def replace(cursor: sqlite3.Cursor, old: Existing, accepted: Accepted, metadata: bytes, blob: bytes | None) -> None:
    """Put an object in the place of another; study and series follow if they were described by that one."""
    values = _instance_values(accepted, metadata, blob)
    cursor.execute(_replacement("instance", _INSTANCE), (*values, old.id))
    for table, columns, row_id, level in (
        ("series", _SERIES, old.series_id, Level.SERIES),
        ("study", _STUDY, old.study_id, Level.STUDY),
    ):
        (source,) = cursor.execute(f"SELECT metadata FROM {table} WHERE id = ?", (row_id,)).fetchone()
        if source == old.metadata:
            cursor.execute(_replacement(table, columns), (*_level_values(accepted, level, metadata), row_id))
    set_modalities(cursor, old.study_id)


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


def _study_id(cursor: sqlite3.Cursor, accepted: Accepted, metadata: bytes) -> int:
    row = cursor.execute(_FIND_STUDY, (accepted.study_instance_uid,)).fetchone()
    if row is not None:
        return int(row[0])
    study_id = identifier(_patient_id(accepted), accepted.study_instance_uid)
    values = _level_values(accepted, Level.STUDY, metadata)
    cursor.execute(_INSERT_STUDY, (*values, "", 0, 0, study_id))
    return study_id


def is_of_other_patient(cursor: sqlite3.Cursor, accepted: Accepted) -> bool:
    """Whether an object's study came first under another PatientID, whose study it stays."""
    row = cursor.execute(_FIND_STUDY, (accepted.study_instance_uid,)).fetchone()
    return row is not None and int(row[0]) != identifier(_patient_id(accepted), accepted.study_instance_uid)


def _series_id(cursor: sqlite3.Cursor, accepted: Accepted, study_id: int, metadata: bytes) -> int:
    row = cursor.execute(_FIND_SERIES, (accepted.series_instance_uid, study_id)).fetchone()
    if row is not None:
        return int(row[0])
    series_id = identifier(_patient_id(accepted), accepted.study_instance_uid, accepted.series_instance_uid)
    values = _level_values(accepted, Level.SERIES, metadata)
    cursor.execute(_INSERT_SERIES, (*values, study_id, 0, series_id))
    cursor.execute("UPDATE study SET number_of_series = number_of_series + 1 WHERE id = ?", (study_id,))
    set_modalities(cursor, study_id)
    return series_id


def _patient_id(accepted: Accepted) -> str:
    values = accepted.record.get(_PATIENT_ID, {}).get("Value") or [""]
    return str(values[0] or "")


def set_modalities(cursor: sqlite3.Cursor, study_id: int) -> None:
    """Note the modalities of a study's series on the study."""
    found: set[str] = set()
    for (attributes,) in cursor.execute("SELECT attributes FROM series WHERE study_id = ?", (study_id,)):
        for line in attributes.split("\n"):
            if line.startswith(_MODALITY):
                values = json.loads(line.removeprefix(_MODALITY)).get("Value", ())
                found.update(value for value in values if value)
    listed = json.dumps(sorted(found), separators=(",", ":"), ensure_ascii=False)[1:-1]
    cursor.execute("UPDATE study SET modalities = ? WHERE id = ?", (listed, study_id))
