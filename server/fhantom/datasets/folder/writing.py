"""Writing a seed folder, a file at a time."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import IO

from fhantom.datasets.folder.manifest import File, Kind
from fhantom.dicom.dictionary import format_tag

METADATA = "dicom/metadata.ndjson"
ELSEWHERE = "dicom/elsewhere.ndjson"
TRANSFER_SYNTAX_UID = 0x00020010
"""In metadata.ndjson, unlike in any answer, a record has this too: nothing else tells what the bytes would be in."""

_UID = re.compile(r"[0-9][0-9.]{0,63}")
_PIECE = 1024 * 1024


class _Sheet:
    """An NDJSON file that is being written."""

    def __init__(self, kind: Kind, path: Path) -> None:
        self.kind: Kind = kind
        self.file = path.open("wb")
        self.digest = hashlib.sha256()
        self.count = 0

    def add(self, line: bytes) -> None:
        self.file.write(line)
        self.digest.update(line)
        self.count += 1


class FolderWriter:
    """Writes files below a folder and remembers what its manifest will say of them.

    Lines may go to many files in turn; `finish` closes those, and only then are they among the `files`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[File] = []
        self._sheets: dict[str, _Sheet] = {}

    def line(self, path: str, kind: Kind, line: bytes) -> None:
        """Add a text without line ends to an NDJSON file."""
        sheet = self._sheets.get(path)
        if sheet is None:
            sheet = self._sheets[path] = _Sheet(kind, self._target(path))
        sheet.add(line + b"\n")

    def finish(self) -> None:
        """Close the NDJSON files."""
        for path, sheet in self._sheets.items():
            size = sheet.file.tell()
            sheet.file.close()
            self.files.append(File(path, sheet.kind, size, sheet.digest.hexdigest(), sheet.count))
        self._sheets.clear()

    def add(self, path: str, kind: Kind) -> None:
        """Take in a file that is there already."""
        with open(self.folder / path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.files.append(File(path, kind, file.tell(), digest))

    def dicom(self, uids: tuple[str, str, str], content: IO[bytes]) -> None:
        """Write one DICOM object under its Study, Series and SOP Instance UIDs."""
        path = dicom_path(*uids)
        digest = hashlib.sha256()
        with open(self._target(path), "wb") as file:
            while piece := content.read(_PIECE):
                file.write(piece)
                digest.update(piece)
            size = file.tell()
        self.files.append(File(path, "DICOM", size, digest.hexdigest()))

    def _target(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def dicom_path(study_instance_uid: str, series_instance_uid: str, sop_instance_uid: str) -> str:
    """Where an object lies in a seed folder."""
    parts = map(_part, (study_instance_uid, series_instance_uid, sop_instance_uid))
    return os.path.join("dicom", *parts).replace(os.sep, "/") + ".dcm"


def fhir_path(release: str, resource_type: str) -> str:
    """Where the resources of a type lie in a seed folder."""
    return f"fhir/{release}/{resource_type}.ndjson"


def record_line(metadata: bytes, transfer_syntax_uid: str) -> bytes:
    """A line of metadata.ndjson from DICOM JSON."""
    syntax = {"vr": "UI", "Value": [transfer_syntax_uid]}
    return f'{{"{format_tag(TRANSFER_SYNTAX_UID)}":{json.dumps(syntax)},'.encode() + metadata[1:]


def elsewhere_line(series_instance_uid: str, command: str) -> bytes:
    """A line of elsewhere.ndjson."""
    return json.dumps({"SeriesInstanceUID": series_instance_uid, "command": command}).encode()


def _part(uid: str) -> str:
    """The UID, or a name made of it where it is no UID, which might lead elsewhere."""
    return uid if _UID.fullmatch(uid) else hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()[:32]
