"""The manifest of a seed folder: what is in it, where it is from, and what to know before it is shown around."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from fhantom import __version__
from fhantom.datasets.job import Unusable
from fhantom.definitions import Version
from fhantom.world.provenance import Licence, LoadedDataset

NAME = "manifest.json"
FORMAT = "fhantom seed folder"
VERSION = 1

Kind = Literal["DICOM", "metadata", "elsewhere", "R5", "R4"]


@dataclass(frozen=True, slots=True)
class File:
    """One file of the folder.

    Attributes:
        path: below the folder, with slashes.
        sha256: of its bytes, in hexadecimal digits.
        count: of the resources or instances in it.
    """

    path: str
    kind: Kind
    size: int
    sha256: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a seed folder says of itself.

    Attributes:
        made_at: a FHIR instant.
        origin: the server or the generator that the content is from.
        has_people: whether it may tell of people who exist: pulled from elsewhere and not pseudonymised.
        remarks: what whoever uses it should know.
        datasets: what its content was loaded from, with the terms of use.
    """

    made_at: str
    origin: str
    files: Sequence[File]
    has_people: bool = False
    remarks: Sequence[str] = ()
    datasets: Sequence[LoadedDataset] = field(default=())

    def of(self, *kinds: Kind) -> list[File]:
        """The files of some kinds, in order."""
        return [file for file in self.files if file.kind in kinds]


def release_of(file: File) -> Version | None:
    """The FHIR version of a file, None for DICOM."""
    return file.kind if file.kind in ("R5", "R4") else None


def is_seed_folder(path: Path) -> bool:
    """Whether there is a manifest of this format, of whatever version."""
    try:
        found = json.loads((path / NAME).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, last of all files: a folder without one is not finished."""
    told = {"format": FORMAT, "version": VERSION, "by": f"fhantom {__version__}", **asdict(manifest)}
    path = folder / NAME
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read(folder: Path) -> Manifest:
    """The manifest of a folder. Raises Unusable."""
    try:
        told = json.loads((folder / NAME).read_bytes())
    except NotADirectoryError:
        raise Unusable(f"{folder} is no folder") from None
    except FileNotFoundError:
        raise Unusable(f"{folder} has no {NAME}; whatever wrote it did not finish") from None
    except (OSError, ValueError) as error:
        raise Unusable(f"{folder / NAME} cannot be read: {error}") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unusable(f"{folder / NAME} is not that of a {FORMAT}")
    if told.get("version") != VERSION:
        raise Unusable(f"{folder / NAME} has version {told.get('version')!r}; this fhantom reads version {VERSION}")
    try:
        return _manifest(told)
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable(f"{folder / NAME} is damaged: {error}") from None


def _manifest(told: dict[str, Any]) -> Manifest:
    return Manifest(
        made_at=str(told["made_at"]),
        origin=str(told["origin"]),
        files=[_file(file) for file in told["files"]],
        has_people=bool(told["has_people"]),
        remarks=[str(remark) for remark in told["remarks"]],
        datasets=[
            LoadedDataset(**dataset | {"licences": tuple(Licence(*licence) for licence in dataset["licences"])})
            for dataset in told["datasets"]
        ],
    )


def _file(told: dict[str, Any]) -> File:
    file = File(**told)
    path = PurePosixPath(file.path)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{file.path!r} leads out of the folder")
    if file.kind not in get_args(Kind):
        raise ValueError(f"there is no kind {file.kind!r}")
    return file
