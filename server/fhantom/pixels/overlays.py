"""Overlay planes: bitmaps that lie over an image, beside its pixels or in their unused bits (PS3.3 C.9.2)."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Plane:
    """A bitmap, and where its first pixel lies: the image's own has the row and column 1.

    Attributes:
        data: bits from the least significant one of the first byte on.
        first: the bit with which it begins.
    """

    rows: int
    columns: int
    top: int
    left: int
    data: bytes
    first: int = 0

    def lay(self, inked: Array) -> None:
        """Add its ink to a bitmap of the image."""
        import numpy

        count = self.rows * self.columns
        bits = numpy.unpackbits(numpy.frombuffer(self.data, numpy.uint8), bitorder="little")
        plane = bits[self.first : self.first + count].reshape(self.rows, self.columns)
        top, left = self.top - 1, self.left - 1
        rows, columns = inked.shape
        part = plane[max(-top, 0) : max(rows - top, 0), max(-left, 0) : max(columns - left, 0)]
        if part.size:
            y, x = max(top, 0), max(left, 0)
            inked[y : y + part.shape[0], x : x + part.shape[1]] |= part.astype(bool)


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
            plane = plane_of(dataset, group, number, max_bytes)
            if plane is not None:
                plane.lay(inked)
        elif layout.bits_allocated > 1 and dataset.integer(base | _BITS_ALLOCATED, 1) == layout.bits_allocated:
            inked |= _embedded(samples, dataset.integer(base | _BIT_POSITION, 0) or 0)
    return inked


def laid(planes: tuple[Plane, ...], inked: Array | None, samples: Array) -> Array | None:
    """The ink of more planes over a frame beside what there is already."""
    import numpy

    if planes and inked is None:
        inked = numpy.zeros(samples.shape[:2], bool)
    for plane in planes:
        if inked is not None:
            plane.lay(inked)
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


def has_plane(dataset: Dataset, group: int) -> bool:
    """Whether a data set holds the bitmap of a group itself."""
    return group << 16 | _DATA in dataset


def plane_of(dataset: Dataset, group: int, number: int, max_bytes: int) -> Plane | None:
    """The bitmap of a group over frame `number` (from 1), None if it has none there.

    Raises:
        UnreadablePixels, ImageTooLarge: as `drawn`.
    """
    base = group << 16
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
    top, left = (int(place) for place in (*dataset.numbers(base | _ORIGIN), 1, 1)[:2])
    return Plane(rows, columns, top, left, bytes(data), first % 8)
