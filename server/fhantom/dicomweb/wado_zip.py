"""DICOM objects in a ZIP, with a DICOMDIR on request (PS3.18 10.4.1.1.1, PS3.10 8)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom.dicomdir import DirectoryEntry, write_dicomdir
from fhantom.dicom.reader import read_meta
from fhantom.dicom.uids import is_uid
from fhantom.dicomweb.wado_objects import content
from fhantom.wire.media import parse_accept
from fhantom.wire.zipping import zipped
from fhantom.world import World

_TRANSFER_SYNTAX_UID = 0x00020010


def with_dicomdir(query: Mapping[str, str], accept: str | None) -> bool:
    """Whether a DICOMDIR is asked for: as a parameter of the media type, as dcm4chee has it, or of the query."""
    if query.get("dicomdir", "").lower() == "true":
        return True
    return any(entry.media.get("dicomdir").lower() == "true" for entry in parse_accept(accept or ""))


def archive(
    world: World, rows: Sequence[InstanceRow], asked: str, max_frame_bytes: int, dicomdir: bool = False
) -> Iterator[bytes]:
    """A ZIP with one file an instance, in a folder a series, written as it is made.

    Args:
        dicomdir: put a DICOMDIR at its end, and name the files as PS3.10 8.2 has it for media.
    """
    return zipped(_files(world, rows, asked, max_frame_bytes, dicomdir))


def _files(
    world: World, rows: Sequence[InstanceRow], asked: str, max_frame_bytes: int, dicomdir: bool
) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
    entries: list[DirectoryEntry] = []
    names = _media_names(rows) if dicomdir else _names(rows)
    for row, name in zip(rows, names, strict=True):
        pieces, _ = content(world, row, asked, max_frame_bytes)
        head = bytes(next(pieces, b""))
        if dicomdir:
            entries.append(_entry(world, row, name, head))
        yield "/".join(name), chain([head], pieces)
    if dicomdir:
        yield "DICOMDIR", [write_dicomdir(entries)]


def _names(rows: Sequence[InstanceRow]) -> Iterator[tuple[str, ...]]:
    """By UID; what is no UID could lead out of the folder."""
    for number, row in enumerate(rows, 1):
        folder = row.series_instance_uid if is_uid(row.series_instance_uid) else "series"
        name = row.sop_instance_uid if is_uid(row.sop_instance_uid) else f"instance-{number}"
        yield folder, f"{name}.dcm"


def _media_names(rows: Sequence[InstanceRow]) -> Iterator[tuple[str, ...]]:
    """File IDs: components of at most eight characters."""
    series: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        place = series.setdefault(row.series_instance_uid, len(series) + 1)
        yield "DICOM", f"S{place:07}", f"I{number:07}"


def _entry(world: World, row: InstanceRow, name: tuple[str, ...], head: bytes) -> DirectoryEntry:
    """What the DICOMDIR says of a file, whose first piece holds its meta information."""
    record = json.loads(world.texts.get(row.metadata))
    return DirectoryEntry.of(name, record, read_meta(head).text(_TRANSFER_SYNTAX_UID, row.transfer_syntax_uid))
