"""The same data set in another transfer syntax, or with other pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fhantom.dicom.dataset import DicomFile
from fhantom.dicom.syntaxes import TransferSyntax


@dataclass(frozen=True, slots=True)
class NewPixels:
    """What replaces the pixel data.

    Attributes:
        frames: one a frame, little endian or encoded as the target syntax says.
        attributes: tag -> text values that change with them (PhotometricInterpretation, BitsAllocated, ...);
            an empty tuple removes the element.
    """

    frames: Iterable[bytes]
    attributes: Mapping[int, tuple[str, ...]]


def rewrite(file: DicomFile, target: TransferSyntax, pixels: NewPixels | None = None) -> Iterator[bytes]:
    """A Part 10 file in the target syntax, in pieces, with its meta information written anew.

    Raises:
        UnsupportedTransferSyntax: source or target is encapsulated, they differ, and no pixels are given.
    """
    ...
