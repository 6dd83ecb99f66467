"""Which fragments of encapsulated pixel data make up which frame (PS3.5 A.4)."""

from __future__ import annotations

import struct
from bisect import bisect_left
from itertools import pairwise

from fhantom.dicom.dataset import Buffer, Dataset, DicomFile, Element, Span
from fhantom.dicom.errors import DicomError

EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS = 0x7FE00001, 0x7FE00002

Frames = tuple[tuple[Span, ...], ...]

# First bytes of a JPEG or JPEG-LS image (ITU-T T.81 B.1.1.3), and of a JPEG 2000 codestream (T.800 A.4).
_STARTS = (b"\xff\xd8", b"\xff\x4f")


def by_frame(file: DicomFile, element: Element, number_of_frames: int) -> Frames:
    """The fragments of each frame, by the extended or basic offset table, or by what the fragments hold.

    Raises:
        DicomError: there are none, or several frames cannot be told apart.
    """
    if not element.fragments or len(element.fragments) < 2:
        raise DicomError("The pixel data has no fragment")
    table, *rest = element.fragments
    fragments = tuple(rest)
    if file.transfer_syntax.video:
        return (fragments,)
    if frames := _by_extended_table(file.dataset, fragments, number_of_frames):
        return frames
    if number_of_frames == 1:
        return (fragments,)
    if len(fragments) == number_of_frames:
        return tuple((fragment,) for fragment in fragments)
    buffer = file.dataset.buffer
    frames = _by_basic_table(buffer, table, fragments) or _by_content(buffer, fragments)
    if len(frames) != number_of_frames:
        raise DicomError(f"{len(fragments)} fragments cannot be told apart as {number_of_frames} frames")
    return frames


def _by_extended_table(dataset: Dataset, fragments: tuple[Span, ...], number_of_frames: int) -> Frames:
    """One fragment a frame, without its padding (PS3.3 C.7.6.3.1.8); () if the table is absent or wrong."""
    offsets = _unpack(dataset.raw(EXTENDED_OFFSET_TABLE), "Q")
    lengths = _unpack(dataset.raw(EXTENDED_OFFSET_TABLE_LENGTHS), "Q")
    if not offsets or not len(offsets) == len(lengths) == len(fragments) == number_of_frames:
        return ()
    if list(offsets) != _starts(fragments):
        return ()
    pairs = zip(fragments, lengths, strict=True)
    return tuple((Span(fragment.offset, min(fragment.length, length)),) for fragment, length in pairs)


def _by_basic_table(buffer: Buffer, table: Span, fragments: tuple[Span, ...]) -> Frames:
    """Fragments from one offset to the next; () if the table is empty or wrong."""
    offsets = _unpack(bytes(buffer[table.offset : table.offset + table.length]), "L")
    starts = _starts(fragments)
    firsts = [bisect_left(starts, offset) for offset in offsets]
    if not offsets or firsts[0] != 0 or any(a >= b for a, b in pairwise(firsts)):
        return ()
    if firsts[-1] == len(starts) or [starts[first] for first in firsts] != list(offsets):
        return ()
    return _split(fragments, firsts)


def _by_content(buffer: Buffer, fragments: tuple[Span, ...]) -> Frames:
    """A frame begins with each fragment that begins an image."""
    firsts = [number for number, (offset, _) in enumerate(fragments) if bytes(buffer[offset : offset + 2]) in _STARTS]
    return _split(fragments, firsts) if firsts and firsts[0] == 0 else ()


def _split(fragments: tuple[Span, ...], firsts: list[int]) -> Frames:
    ends = [*firsts[1:], len(fragments)]
    return tuple(fragments[first:end] for first, end in zip(firsts, ends, strict=True))


def _starts(fragments: tuple[Span, ...]) -> list[int]:
    """Offsets of the items, counted from the first one, as the tables count them."""
    return [fragment.offset - fragments[0].offset for fragment in fragments]


def _unpack(value: bytes, code: str) -> tuple[int, ...]:
    count = len(value) // struct.calcsize("<" + code)
    return struct.unpack_from(f"<{count}{code}", value)
