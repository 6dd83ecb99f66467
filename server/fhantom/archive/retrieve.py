"""Finding stored instances by their place: study, series, instance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import chain

from sqlalchemy import Connection

from fhantom.world import cursor_of


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One stored instance, complete enough to hand it out without another look-up.

    Attributes:
        metadata: digest of its DICOM JSON in `world.texts`.
        blob: digest of its bytes in `world.blobs`, None for an instance known only by its metadata.
        size: length of the bytes, 0 without them.
        transfer_syntax_uid: of the bytes as stored.
        number_of_frames: 0 for an object without pixels.
        pixel_offset: where the value of PixelData (or its float kinds) begins in the blob, None without one.
        pixel_length: length of that value in bytes; None for encapsulated pixel data, or without one.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    metadata: bytes
    blob: bytes | None
    size: int
    number_of_frames: int
    pixel_offset: int | None
    pixel_length: int | None


_COLUMNS = {
    "study_instance_uid": "study.study_instance_uid",
    "series_instance_uid": "series.series_instance_uid",
}
_FROM = (
    " FROM study CROSS JOIN series ON series.study_id = study.id CROSS JOIN instance ON instance.series_id = series.id"
)
_SELECT = (
    "SELECT " + ", ".join(_COLUMNS.get(field.name, f"instance.{field.name}") for field in fields(InstanceRow)) + _FROM
)


def instances_of(
    connection: Connection,
    study_instance_uid: str,
    series_instance_uid: str | None = None,
    sop_instance_uid: str | None = None,
) -> list[InstanceRow]:
    """The instances of a study, a series or the one instance: series by series, all in the order in which they came.

    An empty list means that there are none at that place; `missing` says which part of it is unknown.
    """
    where, uids = _at(study_instance_uid, series_instance_uid, sop_instance_uid)
    rows = cursor_of(connection).execute(f"{_SELECT} WHERE {where} ORDER BY instance.id", uids)
    return list(chain.from_iterable(by_series(InstanceRow(*row) for row in rows)))


def by_series(rows: Iterable[InstanceRow]) -> list[list[InstanceRow]]:
    """The rows of each series together, in the order of their first ones."""
    found: dict[str, list[InstanceRow]] = {}
    for row in rows:
        found.setdefault(row.series_instance_uid, []).append(row)
    return list(found.values())


def row_ids_of(
    connection: Connection,
    study_instance_uid: str,
    series_instance_uid: str | None = None,
    sop_instance_uid: str | None = None,
) -> list[int]:
    """What `instances_of` finds, by the ids of their rows."""
    where, uids = _at(study_instance_uid, series_instance_uid, sop_instance_uid)
    rows = cursor_of(connection).execute(f"SELECT instance.id {_FROM} WHERE {where}", uids)
    return [id_ for (id_,) in rows]


def _at(study: str, series: str | None, instance: str | None) -> tuple[str, tuple[str, ...]]:
    wanted = [
        ("study.study_instance_uid", study),
        ("series.series_instance_uid", series),
        ("instance.sop_instance_uid", instance),
    ]
    given = [(column, uid) for column, uid in wanted if uid is not None]
    return " AND ".join(f"{column} = ?" for column, _ in given), tuple(uid for _, uid in given)


def instances_named(connection: Connection, sop_instance_uid: str) -> list[InstanceRow]:
    """The instances of that SOP Instance UID wherever they are, oldest first (WADO-URI's objectUID alone)."""
    select = _SELECT.replace("study CROSS JOIN series", "instance CROSS JOIN series").replace(
        "series.study_id = study.id CROSS JOIN instance ON instance.series_id = series.id",
        "instance.series_id = series.id CROSS JOIN study ON series.study_id = study.id",
    )
    rows = cursor_of(connection).execute(
        f"{select} WHERE instance.sop_instance_uid = ? ORDER BY instance.id", (sop_instance_uid,)
    )
    return [InstanceRow(*row) for row in rows]


def count_instances(connection: Connection) -> int:
    """How many instances the world has."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM instance").scalar_one())


def every_instance(connection: Connection) -> Iterator[InstanceRow]:
    """All instances of the world, study by study, read as they are asked for."""
    for row in connection.exec_driver_sql(f"{_SELECT} ORDER BY study.id, series.id, instance.id"):
        yield InstanceRow(*row)
