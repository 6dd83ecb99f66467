"""From stored values to 8-bit RGB: palettes (PS3.3 C.7.6.3.1.5, C.7.9), YBR, deeper samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fhantom.dicom import Dataset
from fhantom.pixels.bands import in_bands
from fhantom.pixels.errors import UnreadablePixels
from fhantom.pixels.frames import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_RED_DESCRIPTOR, _RED_DATA, _SEGMENTED_RED_DATA = 0x00281101, 0x00281201, 0x00281221
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2  # kinds of segments of a palette
_YBR = ("YBR_FULL", "YBR_FULL_422")


def rgb(frame: Frame) -> Array:
    """8-bit RGB of a frame with three samples a pixel."""
    import numpy

    samples = frame.samples
    if samples.shape[-1] != 3:
        raise UnreadablePixels(f"{samples.shape[-1]} samples a pixel cannot be shown")
    if samples.dtype.itemsize > 1:
        samples = (samples >> max(frame.bits_stored - 8, 0)).clip(0, 255).astype(numpy.uint8)
    if frame.photometric_interpretation in _YBR:
        return _from_ybr(samples)
    return samples.astype(numpy.uint8, copy=False)


def _from_ybr(samples: Array) -> Array:
    import numpy
    from PIL import Image

    # Pillow's YCbCr is that of JFIF, which is YBR_FULL.
    image = Image.frombytes("YCbCr", (samples.shape[1], samples.shape[0]), numpy.ascontiguousarray(samples))
    return numpy.asarray(image.convert("RGB"))


def from_palette(dataset: Dataset, stored: Array) -> Array:
    """8-bit RGB of indices into the data set's palette."""
    import numpy

    tables = [_table(dataset, channel) for channel in range(3)]

    def shade(band: Array) -> Array:
        values = band.astype(numpy.int64)
        return numpy.dstack([table[numpy.clip(values - first, 0, len(table) - 1)] for first, table in tables])

    return in_bands(stored, shade)


def _table(dataset: Dataset, channel: int) -> tuple[int, Array]:
    """First value that is mapped, and the entries as 8-bit numbers, of one colour."""
    import numpy

    descriptor = dataset.numbers(_RED_DESCRIPTOR + channel)
    if len(descriptor) != 3:
        raise UnreadablePixels("a palette has no descriptor")
    count, first, bits = int(descriptor[0]) & 0xFFFF or 65536, int(descriptor[1]), int(descriptor[2])
    raw = bytes(dataset.raw(_RED_DATA + channel))
    order = "<u2" if dataset.little_endian else ">u2"
    if raw:
        wide = len(raw) >= 2 * count
        entries = numpy.frombuffer(raw[: len(raw) & ~1] if wide else raw, order if wide else "u1")[:count]
    else:
        segments = bytes(dataset.raw(_SEGMENTED_RED_DATA + channel))
        wide = bits > 8
        entries = _expanded(numpy.frombuffer(segments[: len(segments) & ~1], order if wide else "u1"), count)
    if not len(entries):
        raise UnreadablePixels("a palette has no entries")
    # Some writers say 16 bits and use 8 of them; a palette whose entries all fit 8 bits is one of 8 bits.
    deep = wide and int(entries.max()) > 255
    return first, (entries >> 8 if deep else entries).astype(numpy.uint8)


def _expanded(segments: Array, count: int) -> Array:
    """The entries of a segmented palette (PS3.3 C.7.9.2).

    Raises:
        UnreadablePixels: a segment is of no known kind, or ends early.
    """
    import numpy

    out: list[int] = []
    data = [int(value) for value in segments]
    width = segments.dtype.itemsize
    at = 0
    while at + 2 <= len(data) and len(out) < count:
        if data[at] != _INDIRECT:
            at = _extend(out, data, at)
            continue
        times, after = data[at + 1], at + 2 + 4 // width
        first = int.from_bytes(segments[at + 2 : after].astype(f"<u{width}").tobytes(), "little") // width
        for _ in range(times):
            first = _extend(out, data, first)
            if len(out) >= count:
                break
        at = after
    return numpy.array(out[:count], segments.dtype)


def _extend(out: list[int], data: list[int], at: int) -> int:
    """Add the entries of the discrete or linear segment at that place, and tell where the next one is."""
    if at + 2 >= len(data):
        raise UnreadablePixels("a palette ends within a segment")
    kind, length, end = data[at : at + 3]
    if kind == _DISCRETE:
        out.extend(data[at + 2 : at + 2 + length])
        return at + 2 + length
    if kind == _LINEAR and out:
        start = out[-1]
        out.extend(start + round((end - start) * step / length) for step in range(1, length + 1))
        return at + 3
    raise UnreadablePixels(f"a palette has a segment of kind {kind}, which cannot be expanded")
