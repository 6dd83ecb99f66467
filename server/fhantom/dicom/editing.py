"""The same object with other attributes, its pixels and transfer syntax as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fhantom.dicom import dicom_json
from fhantom.dicom.bulkdata import locate, parse_path, pieces
from fhantom.dicom.dataset import DicomFile
from fhantom.dicom.fragments import by_frame
from fhantom.dicom.parsing import PIXEL_DATA
from fhantom.dicom.records import Record, values_of
from fhantom.dicom.writing import write_record

NUMBER_OF_FRAMES = 0x00280008

Changes = Mapping[str, Mapping[str, Any] | None]
"""Attributes as DICOM JSON has them, None for one that is to go."""


def edit(file: DicomFile, changes: Changes) -> bytes:
    """The file with some attributes changed, added or removed; a VR that was wrong goes with its value."""
    record: dict[str, Any] = json.loads(dicom_json.encode(file.dataset, encapsulated=True))
    for key, attribute in changes.items():
        record.pop(key, None)
        if attribute is not None:
            record[key] = attribute
    return from_record(file, dict(sorted(record.items())))


def from_record(file: DicomFile, record: Record) -> bytes:
    """A file with the attributes of a record, whose bulk data is found where `file` has it."""
    dataset = file.dataset
    frames = int((values_of(record, NUMBER_OF_FRAMES) or ("1",))[0] or 1)

    def bulkdata(uri: str) -> bytes | list[bytes]:
        holder, element = locate(dataset, parse_path(uri.removeprefix("./")))
        if element.tag != PIXEL_DATA or element.fragments is None:
            return b"".join(pieces(holder, element))
        buffer = holder.buffer
        spans = by_frame(file, element, frames)
        return [b"".join(bytes(buffer[at : at + size]) for at, size in fragments) for fragments in spans]

    return write_record(record, file.transfer_syntax, bulkdata)
