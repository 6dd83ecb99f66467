"""RLE Lossless (PS3.5 annex G), decoded: a segment a byte of a sample, each packed in runs."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from fhantom.pixels.errors import UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = 64


def decode(data: bytes, rows: int, columns: int, samples: int, itemsize: int) -> NDArray[Any]:
    """The samples of one frame, unsigned: rows x columns, or rows x columns x samples.

    Raises:
        UnreadablePixels: the segments do not make up the frame.
    """
    import numpy

    offsets = _offsets(data, samples * itemsize)
    planes = numpy.empty((samples, rows * columns, itemsize), numpy.uint8)
    for index, (start, stop) in enumerate(zip(offsets, [*offsets[1:], len(data)], strict=True)):
        sample, place = divmod(index, itemsize)
        content = _unpacked(data[start:stop], rows * columns)
        # The most significant byte has the first segment; samples are kept in little endian.
        planes[sample, :, itemsize - 1 - place] = numpy.frombuffer(content, numpy.uint8)
    array = planes.reshape(-1).view(f"<u{itemsize}").reshape(samples, rows, columns)
    return array[0] if samples == 1 else array.transpose(1, 2, 0)


def _offsets(data: bytes, wanted: int) -> list[int]:
    if len(data) < _HEADER:
        raise UnreadablePixels("an RLE frame has no header")
    count, *offsets = struct.unpack_from("<16L", data)
    if count != wanted or not offsets[0] >= _HEADER or sorted(offsets[:count]) != offsets[:count]:
        raise UnreadablePixels(f"an RLE frame has {count} segments in the place of {wanted}")
    return offsets[:count]


def _unpacked(segment: bytes, length: int) -> bytes:
    """The bytes that runs stand for, exactly `length` of them."""
    out = bytearray()
    at, end = 0, len(segment)
    while len(out) < length and at < end:
        head = segment[at]
        at += 1
        if head < 128:
            out += segment[at : at + head + 1]
            at += head + 1
        elif head > 128:
            out += segment[at : at + 1] * (257 - head)
            at += 1
    if len(out) < length:
        raise UnreadablePixels("an RLE segment ends too early")
    return bytes(out[:length])
