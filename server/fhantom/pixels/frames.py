"""One frame as an array of samples, made from the bytes of a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.pixels.codecs import decode_codestream
from fhantom.pixels.errors import ImageTooLarge, UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

MAX_FRAME_BYTES = 512 << 20
FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00008, 0x7FE00009
_SUBSAMPLED = ("YBR_FULL_422", "YBR_PARTIAL_422")
_PARTIAL_MIDDLES, _PARTIAL_SCALES = (16.0, 128.0, 128.0), (255 / 219, 255 / 224, 255 / 224)  # ITU-R BT.601
_ALLOCATED = (1, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Frame:
    """Decoded samples.

    Attributes:
        samples: rows x columns, or rows x columns x samples; in the machine's byte order.
        photometric_interpretation: of these samples; decoding may have changed it (JPEG's YBR becomes RGB, YBR that
            shares its colours or leaves out the ends of its range becomes YBR_FULL).
        bits_stored: of a sample.
    """

    samples: Array
    photometric_interpretation: str
    bits_stored: int


def decode(layout: PixelLayout, data: bytes, max_bytes: int = MAX_FRAME_BYTES) -> Frame:
    """Decode the bytes that `pixel_layout.frame_bytes` gave for one frame.

    Raises:
        ImageTooLarge: the samples would take more than `max_bytes`; 0 is no limit.
        UnreadablePixels: layout and bytes contradict each other.
        NoCodec: nothing installed reads the transfer syntax.
    """
    check(layout, max_bytes)
    if layout.transfer_syntax.encapsulated:
        samples, photometric_interpretation = decode_codestream(layout, data)
        return Frame(samples, photometric_interpretation, layout.bits_stored)
    if layout.photometric_interpretation in _SUBSAMPLED and layout.samples_per_pixel == 3:
        return Frame(_upsampled(layout, data), "YBR_FULL", layout.bits_stored)
    return Frame(_native(layout, data), layout.photometric_interpretation, layout.bits_stored)


def check(layout: PixelLayout, max_bytes: int = MAX_FRAME_BYTES) -> None:
    """Refuse a layout that no array can be made of, or only one of more than `max_bytes`."""
    if layout.rows < 1 or layout.columns < 1 or layout.samples_per_pixel not in (1, 3, 4):
        raise UnreadablePixels("Rows, Columns or SamplesPerPixel make no image")
    if layout.bits_allocated not in _ALLOCATED:
        raise UnreadablePixels(f"BitsAllocated {layout.bits_allocated} is not supported")
    needed = layout.rows * layout.columns * layout.samples_per_pixel * max(layout.bits_allocated // 8, 1)
    if max_bytes and needed > max_bytes:
        raise ImageTooLarge(f"A frame of {needed} bytes is above the limit of {max_bytes}")


def _native(layout: PixelLayout, data: bytes) -> Array:
    import numpy

    rows, columns, samples = layout.rows, layout.columns, layout.samples_per_pixel
    count = rows * columns * samples
    if layout.bits_allocated == 1:
        _need(data, (count + 7) // 8)
        bits = numpy.frombuffer(data, numpy.uint8)
        return numpy.unpackbits(bits, count=count, bitorder="little").reshape(rows, columns)
    dtype = _dtype(layout)
    _need(data, count * dtype.itemsize)
    array = numpy.frombuffer(little_endian(layout, data), dtype, count)
    array = array.astype(dtype.newbyteorder("="), copy=False)
    if samples == 1:
        return array.reshape(rows, columns)
    if layout.planar_configuration == 1:
        return array.reshape(samples, rows, columns).transpose(1, 2, 0)
    return array.reshape(rows, columns, samples)


def _dtype(layout: PixelLayout) -> Any:
    import numpy

    if layout.tag == FLOAT_PIXEL_DATA:
        kind = "f4"
    elif layout.tag == DOUBLE_FLOAT_PIXEL_DATA:
        kind = "f8"
    else:
        kind = ("i" if layout.pixel_representation == 1 else "u") + str(layout.bits_allocated // 8)
    return numpy.dtype("<" + kind)


def little_endian(layout: PixelLayout, data: bytes) -> bytes:
    """The bytes of an uncompressed frame with their words in little endian.

    Bytes are swapped in the words of the VR, whatever they hold (PS3.5 7.3).
    """
    import numpy

    size = layout.bits_allocated // 8 if layout.bits_allocated > 16 else {"OB": 1}.get(layout.vr, 2)
    if layout.little_endian or size == 1:
        return data
    whole = len(data) - len(data) % size
    swapped: bytes = numpy.frombuffer(data[:whole], f">u{size}").astype(f"<u{size}").tobytes()
    return swapped + data[whole:]


def _upsampled(layout: PixelLayout, data: bytes) -> Array:
    """YBR samples of which two pixels share their colour: Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2), as YBR_FULL."""
    import numpy

    rows, columns = layout.rows, layout.columns
    if columns % 2 or layout.bits_allocated != 8:
        raise UnreadablePixels(f"{layout.photometric_interpretation} needs 8 bits and an even number of columns")
    _need(data, rows * columns * 2)
    pairs = numpy.frombuffer(data, numpy.uint8, rows * columns * 2).reshape(rows, columns // 2, 4)
    full = numpy.empty((rows, columns // 2, 2, 3), numpy.uint8)
    full[..., 0] = pairs[..., :2]
    full[..., 1] = pairs[..., 2, None]
    full[..., 2] = pairs[..., 3, None]
    if layout.photometric_interpretation.startswith("YBR_PARTIAL"):
        share = (full - _PARTIAL_MIDDLES) * _PARTIAL_SCALES + (0, 128, 128)
        full = numpy.clip(share + 0.5, 0, 255).astype(numpy.uint8)
    return full.reshape(rows, columns, 3)


def _need(data: bytes, length: int) -> None:
    if len(data) < length:
        raise UnreadablePixels(f"A frame has {len(data)} bytes where {length} are needed")


def stored_values(frame: Frame, layout: PixelLayout) -> Frame:
    """The frame with the bits that are not stored masked out, and negative numbers extended (PS3.5 8.1.1)."""
    dtype = frame.samples.dtype
    spare = dtype.itemsize * 8 - layout.bits_stored
    if dtype.kind not in "iu" or spare <= 0 or layout.bits_allocated == 1 or layout.bits_stored < 1:
        return frame
    up = max(min(dtype.itemsize * 8 - 1 - layout.high_bit, spare), 0)
    samples = frame.samples << up if up else frame.samples
    return replace(frame, samples=samples >> spare)
