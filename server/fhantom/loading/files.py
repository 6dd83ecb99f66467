"""What a folder holds: FHIR resources as JSON files, and DICOM files at any depth."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PREAMBLE = 132  # PS3.10 7.1: 128 bytes of anything, then DICM

# The order of the data set's own upload script: what is referred to comes first.
ORDER = (
    "ValueSet",
    "Device",
    "Organization",
    "StructureDefinition",
    "Medication",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "AllergyIntolerance",
    "AdverseReaction",
    "Alert",
    "MedicationRequest",
    "MedicationDispense",
    "MedicationAdministration",
    "ImagingReference",
    "Observation",
    "Order",
    "OrderResponse",
    "Procedure",
    "Endpoint",
    "ImagingStudy",
    "DiagnosticReport",
    "Specimen",
    "Condition",
    "DocumentReference",
    "ImagingSelection",
)
_RANK = {name: rank for rank, name in enumerate(ORDER)}


@dataclass(frozen=True, slots=True)
class Resource:
    """A FHIR file: where it lies, what it holds and what it would be stored as."""

    name: str
    body: bytes
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything loadable below a folder, names relative to it; `unreadable` says why a file is not in it."""

    resources: list[Resource]
    dicom: list[str]
    unreadable: list[tuple[str, str]]


def content_of(folder: Path) -> Content:
    """Look at every file below `folder` but hidden ones; resources come in the order of loading."""
    content = Content([], [], [])
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            if path.suffix.lower() == ".json":
                content.resources.append(_resource(name, path.read_bytes()))
            elif path.suffix.lower() == ".dcm" or _looks_like_dicom(path):
                content.dicom.append(name)
        except _Unreadable as reason:
            content.unreadable.append((name, str(reason)))
        except OSError as error:
            content.unreadable.append((name, error.strerror or str(error)))
    content.resources.sort(key=lambda resource: (_RANK.get(resource.type, len(ORDER)), resource.name))
    return content


class _Unreadable(Exception):
    pass


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(parent, name)


def _resource(name: str, body: bytes) -> Resource:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise _Unreadable(f"it is not JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise _Unreadable("it is JSON, but not a FHIR resource")
    id = found.get("id")
    if id == "random":
        # The upload script lets the server choose; a digest comes out the same when it is loaded again.
        id = hashlib.sha256(body).hexdigest()[:32]
    if not isinstance(id, str) or not id:
        raise _Unreadable("it has no id")
    return Resource(name, body, found["resourceType"], id)


def _looks_like_dicom(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(_PREAMBLE)[128:] == b"DICM"


def stat_digest(folders: Iterable[Path]) -> str:
    """Changes when a file below one of `folders` comes, goes, or changes in size or time."""
    digest = hashlib.sha256()
    pending = [str(folder) for folder in folders]
    while pending:
        folder = pending.pop()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        pending.append(entry.path)
                else:
                    stat = entry.stat()
                    digest.update(f"{entry.path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
