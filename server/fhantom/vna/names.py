"""Orthanc's identifiers: the SHA-1 of PatientID and UIDs, in five groups (Orthanc Book, "Orthanc identifiers")."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from enum import IntEnum
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from fhantom.archive import hierarchy, removing
from fhantom.archive.hierarchy import Entry
from fhantom.archive.query import Level
from fhantom.vna.errors import UnknownItem, UnknownResource
from fhantom.world import World, facts
from fhantom.world.database import Database


class Kind(IntEnum):
    """A level of Orthanc's hierarchy, which has patients at its top."""

    PATIENT = 0
    STUDY = 1
    SERIES = 2
    INSTANCE = 3

    @property
    def title(self) -> str:
        """`Study`, as answers name it."""
        return self.name.capitalize()

    @property
    def plural(self) -> str:
        """`studies`, as paths name it."""
        return _PLURALS[self]


_PLURALS = {Kind.PATIENT: "patients", Kind.STUDY: "studies", Kind.SERIES: "series", Kind.INSTANCE: "instances"}


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient: a PatientID, and the studies under it."""

    patient_id: str
    studies: tuple[Entry, ...]


Item = Patient | Entry
"""What an identifier stands for."""


def name(*parts: str) -> str:
    """The identifier of what these parts name: PatientID, and UIDs as far down as it goes."""
    digest = hashlib.sha1("|".join(parts).encode(), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def name_of(item: Item, kind: Kind | None = None) -> str:
    """The identifier of an item, or of the one above it of another kind."""
    if isinstance(item, Patient):
        return name(item.patient_id)
    parts = (item.patient_id, item.study_instance_uid, item.series_instance_uid, item.sop_instance_uid)
    return name(*parts[: (item.level if kind is None else kind) + 1])


def kind_of(item: Item) -> Kind:
    """The level that an item is of."""
    return Kind.PATIENT if isinstance(item, Patient) else Kind(item.level)


def find(world: World, connection: Connection, kind: Kind, wanted: str) -> Item:
    """What has that identifier. Raises UnknownItem."""
    found: Item | None
    if kind is Kind.PATIENT:
        found = next((one for one in patients(connection) if name_of(one) == wanted), None)
    elif kind is Kind.INSTANCE:
        found = _instance(world, connection, wanted)
    else:
        found = _by_row(connection, Level(kind), wanted)
    if found is None:
        raise UnknownItem(f"No {kind.title} has the identifier {wanted[:64]}")
    return found


def find_above(world: World, connection: Connection, kind: Kind, wanted: str) -> Item:
    """As `find`; Orthanc tells an unknown identifier otherwise where more follows it in the path.

    Raises:
        UnknownResource: nothing has it.
    """
    try:
        return find(world, connection, kind, wanted)
    except UnknownItem:
        raise UnknownResource from None


def patients(connection: Connection) -> list[Patient]:
    """All patients, in the order of their first studies."""
    studies: dict[str, list[Entry]] = {}
    for patient_id, study in hierarchy.studies_of_patients(connection):
        studies.setdefault(patient_id, []).append(study)
    return [Patient(patient_id, tuple(found)) for patient_id, found in studies.items()]


def patient_of(connection: Connection, entry: Entry) -> Patient:
    """The patient that a study, series or instance is of."""
    studies = tuple(hierarchy.studies_of(connection, entry.patient_id))
    own = hierarchy.entry(connection, Level.STUDY, entry.study_id)  # not found by a PatientID that is said to be a date
    return Patient(entry.patient_id, studies or (() if own is None else (own,)))


def _by_row(connection: Connection, level: Level, wanted: str) -> Entry | None:
    key = _number(wanted)
    found = None if key is None else hierarchy.entry(connection, level, key)
    if found is not None and name_of(found) == wanted:
        return found
    # A study that came under two PatientIDs has its row by one of them and may be asked for by the other.
    return next((one for one in hierarchy.entries(connection, level) if name_of(one) == wanted), None)


def _number(wanted: str) -> int | None:
    """The 63 bits by which rows are numbered (`archive.storing.identifier`)."""
    try:
        return int(wanted.replace("-", "")[:16], 16) >> 1
    except ValueError:
        return None


@dataclass(slots=True)
class _Index:
    """Where instances are, by the first 64 bits of their identifiers, up to the row `last`."""

    removed: str | None = None
    last: int = 0
    rows: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


# One for each database of this process: instances have no row by their name, which would cost every store.
_INDEXES: WeakKeyDictionary[Database, _Index] = WeakKeyDictionary()


def _instance(world: World, connection: Connection, wanted: str) -> Entry | None:
    try:
        key = int(wanted.replace("-", "")[:16], 16)
    except ValueError:
        return None
    index = _INDEXES.setdefault(world.rows.database, _Index())
    with index.lock:
        removed = facts.get(connection, removing.REMOVED)
        if removed != index.removed:
            index.removed, index.last = removed, 0
            index.rows.clear()
        for id_, *parts in hierarchy.uids_after(connection, index.last):
            index.last = id_
            index.rows[int(name(*parts).replace("-", "")[:16], 16)] = id_
        id_found = index.rows.get(key)
    found = None if id_found is None else hierarchy.entry(connection, Level.INSTANCE, id_found)
    return found if found is not None and name_of(found) == wanted else None
