"""Small images for the tests of the pixel room: as arrays, layouts and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dicom.dicom_samples import EXPLICIT, image, written
from fhantom import dicom
from fhantom.dicom import DicomFile
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.dicom.syntaxes import transfer_syntax

Array = NDArray[Any]


def ramp(dtype: str, rows: int = 41, columns: int = 36, step: int = 7) -> Array:
    """Grey values that rise to the right and downwards."""
    y, x = np.mgrid[0:rows, 0:columns]
    return ((x * step + y * 3) % (1 << (8 * np.dtype(dtype).itemsize - 1))).astype(dtype)


def colours(rows: int = 34, columns: int = 36) -> Array:
    """RGB that changes slowly."""
    y, x = np.mgrid[0:rows, 0:columns]
    return np.dstack([x * 7, y * 5, x + y]).astype("u1")


def layout_for(samples: Array, syntax: str = EXPLICIT, bits_stored: int | None = None, **changes: Any) -> PixelLayout:
    """The layout of an image like that array."""
    bits = samples.dtype.itemsize * 8
    layout = PixelLayout(
        transfer_syntax=transfer_syntax(syntax),
        tag=0x7FE00010,
        vr="OW",
        rows=samples.shape[0],
        columns=samples.shape[1],
        samples_per_pixel=1 if samples.ndim == 2 else samples.shape[2],
        photometric_interpretation="MONOCHROME2" if samples.ndim == 2 else "RGB",
        planar_configuration=0,
        bits_allocated=bits,
        bits_stored=bits_stored or bits,
        high_bit=(bits_stored or bits) - 1,
        pixel_representation=int(samples.dtype.kind == "i"),
        number_of_frames=1,
        frames=(),
        first_bits=(),
        frame_length=samples.nbytes,
        little_endian=True,
    )
    return replace(layout, **changes)


def file_of(samples: Array, *more: Array, syntax: str = EXPLICIT, **attributes: Any) -> DicomFile:
    """A file whose frames are these arrays."""
    bits = samples.dtype.itemsize * 8
    made = image(1 + len(more), samples.shape[0], samples.shape[1], bits)
    if samples.ndim == 3:
        made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.PixelRepresentation = int(samples.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    content = b"".join(frame.tobytes() for frame in (samples, *more))
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OW"
    return dicom.read(written(made, syntax))
