"""Orthanc's log of what came, made of the rows: nothing is written for it.

Every instance has four numbers, for itself and for each level above it that began with it. What was deleted is not
told, and numbers of what did not begin are left out, so the log has gaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.archive import hierarchy
from fhantom.archive.hierarchy import Entry
from fhantom.archive.query import Level
from fhantom.vna.describing import received
from fhantom.vna.names import Kind, name_of
from fhantom.world import World

# In the order in which Orthanc logs what begins with an instance.
_ORDER = (Kind.INSTANCE, Kind.SERIES, Kind.STUDY, Kind.PATIENT)

MOST = 100
"""Changes in one answer, as Orthanc has it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of the log.

    Attributes:
        last: the number to go on with; at the end of the log the last one that its newest instance could have, so that
            a level that begins with that one after a deletion is not told anew.
    """

    entries: tuple[dict[str, Any], ...]
    done: bool
    last: int


def changes(world: World, connection: Connection, since: int, limit: int) -> Changes:
    """What has numbers above `since`."""
    entries: list[dict[str, Any]] = []
    for entry in _after(world, connection, since):
        if len(entries) == limit:
            return Changes(tuple(entries), done=False, last=entries[-1]["Seq"] if entries else since)
        entries.append(entry)
    return Changes(tuple(entries), done=True, last=_last(connection))


def newest(world: World, connection: Connection) -> Changes:
    """The last one alone."""
    instance = hierarchy.last_instance(connection)
    entries = () if instance is None else tuple(_of(world, connection, instance))[-1:]
    return Changes(entries, done=True, last=_last(connection))


def _last(connection: Connection) -> int:
    instance = hierarchy.last_instance(connection)
    return 0 if instance is None else instance.id * len(_ORDER)


def _after(world: World, connection: Connection, since: int) -> Iterator[dict[str, Any]]:
    for instance in hierarchy.instances_after(connection, (max(since, 1) - 1) // len(_ORDER)):
        yield from (entry for entry in _of(world, connection, instance) if entry["Seq"] > since)


def _of(world: World, connection: Connection, instance: Entry) -> Iterator[dict[str, Any]]:
    """The changes that one instance made."""
    date = received(world, instance)
    for at, kind in enumerate(_ORDER, 1):
        if not _begins(connection, instance, kind):
            return  # nor does anything above
        name = name_of(instance, kind)
        yield {
            "ChangeType": f"New{kind.title}",
            "Date": date,
            "ID": name,
            "Path": f"/{kind.plural}/{name}",
            "ResourceType": kind.title,
            "Seq": (instance.id - 1) * len(_ORDER) + at,
        }


def _begins(connection: Connection, instance: Entry, kind: Kind) -> bool:
    """Whether a level began with an instance."""
    if kind is Kind.INSTANCE:
        return True
    if kind is Kind.PATIENT:
        oldest = next(hierarchy.studies_of(connection, instance.patient_id), None)
        return oldest is not None and oldest.study_instance_uid == instance.study_instance_uid
    row = instance.series_id if kind is Kind.SERIES else instance.study_id
    above = hierarchy.entry(connection, Level(kind), row)
    first = above and hierarchy.first_instance(connection, above)
    return first is not None and first.id == instance.id
