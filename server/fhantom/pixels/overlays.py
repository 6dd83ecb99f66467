"""Overlay planes: bitmaps that lie over an image, beside its pixels or in their unused bits (PS3.3 C.9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fhantom.dicom import Dataset, bulkdata
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.pixels.errors import ImageTooLarge, UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

GROUPS = tuple(range(0x6000, 0x6020, 2))
"""Those that overlay planes stand in (PS3.5 7.6)."""

# Elements of such a group.
_ROWS, _COLUMNS, _ORIGIN, _DATA = 0x0010, 0x0011, 0x0050, 0x3000
_NUMBER_OF_FRAMES, _IMAGE_FRAME_ORIGIN = 0x0015, 0x0051
_BITS_ALLOCATED, _BIT_POSITION = 0x0100, 0x0102
_INK = 255


def drawn(
    dataset: Dataset, layout: PixelLayout, samples: Array, number: int, groups: tuple[int, ...], max_bytes: int
) -> Array:
    """Where the planes of these groups have ink on frame `number` (from 1): rows x columns of truth values.

    Args:
        samples: the frame as it was decoded, with the bits that are not stored.

    Raises:
        UnreadablePixels: a plane has less data than it says.
        ImageTooLarge: a plane has more than `max_bytes` pixels; 0 is no limit.
    """
    import numpy

    inked = numpy.zeros(samples.shape[:2], bool)
    for group in groups:
        base = group << 16
        if base | _DATA in dataset:
            plane = _plane(dataset, base, number, max_bytes)
            if plane is not None:
                _lay(inked, plane, dataset.numbers(base | _ORIGIN))
        elif layout.bits_allocated > 1 and dataset.integer(base | _BITS_ALLOCATED, 1) == layout.bits_allocated:
            inked |= _embedded(samples, dataset.integer(base | _BIT_POSITION, 0) or 0)
    return inked


def painted(levels: Array, inked: Array) -> Array:
    """The grey levels or colours with white where there is ink."""
    shown = levels.copy()
    shown[inked] = _INK
    return shown


def _embedded(samples: Array, position: int) -> Array:
    """One bit of each sample."""
    if samples.ndim != 2 or samples.dtype.kind not in "iu" or not 0 <= position < samples.dtype.itemsize * 8:
        raise UnreadablePixels("An overlay lies in a bit that the samples do not have")
    bits: Array = ((samples >> position) & 1).astype(bool)
    return bits


def _plane(dataset: Dataset, base: int, number: int, max_bytes: int) -> Array | None:
    """The bitmap over a frame, None if it has none."""
    import numpy

    rows, columns = (dataset.integer(base | element, 0) or 0 for element in (_ROWS, _COLUMNS))
    frames = dataset.integer(base | _NUMBER_OF_FRAMES, 0) or 0
    at = number - (dataset.integer(base | _IMAGE_FRAME_ORIGIN, 1) or 1) if frames else 0
    count = rows * columns
    if count < 1 or (frames and not 0 <= at < frames):
        return None
    if max_bytes and count > max_bytes:
        raise ImageTooLarge(f"An overlay of {count} pixels is above the limit of {max_bytes}")
    first = at * count
    data = bulkdata.pieces(dataset, dataset[base | _DATA])[0][first // 8 : (first + count + 7) // 8]
    if len(data) * 8 < first % 8 + count:
        raise UnreadablePixels("An overlay has less data than rows and columns")
    bits = numpy.unpackbits(numpy.frombuffer(data, numpy.uint8), bitorder="little")
    plane: Array = bits[first % 8 : first % 8 + count].reshape(rows, columns)
    return plane


def _lay(inked: Array, plane: Array, origin: tuple[float, ...]) -> None:
    """Put a bitmap where its first pixel belongs; the image's own has the row and column 1."""
    top, left = (int(place) - 1 for place in (*origin, 1, 1)[:2])
    rows, columns = inked.shape
    above, before = max(-top, 0), max(-left, 0)
    part = plane[above : max(rows - top, 0), before : max(columns - left, 0)]
    if part.size:
        y, x = max(top, 0), max(left, 0)
        inked[y : y + part.shape[0], x : x + part.shape[1]] |= part.astype(bool)
