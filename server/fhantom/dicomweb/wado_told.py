"""Departures of WADO-RS that only the data tells: the code that sees it notes them. The rest: `wado_portability`."""

from __future__ import annotations

from collections.abc import Iterable

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import syntaxes
from fhantom.dicom.errors import NoSuchTag
from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.errors import FhantomError
from fhantom.pixels.errors import NoCodec, NoPixels
from fhantom.wire.orthanc import INTERNAL, NOT_IMPLEMENTED, UNKNOWN_TAG
from fhantom.wire.portability import Departure

JPEG_2000 = frozenset((syntaxes.JPEG_2000_LOSSLESS, syntaxes.JPEG_2000))

DECODED_JPEG_2000 = Departure(
    "wado-jpeg-2000",
    "JPEG 2000 is decoded",
    "500, or 400 for a rendered resource",
    500,
    newer="with orthanc-gdcm it is decoded",
    clause="PS3.18 8.7.3.3",
)

REFUSALS: tuple[tuple[type[FhantomError], Departure], ...] = (
    (
        NoPixels,
        Departure(
            "wado-no-pixels",
            "an object without pixels is 404",
            "500",
            500,
            clause="RFC 9110 15.5.5",
            failure=NOT_IMPLEMENTED,
        ),
    ),
    (
        NoSuchTag,
        Departure(
            "bulk-no-tag",
            "a path of bulk data that names no tag is 404",
            "500",
            500,
            clause="RFC 9110 15.5.5",
            failure=UNKNOWN_TAG,
        ),
    ),
    (NoCodec, Departure("wado-no-codec", "a form that cannot be made is 406", "500", 500, clause="RFC 9110 15.5.7")),
)
"""Rows of refusals that the real server words as its own failure."""

CONVERTED_FRAMES = Departure(
    "frames-converted",
    "frames of deflated and big endian objects come in any syntax, as explicit little endian",
    "500",
    500,
    newer="converted in later versions",
    clause="PS3.18 8.7.3.3.2",
    failure=INTERNAL,
)
DEEP_PIXELS = Departure(
    "frames-deep",
    "frames of 32 bits are frames, and rendered",
    "400",
    400,
    clause="PS3.3 C.7.6.3",
)
OFFSET_TABLE = Departure(
    "bulk-offset-table",
    "pixel data in fragments comes without the table of their offsets",
    "that is the first part",
    clause="PS3.5 A.4",
    imitated=True,
)
ITEM_ZERO = Departure(
    "bulk-item-zero",
    "items in the path of bulk data count from 1",
    "0 leads to the last one",
    clause="PS3.18 annex F",
    imitated=True,
)
PIXEL_KEYWORD = Departure(
    "bulk-pixel-keyword",
    "PixelData in the path of bulk data is its tag",
    "it is a list of its own making",
    clause="PS3.18 annex F",
)
ACCEPT_LIST = Departure(
    "wado-accept-list",
    "Accept is negotiated: lists, weights and ranges such as application/*",
    "400 unless the header, as far as it is split, is of a type known",
    400,
    newer="negotiated since 1.18",
    clause="RFC 9110 12.5.1",
)
ACCEPT_READ = Departure(
    "wado-accept-read",
    "Accept is negotiated by its weights, and of what is equal the first counts",
    "the last of what is said twice counts, no weight does, and fields with spaces or quotes out of place do not",
    clause="RFC 9110 12.5.1",
    imitated=True,
)
FRAMES_ACCEPT_LIST = Departure(
    "frames-accept-list",
    "an Accept list of frames is negotiated, and JPEG of any kind is image/jpeg",
    "the last type and transfer syntax win, and image/jpeg alone is lossless",
    clause="RFC 9110 12.5.1",
    imitated=True,
)
RECODED = Departure(
    "wado-codecs",
    "JPEG and JPEG-LS are written by other encoders",
    "the same image may come in other bytes, which those of DCMTK write",
    clause="PS3.18 8.7.3.3",
)
DRAWN = Departure(
    "rendered-deep",
    "samples of 32 bits or of 8 with a sign, colours of 16, palettes of 16 or in implicit VR, YBR that is not"
    " compressed, and waveforms are rendered",
    "400",
    400,
    clause="PS3.18 10.4.1.1.3",
)
FRAMES_RENDERED = Departure(
    "rendered-frames",
    "several frames of a list are rendered, as parts or as a GIF that moves",
    "400",
    400,
    clause="PS3.18 10.4.1.1.3",
)
EMPTY_WINDOW = Departure(
    "rendered-window-width",
    "a window of no width, or less, is 400",
    "200",
    clause="PS3.3 C.11.2.1.2.1",
    imitated=True,
)
EVERY_VALUE = Departure(
    "metadata-values",
    "metadata tells every value, and empty items",
    "of OF, OL and OD the first number; SV, UV, empty items and palettes in implicit VR are missing, long texts cut at"
    " backslashes, and the smallest numbers 0",
    newer="OF, OL and OD are bulk data since 1.24",
    clause="PS3.18 F.2",
    imitated=True,
)


_OTHER_ENCODERS = frozenset(
    (
        *(syntaxes.JPEG_BASELINE, syntaxes.JPEG_EXTENDED, syntaxes.JPEG_LOSSLESS, syntaxes.JPEG_LOSSLESS_SV1),
        *(syntaxes.JPEG_LS_LOSSLESS, syntaxes.JPEG_LS_NEAR_LOSSLESS),
    )
)


_LOSSLESS_JPEG = (syntaxes.JPEG_LOSSLESS, syntaxes.JPEG_LOSSLESS_SV1)


def depends_on_encoder(transfer_syntax_uid: str) -> bool:
    """Whether pixels in that syntax may have other bytes, whichever encoder has written them."""
    return transfer_syntax_uid in _OTHER_ENCODERS


def is_recoded(layout: PixelLayout, asked: str) -> bool:
    """Whether pixels that are put in such a syntax come in other bytes than DCMTK's.

    Lossless JPEG was seen to be the same where grey samples fill their words or have a sign.
    """
    stored = layout.transfer_syntax
    if stored.uid == asked or not depends_on_encoder(asked):
        return False
    is_grey = layout.samples_per_pixel == 1 and layout.photometric_interpretation.startswith("MONOCHROME")
    is_full = layout.bits_stored == layout.bits_allocated or layout.pixel_representation == 1
    is_plain = not stored.encapsulated or stored.uid == syntaxes.RLE_LOSSLESS
    return not (asked in _LOSSLESS_JPEG and is_grey and is_full and is_plain)


def decodes_jpeg_2000(rows: Iterable[InstanceRow], asked: str) -> bool:
    """Whether an instance has to be decoded from JPEG 2000 to come in the transfer syntax `asked` for."""
    stored = {row.transfer_syntax_uid for row in rows}
    return asked != "*" and bool(stored & JPEG_2000 - {asked})


def has_lost_byte_order(row: InstanceRow) -> bool:
    """Whether frames cannot come in the stored syntax: they are not deflated, and of little endian."""
    return row.transfer_syntax_uid in (syntaxes.EXPLICIT_VR_BIG_ENDIAN, syntaxes.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)
