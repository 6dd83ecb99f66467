"""Data sets and Part 10 files, written."""

from __future__ import annotations

from collections.abc import Callable

from fhantom.dicom.records import Record
from fhantom.dicom.syntaxes import TransferSyntax

BulkData = Callable[[str], bytes]
"""From a BulkDataURI as the record has it to the bytes."""


def write_record(record: Record, syntax: TransferSyntax, bulkdata: BulkData) -> bytes:
    """A whole Part 10 file from a record; text is written in the record's own SpecificCharacterSet or UTF-8.

    Raises:
        DicomError: a value does not fit its VR, or a reference leads to nothing.
    """
    ...


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Preamble, `DICM` and group 0002 (PS3.10 7.1)."""
    ...
