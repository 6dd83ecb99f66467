"""Bytes to elements: PS3.10 files and bare PS3.5 data sets."""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.dicom.dataset import Buffer, Dataset, DicomFile
from fhantom.dicom.syntaxes import TransferSyntax


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader refuses to follow.

    Attributes:
        depth: sequences within sequences.
        elements: elements, items and fragments of one file together.
        inflated: bytes that a deflated data set may grow to.
    """

    depth: int = 64
    elements: int = 4_000_000
    inflated: int = 1 << 30


LIMITS = Limits()


def read(buffer: Buffer, *, limits: Limits = LIMITS) -> DicomFile:
    """The file's elements; the buffer (bytes or mmap) is referred to, not copied, and pixel data is not touched.

    A file without preamble, and a data set without meta information, are taken too.

    Raises:
        NotDicom, Truncated, LimitExceeded: the buffer cannot be followed to its end.
    """
    ...


def read_dataset(
    buffer: Buffer, syntax: TransferSyntax, start: int = 0, end: int | None = None, *, limits: Limits = LIMITS
) -> Dataset:
    """The elements of a data set without meta information, written in `syntax` (not deflated)."""
    ...
