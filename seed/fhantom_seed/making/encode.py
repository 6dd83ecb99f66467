"""Pixel data in the transfer syntax that the facts ask for (PS3.5 8.2, A.4)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from fhantom_seed.making import lossless_jpeg
from fhantom_seed.making.base import put

Pixels = NDArray[Any]

NATIVE = {"implicit", "explicit", "deflated", "big-endian"}
# Encoders that pydicom has for itself, with its plugins
BY_PYDICOM = {"rle", "jls", "j2k"}
JPEG_QUALITY = 62
LOSSY_METHODS = {"jpeg": "ISO_10918_1", "j2k-lossy": "ISO_15444_1"}


def set_pixels(dataset: Dataset, frames: Sequence[Pixels], syntax: str, *, bits: int = 0) -> Dataset:
    """Describe and encode `frames` (rows, columns[, 3]), all of one shape and type.

    `bits` is BitsStored where it is less than the type holds. Lossy and RGB-to-YBR changes of the
    photometric interpretation are recorded as the transfer syntax demands (PS3.5 8.2.1, 8.2.4).
    """
    first = frames[0]
    allocated = first.dtype.itemsize * 8
    stored = allocated if syntax == "htj2k" or not bits else bits
    colour = first.ndim == 3
    put(
        dataset,
        SamplesPerPixel=3 if colour else 1,
        PhotometricInterpretation="RGB" if colour else dataset.get("PhotometricInterpretation", "MONOCHROME2"),
        Rows=first.shape[0],
        Columns=first.shape[1],
        BitsAllocated=allocated,
        BitsStored=stored,
        HighBit=stored - 1,
        PixelRepresentation=1 if first.dtype.kind == "i" else 0,
    )
    if colour:
        dataset.PlanarConfiguration = 0
    if "NumberOfFrames" in dataset or len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    if syntax in NATIVE:
        _native(dataset, frames, syntax)
    elif syntax in BY_PYDICOM:
        uid = UID(str(dataset.file_meta.TransferSyntaxUID))
        stack = np.stack(frames) if len(frames) > 1 else first
        dataset.compress(uid, stack, generate_instance_uid=False)
        if colour:
            dataset.PlanarConfiguration = 1 if syntax == "rle" else 0
    else:
        _encapsulated(dataset, frames, syntax, stored)
    return dataset


def _native(dataset: Dataset, frames: Sequence[Pixels], syntax: str) -> None:
    data = b"".join(
        (frame.byteswap() if syntax == "big-endian" and frame.dtype.itemsize > 1 else frame).tobytes()
        for frame in frames
    )
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    wide = dataset.BitsAllocated > 8 or syntax == "implicit"
    dataset["PixelData"].VR = "OW" if wide else "OB"


def _encapsulated(dataset: Dataset, frames: Sequence[Pixels], syntax: str, bits: int) -> None:
    encoded = [ENCODERS[syntax](frame, bits) for frame in frames]
    dataset.PixelData = encapsulate(encoded)
    dataset["PixelData"].VR = "OB"
    if syntax in LOSSY_METHODS:
        raw = sum(frame.nbytes for frame in frames)
        put(
            dataset,
            LossyImageCompression="01",
            LossyImageCompressionRatio=f"{raw / sum(map(len, encoded)):.2f}",
            LossyImageCompressionMethod=LOSSY_METHODS[syntax],
        )
        if frames[0].ndim == 3:
            dataset.PhotometricInterpretation = "YBR_FULL_422" if syntax == "jpeg" else "YBR_ICT"


def jpeg(frame: Pixels, _bits: int = 8) -> bytes:
    """Baseline JPEG, colour as YCbCr with 4:2:2 chroma."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=1 if frame.ndim == 3 else -1)
    return buffer.getvalue()


def _jpeg_process_14(frame: Pixels, bits: int) -> bytes:
    """Lossless JPEG with another predictor than the usual one."""
    return bytes(imagecodecs.ljpeg_encode(frame, bitspersample=bits))


def _htj2k(frame: Pixels, _bits: int) -> bytes:
    return bytes(imagecodecs.htj2k_encode(frame))


def _jpeg2000_lossy(frame: Pixels, _bits: int) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(frame, level=38, codecformat="j2k", reversible=False, numthreads=1))


ENCODERS: dict[str, Callable[[Pixels, int], bytes]] = {
    "jpeg": jpeg,
    "jpeg-lossless": lossless_jpeg.encode,
    "jpeg-process-14": _jpeg_process_14,
    "htj2k": _htj2k,
    "j2k-lossy": _jpeg2000_lossy,
}
