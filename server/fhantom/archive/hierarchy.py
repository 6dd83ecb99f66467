"""Patients, studies, series and instances as a tree that is walked in any direction, by row ids or UIDs.

A patient is a PatientID as it was written; studies and series are found by the ids of their rows, which are made of
the same parts as Orthanc's names of them (`fhantom.archive.storing.identifier`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from fhantom.archive.query import Level
from fhantom.archive.values import comparable
from fhantom.world import cursor_of

_PATIENT_ID = '"00100020":'


class Entry(NamedTuple):
    """A study, series or instance, with what names it and those above it.

    Attributes:
        id: of its row.
        metadata: digest of the DICOM JSON of the instance that it is described by.
        instances: how many there are below it, 1 for an instance itself.
        series: how many there are below it, 1 for a series or instance.
        blob, size, transfer_syntax_uid, number_of_frames, pixel_offset: as in `InstanceRow`; only of an instance.
    """

    level: Level
    id: int
    metadata: bytes
    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    study_id: int
    series_id: int
    series: int
    instances: int
    blob: bytes | None
    size: int
    transfer_syntax_uid: str
    number_of_frames: int
    pixel_offset: int | None


_NO_OBJECT = "NULL, 0, '', 0, NULL"

_SELECTS = {
    Level.STUDY: (
        "SELECT study.id, study.metadata, study.attributes, study.study_instance_uid, '', '', study.id, 0,"
        f" study.number_of_series, study.number_of_instances, {_NO_OBJECT} FROM study"
    ),
    Level.SERIES: (
        "SELECT series.id, series.metadata, study.attributes, study.study_instance_uid, series.series_instance_uid, '',"
        f" study.id, series.id, 1, series.number_of_instances, {_NO_OBJECT}"
        " FROM series CROSS JOIN study ON study.id = series.study_id"
    ),
    Level.INSTANCE: (
        "SELECT instance.id, instance.metadata, study.attributes, study.study_instance_uid,"
        " series.series_instance_uid, instance.sop_instance_uid, study.id, series.id, 1, 1, instance.blob,"
        " instance.size, instance.transfer_syntax_uid, instance.number_of_frames, instance.pixel_offset"
        " FROM instance CROSS JOIN series ON series.id = instance.series_id"
        " CROSS JOIN study ON study.id = series.study_id"
    ),
}
_TABLES = {Level.STUDY: "study", Level.SERIES: "series", Level.INSTANCE: "instance"}

# As their first instances came, which is the order in which Orthanc numbers them.
_ORDERS = {
    Level.STUDY: (
        "(SELECT min(first.id) FROM series AS its CROSS JOIN instance AS first ON first.series_id = its.id"
        " WHERE its.study_id = study.id)"
    ),
    Level.SERIES: "(SELECT min(first.id) FROM instance AS first WHERE first.series_id = series.id)",
    Level.INSTANCE: "instance.id",
}
_UIDS = {
    Level.STUDY: "study.study_instance_uid",
    Level.SERIES: "series.series_instance_uid",
    Level.INSTANCE: "instance.sop_instance_uid",
}


def entries(connection: Connection, level: Level, offset: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Those of a level, in the order in which their first instances came; a negative limit is none."""
    return _read(connection, level, f"ORDER BY {_ORDERS[level]} LIMIT ? OFFSET ?", (limit, offset))


def entry(connection: Connection, level: Level, id: int) -> Entry | None:
    """The one with that row id."""
    return next(_read(connection, level, f"WHERE {_TABLES[level]}.id = ?", (id,)), None)


def below(connection: Connection, level: Level, parent: Entry) -> Iterator[Entry]:
    """Those of a level below a study or series, in the order in which their first instances came."""
    column = "series.id" if parent.level is Level.SERIES else "study.id"
    source = _SELECTS[level]
    if level is Level.INSTANCE:  # entered from above, since a study's instances are few
        joined = (
            "FROM study CROSS JOIN series ON series.study_id = study.id"
            " CROSS JOIN instance ON instance.series_id = series.id"
        )
        source = source[: source.index(" FROM")] + f" {joined}"
    return _rows(connection, level, f"{source} WHERE {column} = ? ORDER BY {_ORDERS[level]}", (parent.id,))


