"""Which codec writes which transfer syntax, and what becomes of the attributes that describe the pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fhantom.dicom import syntaxes
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels import jpeg_lossless, toolkit
from fhantom.pixels.errors import NoCodec
from fhantom.pixels.frames import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

JPEG_QUALITY = 90
NEAR_LOSSLESS_ERROR = 2  # greatest difference of a sample, for JPEG-LS near-lossless
_YBR_FULL, _YBR_422 = "YBR_FULL", "YBR_FULL_422"
LOSSY_RATIO = 10  # compression asked of JPEG 2000 and HTJ2K where loss is allowed


@dataclass(frozen=True, slots=True)
class Encoder:
    """One row: how a transfer syntax is written.

    Attributes:
        write: samples and layout to the bytes of a frame.
        bits: BitsAllocated that it takes.
        samples: SamplesPerPixel that it takes.
        signed: whether it takes negative samples.
        rgb: PhotometricInterpretation of what it makes of RGB.
    """

    write: Callable[[Array, PixelLayout], bytes]
    bits: tuple[int, ...]
    samples: tuple[int, ...] = (1, 3)
    signed: bool = True
    rgb: str = "RGB"


def encoder_for(transfer_syntax_uid: str, layout: PixelLayout) -> Encoder:
    """The row for pixels of that layout.

    Raises:
        NoCodec: nothing writes the syntax, or not for such pixels.
    """
    found = ENCODERS.get(transfer_syntax_uid)
    name = transfer_syntax(transfer_syntax_uid).name
    if found is None:
        raise NoCodec(f"fhantom has no encoder for {name} ({transfer_syntax_uid})")
    signed = layout.pixel_representation == 1
    palette = layout.photometric_interpretation == "PALETTE COLOR"  # an index must not be off by one
    if (
        layout.bits_allocated not in found.bits
        or layout.samples_per_pixel not in found.samples
        or (signed and not found.signed)
        or (palette and transfer_syntax(transfer_syntax_uid).lossy)
    ):
        raise NoCodec(
            f"{name} cannot hold {layout.samples_per_pixel} x {layout.bits_allocated} bits "
            f"{'signed ' if signed else ''}{layout.photometric_interpretation}"
        )
    return found


def encode(frame: Frame, layout: PixelLayout, transfer_syntax_uid: str) -> bytes:
    """One frame in that syntax.

    Raises:
        NoCodec: the syntax is not written for such pixels, or the package that would is missing.
    """
    import numpy

    row = encoder_for(transfer_syntax_uid, layout)
    try:
        return row.write(numpy.ascontiguousarray(frame.samples), layout)
    except ImportError as error:
        raise NoCodec(f"the package {error.name} that writes {transfer_syntax_uid} is not installed") from error
    except NoCodec:
        raise
    except Exception as error:  # each codec has its own ways to refuse
        raise NoCodec(f"a frame cannot be written in {transfer_syntax_uid}: {error}") from error


def encoded_interpretation(frame: Frame, transfer_syntax_uid: str) -> str:
    """That of the frame once it is encoded."""
    made = ENCODERS[transfer_syntax_uid].rgb
    if frame.photometric_interpretation == "RGB" or (
        frame.photometric_interpretation == _YBR_FULL and made == _YBR_422
    ):
        return made
    return frame.photometric_interpretation


def _jpeg(samples: Array, layout: PixelLayout) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    options: dict[str, Any] = {"subsampling": "4:2:2"} if samples.ndim == 3 else {}
    if layout.photometric_interpretation == _YBR_FULL:
        image = Image.frombytes("YCbCr", (layout.columns, layout.rows), samples.tobytes())
    else:
        image = Image.fromarray(samples)
    image.save(out, "JPEG", quality=JPEG_QUALITY, **options)
    return out.getvalue()


def _jpeg_lossless(selection: int) -> Callable[[Array, PixelLayout], bytes]:
    def write(samples: Array, layout: PixelLayout) -> bytes:
        return jpeg_lossless.encode(samples, _precision(samples, layout), selection)

    return write


def _precision(samples: Array, layout: PixelLayout) -> int:
    """Bits that a codec needs: a negative sample fills them all, and so may one of a file that says too few."""
    fits = layout.pixel_representation == 0 and int(samples.max()) < 1 << layout.bits_stored
    return max(layout.bits_stored if fits else layout.bits_allocated, 2)


def _jpeg_ls(error: int) -> Callable[[Array, PixelLayout], bytes]:
    def write(samples: Array, layout: PixelLayout) -> bytes:
        import jpeg_ls

        return bytes(
            jpeg_ls.encode_buffer(
                samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes(),
                layout.rows,
                layout.columns,
                layout.samples_per_pixel,
                _precision(samples, layout),
                error,
                0 if layout.samples_per_pixel == 1 else 2,
            )
        )

    return write


def _pylibjpeg(transfer_syntax_uid: str, **options: Any) -> Callable[[Array, PixelLayout], bytes]:
    def write(samples: Array, layout: PixelLayout) -> bytes:
        encoder = toolkit.encoder_of(transfer_syntax_uid)
        if not encoder.is_available:
            raise NoCodec(f"the packages that write {transfer_syntax_uid} are not installed")
        with toolkit.PYLIBJPEG:
            encoded: bytes = encoder.encode(
                samples,
                encoding_plugin="pylibjpeg",
                rows=layout.rows,
                columns=layout.columns,
                number_of_frames=1,
                samples_per_pixel=layout.samples_per_pixel,
                bits_allocated=layout.bits_allocated,
                bits_stored=layout.bits_stored,
                pixel_representation=layout.pixel_representation,
                photometric_interpretation=layout.photometric_interpretation,
                planar_configuration=0,
                **options,
            )
        return encoded

    return write


def _htj2k(*, lossless: bool) -> Callable[[Array, PixelLayout], bytes]:
    def write(samples: Array, layout: PixelLayout) -> bytes:
        import imagecodecs

        # OpenJPH writes in the order RPCL; its markers of tile lengths make it HTJ2K RPCL (PS3.5 A.4.11) too.
        return bytes(imagecodecs.htj2k_encode(samples, reversible=lossless, tlm=True))

    return write


SELECTION_VALUES = {syntaxes.JPEG_LOSSLESS: jpeg_lossless.PLANE, syntaxes.JPEG_LOSSLESS_SV1: jpeg_lossless.LEFT}
"""The predictors of lossless JPEG, as the real server chooses them."""

_J2K_LOSSY = {"j2k_cr": [LOSSY_RATIO]}

# PS3.5 8.2 and A.4. HTJ2K needs the extra `htj2k`; 12-bit JPEG and JPEG 2000 part 2 have no writer.
ENCODERS: dict[str, Encoder] = {
    syntaxes.JPEG_BASELINE: Encoder(_jpeg, (8,), signed=False, rgb=_YBR_422),
    syntaxes.JPEG_EXTENDED: Encoder(_jpeg, (8,), signed=False, rgb=_YBR_422),
    syntaxes.JPEG_LOSSLESS: Encoder(_jpeg_lossless(SELECTION_VALUES[syntaxes.JPEG_LOSSLESS]), (8, 16)),
    syntaxes.JPEG_LOSSLESS_SV1: Encoder(_jpeg_lossless(SELECTION_VALUES[syntaxes.JPEG_LOSSLESS_SV1]), (8, 16)),
    syntaxes.JPEG_LS_LOSSLESS: Encoder(_jpeg_ls(0), (8, 16)),
    syntaxes.JPEG_LS_NEAR_LOSSLESS: Encoder(_jpeg_ls(NEAR_LOSSLESS_ERROR), (8, 16), signed=False),
    syntaxes.JPEG_2000_LOSSLESS: Encoder(_pylibjpeg(syntaxes.JPEG_2000_LOSSLESS), (8, 16), rgb="YBR_RCT"),
    syntaxes.JPEG_2000: Encoder(_pylibjpeg(syntaxes.JPEG_2000, **_J2K_LOSSY), (8, 16), rgb="YBR_ICT"),
    syntaxes.HTJ2K_LOSSLESS: Encoder(_htj2k(lossless=True), (8, 16), rgb="YBR_RCT"),
    syntaxes.HTJ2K_LOSSLESS_RPCL: Encoder(_htj2k(lossless=True), (8, 16), rgb="YBR_RCT"),
    syntaxes.HTJ2K: Encoder(_htj2k(lossless=False), (8, 16), rgb="YBR_ICT"),
    syntaxes.RLE_LOSSLESS: Encoder(_pylibjpeg(syntaxes.RLE_LOSSLESS), (8, 16)),
}


def decoded_layout(frame: Frame, layout: PixelLayout) -> PixelLayout:
    """The layout of a decoded frame: interleaved, in its own photometric interpretation, of whole bytes."""
    itemsize = frame.samples.dtype.itemsize
    return replace(
        layout,
        photometric_interpretation=frame.photometric_interpretation,
        planar_configuration=0,
        bits_allocated=itemsize * 8,
        little_endian=True,
    )
