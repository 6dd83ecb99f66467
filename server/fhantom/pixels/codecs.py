"""Which codec reads which transfer syntax, and how each is called.

Codecs are optional at run time: one that is not installed makes a `NoCodec`, never an ImportError. The size
in the codestream is compared with the attributes first, because a codec allocates what its codestream says.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fhantom.dicom import syntaxes
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.pixels import codestream, isolation, rle, toolkit
from fhantom.pixels.codestream import Codestream
from fhantom.pixels.errors import NoCodec, UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Decoded = tuple[NDArray[Any], str]


@dataclass(frozen=True, slots=True)
class Decoder:
    """One row: what reads a transfer syntax.

    Attributes:
        read: layout, codestream and its header to samples and their photometric interpretation.
        fragile: whether broken input may end or hang the process, so that another one has to do it.
    """

    read: Callable[[PixelLayout, bytes, Codestream], Decoded]
    fragile: bool = False


def decode_codestream(layout: PixelLayout, data: bytes) -> Decoded:
    """The samples of one compressed frame, and their photometric interpretation.

    Raises:
        NoCodec: nothing installed reads the syntax.
        UnreadablePixels: the codestream is broken, or is of another size than the attributes say.
    """
    uid = layout.transfer_syntax.uid
    row = DECODERS.get(uid)
    if row is None:
        raise NoCodec(f"fhantom has no decoder for {layout.transfer_syntax.name} ({uid})")
    header = _checked_header(layout, data)
    if row.fragile or (row.read is _jpeg and header.precision != 8):
        return isolation.CODECS.decode(layout, data)
    return decode_here(layout, data)


def decode_here(layout: PixelLayout, data: bytes) -> Decoded:
    """As `decode_codestream`, without leaving the process.

    Raises:
        NoCodec, UnreadablePixels: likewise.
    """
    name = layout.transfer_syntax.name
    try:
        header = _checked_header(layout, data)
        samples, interpretation = DECODERS[layout.transfer_syntax.uid].read(layout, data, header)
    except ImportError as error:
        raise NoCodec(f"the package {error.name} that decodes {name} is not installed") from error
    except (UnreadablePixels, NoCodec):
        raise
    except Exception as error:  # each codec has its own ways to say that its input is broken
        raise UnreadablePixels(f"a frame in {name} cannot be decoded: {error}") from error
    shape = (layout.rows, layout.columns, layout.samples_per_pixel)[: 2 if layout.samples_per_pixel == 1 else 3]
    if samples.shape != shape:
        raise UnreadablePixels(f"a frame decodes to {samples.shape} samples instead of {shape}")
    return samples, interpretation


def decodes(transfer_syntax_uid: str) -> bool:
    """Whether frames in that encapsulated syntax can be decoded."""
    return transfer_syntax_uid in DECODERS


def _checked_header(layout: PixelLayout, data: bytes) -> Codestream:
    if layout.transfer_syntax.uid == syntaxes.RLE_LOSSLESS:  # whose header says nothing of the image
        return Codestream(layout.rows, layout.columns, layout.samples_per_pixel, layout.bits_stored)
    header = codestream.parse(data)
    if header is None:
        raise UnreadablePixels(f"a frame is not a codestream of {layout.transfer_syntax.name}")
    found = header.rows, header.columns, header.samples_per_pixel
    if found != (layout.rows, layout.columns, layout.samples_per_pixel):
        raise UnreadablePixels(f"a codestream says {found}, the attributes say another size")
    if header.precision > layout.bits_allocated:
        raise UnreadablePixels(f"a codestream has {header.precision} bits, more than BitsAllocated")
    return header


def _jpeg(layout: PixelLayout, data: bytes, header: Codestream) -> Decoded:
    """JPEG of 8 bits by Pillow, of 12 by GDCM."""
    import numpy
    from PIL import Image

    if header.precision != 8:
        return _gdcm(layout, data, header)
    if data[1:2] != b"\xd8":
        raise UnreadablePixels("not a JPEG frame")
    Image.MAX_IMAGE_PIXELS = None  # sizes have been looked at, with a limit that can be set
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        if header.samples_per_pixel == 1:
            return numpy.asarray(image), layout.photometric_interpretation
        # Without markers libjpeg takes three components for YCbCr, where the attributes may say RGB.
        marked = header.jfif or header.adobe or header.says_rgb
        if layout.photometric_interpretation == "RGB" and not marked:
            image.draft("YCbCr", image.size)
        return numpy.asarray(image), "RGB"


def _gdcm(layout: PixelLayout, data: bytes, header: Codestream) -> Decoded:
    """JPEG lossless, and JPEG of 12 bits."""
    import gdcm
    import numpy

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(data)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((layout.columns, layout.rows, 1))
    interpretation = gdcm.PhotometricInterpretation.GetPIType(layout.photometric_interpretation)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(interpretation))
    if layout.samples_per_pixel > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(layout.transfer_syntax.uid)))
    allocated = 8 if header.precision <= 8 else 16
    image.SetPixelFormat(
        gdcm.PixelFormat(
            layout.samples_per_pixel,
            allocated,
            header.precision,
            header.precision - 1,
            layout.pixel_representation,
        )
    )
    image.SetDataElement(element)
    buffer = image.GetBuffer().encode("utf-8", "surrogateescape")
    kind = "i" if layout.pixel_representation == 1 else "u"
    size = 1 if header.precision <= 8 else 2
    samples = numpy.frombuffer(buffer, f"<{kind}{size}")
    if layout.samples_per_pixel == 1:
        return samples.reshape(layout.rows, layout.columns), layout.photometric_interpretation
    shaped = samples.reshape(layout.rows, layout.columns, layout.samples_per_pixel)
    return shaped, layout.photometric_interpretation


def _rle(layout: PixelLayout, data: bytes, header: Codestream) -> Decoded:
    itemsize = layout.bits_allocated // 8
    samples = rle.decode(data, layout.rows, layout.columns, layout.samples_per_pixel, itemsize)
    kind = "i" if layout.pixel_representation == 1 else "u"
    return samples.view(f"{kind}{itemsize}"), layout.photometric_interpretation


def _by_pydicom(plugin: str) -> Callable[[PixelLayout, bytes, Codestream], Decoded]:
    """By one plugin of pydicom; left to choose it would try others, which break in ways of their own."""

    def read(layout: PixelLayout, data: bytes, header: Codestream) -> Decoded:
        decoder = toolkit.decoder_of(layout.transfer_syntax.uid)
        if plugin not in decoder.available_plugins:
            raise NoCodec(f"the package {plugin} that decodes {layout.transfer_syntax.name} is not installed")
        options: dict[str, Any] = {
            "rows": layout.rows,
            "columns": layout.columns,
            "number_of_frames": 1,
            "samples_per_pixel": layout.samples_per_pixel,
            "photometric_interpretation": layout.photometric_interpretation,
            "bits_allocated": layout.bits_allocated,
            "bits_stored": layout.bits_stored,
            "pixel_representation": layout.pixel_representation,
            "pixel_keyword": "PixelData",
            "planar_configuration": layout.planar_configuration,
        }
        source = toolkit.encapsulated(data)
        with toolkit.PYLIBJPEG:
            samples, properties = decoder.as_array(source, index=0, raw=True, decoding_plugin=plugin, **options)
        return samples, str(properties["photometric_interpretation"])

    return read


# CharLS loops for ever, and GDCM aborts the process, on some broken codestreams; JPEG of 12 bits is GDCM's too.
_JPEG_ROW = Decoder(_jpeg)
_JPEG_LOSSLESS_ROW = Decoder(_gdcm, fragile=True)
_JPEG_LS_ROW = Decoder(_by_pydicom("pyjpegls"), fragile=True)
_JPEG_2000_ROW = Decoder(_by_pydicom("pylibjpeg"))

# PS3.5 A.4; 1.2.840.10008.1.2.4.92 and .93 (JPEG 2000 part 2), MPEG and JPEG XL have no decoder here.
DECODERS: dict[str, Decoder] = {
    syntaxes.JPEG_BASELINE: _JPEG_ROW,
    syntaxes.JPEG_EXTENDED: _JPEG_ROW,
    syntaxes.JPEG_LOSSLESS: _JPEG_LOSSLESS_ROW,
    syntaxes.JPEG_LOSSLESS_SV1: _JPEG_LOSSLESS_ROW,
    syntaxes.JPEG_LS_LOSSLESS: _JPEG_LS_ROW,
    syntaxes.JPEG_LS_NEAR_LOSSLESS: _JPEG_LS_ROW,
    syntaxes.JPEG_2000_LOSSLESS: _JPEG_2000_ROW,
    syntaxes.JPEG_2000: _JPEG_2000_ROW,
    syntaxes.HTJ2K_LOSSLESS: _JPEG_2000_ROW,
    syntaxes.HTJ2K_LOSSLESS_RPCL: _JPEG_2000_ROW,
    syntaxes.HTJ2K: _JPEG_2000_ROW,
    syntaxes.RLE_LOSSLESS: Decoder(_rle),
}