def named(connection: Connection, level: Level, uid: str) -> Iterator[Entry]:
    """Those of a level with that UID; more than one only for series and instances."""
    return _read(connection, level, f"WHERE {_UIDS[level]} = ?", (uid,))


def studies_of_patients(connection: Connection) -> Iterator[tuple[str, Entry]]:
    """Every study with its PatientID, in the order in which their first instances came."""
    return ((found.patient_id, found) for found in entries(connection, Level.STUDY))


def studies_of(connection: Connection, patient_id: str) -> Iterator[Entry]:
    """The studies of a patient, in the order in which their first instances came."""
    folded = comparable("LO", patient_id) or ""
    where = "study.patient_id = ? OR study.patient_id BETWEEN ? AND ?" + ("" if folded else " OR patient_id IS NULL")
    values = (folded, f"{folded}\\", f"{folded}]")  # or the first of several, between which is a backslash
    found = _read(connection, Level.STUDY, f"WHERE {where} ORDER BY {_ORDERS[Level.STUDY]}", values)
    return (study for study in found if study.patient_id == patient_id)


def first_instance(connection: Connection, above: Entry) -> Entry | None:
    """The instance of a study or series that came first."""
    return _one(connection, above, "min")


def newest_instance(connection: Connection, above: Entry) -> Entry | None:
    """The one that came last."""
    return _one(connection, above, "max")


def _one(connection: Connection, above: Entry, which: str) -> Entry | None:
    column = "series.id" if above.level is Level.SERIES else "series.study_id"
    select = (
        f"SELECT {which}(instance.id) FROM series CROSS JOIN instance ON instance.series_id = series.id"
        f" WHERE {column} = ?"
    )
    (id_,) = cursor_of(connection).execute(select, (above.id,)).fetchone()
    return None if id_ is None else entry(connection, Level.INSTANCE, id_)


def size_of(connection: Connection, above: Entry | None = None) -> int:
    """Bytes of all instances of a study or series, or of everything."""
    if above is None:
        rows = cursor_of(connection).execute("SELECT coalesce(sum(size), 0) FROM instance")
    else:
        column = "series.id" if above.level is Level.SERIES else "series.study_id"
        rows = cursor_of(connection).execute(
            "SELECT coalesce(sum(instance.size), 0) FROM series CROSS JOIN instance ON instance.series_id = series.id"
            f" WHERE {column} = ?",
            (above.id,),
        )
    (found,) = rows.fetchone()
    return int(found)


def instances_after(connection: Connection, id: int) -> Iterator[Entry]:
    """Every instance stored after that row, in order."""
    return _read(connection, Level.INSTANCE, "WHERE instance.id > ? ORDER BY instance.id", (id,))


def last_instance(connection: Connection) -> Entry | None:
    """The instance that came last."""
    return next(_read(connection, Level.INSTANCE, "ORDER BY instance.id DESC LIMIT 1", ()), None)


def uids_after(connection: Connection, id: int) -> Iterator[tuple[int, str, str, str, str]]:
    """Row id, PatientID and UIDs of every instance stored after that row, in order."""
    return (
        (found.id, found.patient_id, found.study_instance_uid, found.series_instance_uid, found.sop_instance_uid)
        for found in instances_after(connection, id)
    )


def _read(connection: Connection, level: Level, rest: str, values: tuple[object, ...]) -> Iterator[Entry]:
    return _rows(connection, level, f"{_SELECTS[level]} {rest}", values)


def _rows(connection: Connection, level: Level, select: str, values: tuple[object, ...]) -> Iterator[Entry]:
    for id_, metadata, attributes, *rest in cursor_of(connection).execute(select, values):
        yield Entry(level, id_, metadata, _patient_id(attributes), *rest)


def _patient_id(attributes: str) -> str:
    at = attributes.find(_PATIENT_ID)
    if at < 0 or (at and attributes[at - 1] != "\n"):
        return ""
    line = attributes[at + len(_PATIENT_ID) :].partition("\n")[0]
    values = json.loads(line).get("Value") or [""]
    return str(values[0] or "")
