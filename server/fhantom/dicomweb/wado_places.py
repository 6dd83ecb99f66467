"""Which instances a path names, and what is said when it names none (PS3.18 10.4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.archive.retrieve import InstanceRow, instances_named, instances_of
from fhantom.errors import NotFound
from fhantom.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """A study, a series or an instance, as the path of a request names it."""

    study_instance_uid: str
    series_instance_uid: str | None = None
    sop_instance_uid: str | None = None

    @property
    def path(self) -> str:
        """The place as the end of a URL, beginning with `/studies`."""
        path = f"/studies/{self.study_instance_uid}"
        if self.series_instance_uid is not None:
            path += f"/series/{self.series_instance_uid}"
        if self.sop_instance_uid is not None:
            path += f"/instances/{self.sop_instance_uid}"
        return path


def place_of(row: InstanceRow) -> Place:
    """Where an instance stands."""
    return Place(row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid)


def instances_at(world: World, place: Place) -> list[InstanceRow]:
    """The instances at a place, at least one; UIDs count without their padding (PS3.5 9.1), as in Orthanc.

    Raises:
        NotFound: there is no such place; the message says which part of it is wrong.
    """
    named = (place.study_instance_uid, place.series_instance_uid, place.sop_instance_uid)
    study, series, sop = (uid if uid is None else uid.strip(" ") for uid in named)
    assert study is not None
    with world.reading() as connection:
        rows = instances_of(connection, study, series, sop)
        if rows:
            return rows
        if sop is not None:
            if instances_named(connection, sop):
                raise NotFound(f"Instance {sop} is not both in study {study} and in series {series}")
            raise NotFound(f"Accessing an inexistent instance with WADO-RS: {sop}")
        found = connection.exec_driver_sql("SELECT 1 FROM series WHERE series_instance_uid = ? LIMIT 1", (series,))
        if series is not None and found.first():
            raise NotFound(f"No series {series} in study {study}")
    kind, uid = ("series", series) if series is not None else ("study", study)
    raise NotFound(f"Accessing an inexistent {kind} with WADO-RS: {uid}")


def instance_at(world: World, place: Place) -> InstanceRow:
    """The one instance at a place.

    Raises:
        NotFound: as `instances_at`.
    """
    return instances_at(world, place)[0]
