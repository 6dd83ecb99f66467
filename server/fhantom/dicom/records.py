"""Data sets in the form of parsed DICOM JSON: tag text -> {"vr": ..., "Value": [...]}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Mapping[str, Any]]


def parse_json(body: bytes) -> list[Record]:
    """One object or an array of them, checked and put in canonical form (upper-case tags, ascending).

    Raises:
        DicomError: not JSON, or not DICOM JSON.
    """
    ...


def values(record: Record, tag: int) -> tuple[str, ...]:
    """The same text that `Dataset.values` gives for the data set that the record describes."""
    ...


def text(record: Record, tag: int, default: str = "") -> str:
    """The first of `values`, or the default."""
    ...


def items_of(record: Record, tag: int) -> tuple[Record, ...]:
    """The items of a sequence; () when absent."""
    ...


def encode(record: Record) -> bytes:
    """The record as compact JSON, in the form of `dicom_json.encode`."""
    ...
