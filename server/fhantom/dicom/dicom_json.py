"""The DICOM JSON model (PS3.18 annex F), straight from the buffer."""

from __future__ import annotations

from fhantom.dicom.dataset import Dataset

BULK_DATA_MARKER = b'"BulkDataURI":"./'
"""Starts every reference to bulk data of the instance itself. A quote inside a JSON string is escaped, so that these
bytes are never part of a value."""


def encode(dataset: Dataset, *, inline: int = 0) -> bytes:
    """The data set as one compact JSON object, its tags ascending, group lengths left out, UTF-8.

    Binary values longer than `inline` bytes, and pixel data of any length, become references relative to the
    instance's bulk data: `"BulkDataURI":"./7fe00010"`, nested `"./00082218/2/00281201"` (items count from 1).
    Never fails on content: undecodable text is decoded with replacement characters, non-numbers become null.
    """
    ...


def rebase(encoded: bytes, base: str) -> bytes:
    """The same JSON with its references made absolute: `base` is the bulk data URL, without trailing slash."""
    ...
