"""Where the frames of an instance lie and how they are laid out, without decoding any."""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.dicom.dataset import Dataset, DicomFile, Span
from fhantom.dicom.syntaxes import TransferSyntax


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """PS3.3 C.7.6.3, as the file says it.

    Attributes:
        tag: 7FE00010, 7FE00008 (float) or 7FE00009 (double).
        vr: OB, OW, OF or OD.
        frames: per frame the spans of `buffer` that make it up (one, or its fragments), in order.
        first_bits: per frame the bit of its first byte at which it starts; () unless BitsAllocated is 1.
        frame_length: bytes of one uncompressed frame; an odd last one is not padded.
        little_endian: of the samples.
    """

    transfer_syntax: TransferSyntax
    tag: int
    vr: str
    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    number_of_frames: int
    frames: tuple[tuple[Span, ...], ...]
    first_bits: tuple[int, ...]
    frame_length: int
    little_endian: bool


def of(file: DicomFile) -> PixelLayout | None:
    """The layout; None when the instance has no pixel data.

    Raises:
        DicomError: lengths or offset tables that contradict the rest.
    """
    ...


def frame_bytes(dataset: Dataset, layout: PixelLayout, number: int) -> bytes:
    """Frame `number` (from 1) as stored: joined fragments or raw samples, bit-packed ones shifted to bit 0.

    Raises:
        NoSuchElement: there is no such frame.
    """
    ...
