"""The samples of a frame as they are stored: its bytes, or a grey PNG that cuts off only what does not fit."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from fhantom.dicom import DicomFile, pixel_layout
from fhantom.pixels.errors import UnreadablePixels
from fhantom.pixels.frames import MAX_FRAME_BYTES, Frame, decode, stored_values
from fhantom.pixels.layouts import layout_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def raw(file: DicomFile, number: int) -> bytes:
    """Frame `number` (from 1) as it is stored, compressed or not.

    Raises:
        NoPixels, NoSuchFrame: it is not there.
    """
    return pixel_layout.frame_bytes(file.dataset, layout_of(file, number), number)


def grey(file: DicomFile, number: int, kind: str, max_bytes: int = MAX_FRAME_BYTES) -> bytes:
    """A PNG of a frame's stored values as `uint8`, `uint16` or `int16`, the nearest for those that this cannot hold.

    Raises:
        UnreadablePixels: the frame is of colours, or as `frames.decode`.
    """
    import numpy
    from PIL import Image

    frame = _frame(file, number, max_bytes)
    samples = frame.samples
    if samples.ndim != 2 or frame.photometric_interpretation == "PALETTE COLOR":
        raise UnreadablePixels("The image has colours")
    if frame.bits_stored == 1:
        samples = samples.astype(numpy.uint8) * 255  # as Orthanc writes bits
    limits = numpy.iinfo(kind)
    fitting = numpy.clip(samples, limits.min, limits.max).astype(kind)
    if kind == "int16":
        fitting = fitting.view(numpy.uint16)  # PNG knows no negative numbers
    file_ = io.BytesIO()
    Image.fromarray(fitting).save(file_, "PNG")
    return file_.getvalue()


def _frame(file: DicomFile, number: int, max_bytes: int) -> Frame:
    layout = layout_of(file, number)
    data = pixel_layout.frame_bytes(file.dataset, layout, number)
    return stored_values(decode(layout, data, max_bytes), layout)
