"""Folders and names of the files in Orthanc's archives, and the archives themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from fhantom.archive import hierarchy
from fhantom.archive.hierarchy import Entry
from fhantom.archive.objects import stored_bytes
from fhantom.archive.query import Level
from fhantom.archive.retrieve import InstanceRow, instances_of
from fhantom.dicom.dicomdir import DirectoryEntry, write_dicomdir
from fhantom.vna.main_tags import record_of, text_of
from fhantom.vna.names import Item, Kind, Patient, name_of
from fhantom.wire.zipping import zipped
from fhantom.world import World

Files = Iterator[tuple[str, Iterable[bytes | memoryview]]]

# Of each folder: the attributes that its name is made of, and its name without any (as Orthanc 1.10.1 names them).
_FOLDERS = (
    (("00100020", "00100010"), "Unknown Patient"),
    (("00080050", "00081030"), "Unknown Study"),
    (("00080060", "0008103E"), "Unknown Series"),
)
_MODALITY = "00080060"


@dataclass(frozen=True, slots=True)
class Placed:
    """An instance, and what its folders are named after.

    Attributes:
        names: Orthanc's identifiers of its patient, study and series.
        described: digests of the DICOM JSON that each of these is described by.
    """

    row: InstanceRow
    names: tuple[str, str, str]
    described: tuple[bytes, bytes, bytes]


def placed(connection: Connection, items: Iterable[Item]) -> list[Placed]:
    """The instances of the items, each once, in Orthanc's order: by its identifiers, then as they came."""
    patients: dict[str, bytes] = {}  # what each is described by: its first study
    found: dict[tuple[str, str, str], Placed] = {}
    for item in items:
        for entry in item.studies if isinstance(item, Patient) else (item,):
            if entry.patient_id not in patients:
                patients[entry.patient_id] = next(hierarchy.studies_of(connection, entry.patient_id), entry).metadata
            for one in _below(connection, entry, patients[entry.patient_id]):
                found[one.row.study_instance_uid, one.row.series_instance_uid, one.row.sop_instance_uid] = one
    return sorted(found.values(), key=lambda one: one.names)


def _below(connection: Connection, entry: Entry, patient: bytes) -> Iterator[Placed]:
    study = hierarchy.entry(connection, Level.STUDY, entry.study_id)
    assert study is not None, "in one snapshot"
    series = {one.series_instance_uid: one for one in hierarchy.below(connection, Level.SERIES, study)}
    uids = entry.study_instance_uid, entry.series_instance_uid or None, entry.sop_instance_uid or None
    for row in instances_of(connection, *uids):
        own = series[row.series_instance_uid]
        names = name_of(own, Kind.PATIENT), name_of(own, Kind.STUDY), name_of(own)
        yield Placed(row, names, (patient, study.metadata, own.metadata))


def archive(world: World, found: Sequence[Placed]) -> Iterator[bytes]:
    """A ZIP of a folder a patient, in it one a study, in it one a series."""
    return zipped(_in_folders(world, found))


def media(world: World, found: Sequence[Placed]) -> Iterator[bytes]:
    """A ZIP of one flat folder of images, and their DICOMDIR."""
    return zipped(_with_directory(world, found))


def _in_folders(world: World, found: Sequence[Placed]) -> Files:
    names = _Names(world)
    for one in found:
        yield names.of(one), stored_bytes(world, one.row)


def _with_directory(world: World, found: Sequence[Placed]) -> Files:
    entries = []
    for number, one in enumerate(found):
        name = ("IMAGES", f"IM{number}")
        record = json.loads(world.texts.get(one.row.metadata))
        entries.append(DirectoryEntry.of(name, record, one.row.transfer_syntax_uid))
        yield "/".join(name), stored_bytes(world, one.row)
    yield "DICOMDIR", [write_dicomdir(entries)]


@dataclass(slots=True)
class _Names:
    """Gives every file its name: the same for the same things, another one for others of the same words.

    Attributes:
        folders: path and file prefix of a folder, by what it stands for.
        counts: how often a name was given out in a folder.
    """

    world: World
    folders: dict[str, tuple[str, str]] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, one: Placed) -> str:
        """Folders and name of an instance."""
        path = prefix = ""
        for (tags, unknown), name, digest in zip(_FOLDERS, one.names, one.described, strict=True):
            if name not in self.folders:
                record = record_of(self.world.texts.get(digest))
                words = _plain(" ".join(text_of(record.get(tag, {})) for tag in tags)) or unknown
                modality = _plain(text_of(record.get(_MODALITY, {})))
                self.folders[name] = f"{path}{self._unused(path, words)}/", modality[:2].upper()
            path, prefix = self.folders[name]
        return f"{path}{prefix}{self._counted(path, 'files'):0{8 - len(prefix)}}.dcm"

    def _unused(self, folder: str, words: str) -> str:
        before = self._counted(folder, words)
        return f"{words}-{before + 1}" if before else words

    def _counted(self, folder: str, name: str) -> int:
        """How often it was counted before."""
        before = self.counts.get((folder, name), 0)
        self.counts[folder, name] = before + 1
        return before


def _plain(text: str) -> str:
    """Letters, digits and single spaces; what separates the parts of a name is a space."""
    kept = (one if one.isascii() and one.isalnum() else " " if one in "^ " else "" for one in text)
    return " ".join("".join(kept).split())
