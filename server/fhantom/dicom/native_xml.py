"""The Native DICOM Model (PS3.19 annex A): from and to records."""

from __future__ import annotations

from fhantom.dicom.records import Record


def encode(record: Record, bulkdata_base: str = "") -> bytes:
    """One NativeDicomModel document, UTF-8; relative references are put below `bulkdata_base`."""
    ...


def parse(body: bytes) -> list[Record]:
    """The record of a NativeDicomModel document; DTDs and entities are refused.

    Raises:
        DicomError: not XML, or not this model.
    """
    ...
