"""Media types of single frames, and the transfer syntaxes of each (PS3.18 tables 8.7.3-2 to 8.7.3-5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhantom.dicom.syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    TransferSyntax,
    transfer_syntax,
)

OCTET_STREAM = "application/octet-stream"
_JPEG = "1.2.840.10008.1.2.4."

# The default syntax comes first.
SYNTAXES: dict[str, tuple[str, ...]] = {
    OCTET_STREAM: (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN),
    "image/jpeg": (_JPEG + "70", _JPEG + "50", _JPEG + "51", _JPEG + "57"),
    "image/dicom-rle": ("1.2.840.10008.1.2.5",),
    "image/jls": (_JPEG + "80", _JPEG + "81"),
    "image/jp2": (_JPEG + "90", _JPEG + "91"),
    "image/jpx": (_JPEG + "92", _JPEG + "93"),
    "image/jphc": (_JPEG + "201", _JPEG + "202", _JPEG + "203"),
    "image/jxl": (_JPEG + "110", _JPEG + "111", _JPEG + "112"),
}
# Clients still ask for the types of 2014 (`image/dicom+jpeg`), and for names from before registration.
ALIASES = {
    "image/x-dicom-rle": "image/dicom-rle",
    "image/x-jls": "image/jls",
    "image/jhc": "image/jphc",
    "image/dicom+jpeg": "image/jpeg",
    "image/dicom+rle": "image/dicom-rle",
    "image/dicom+jpeg-ls": "image/jls",
    "image/dicom+jp2": "image/jp2",
    "image/dicom+jpx": "image/jpx",
}


@dataclass(frozen=True, slots=True)
class FrameType:
    """One form that a client takes frames in: a transfer syntax under the name of a media type."""

    media_type: str
    target: TransferSyntax


def media_type_of(syntax: TransferSyntax) -> str:
    """The media type of a frame in that syntax."""
    return syntax.media_type if syntax.encapsulated else OCTET_STREAM


def as_stored(stored: TransferSyntax) -> FrameType:
    """The form of frames that nothing is done to, but for deflation and byte order, which frames lack."""
    if stored.encapsulated:
        return FrameType(media_type_of(stored), stored)
    if stored.deflated or not stored.little_endian:
        return FrameType(OCTET_STREAM, transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN))
    return FrameType(OCTET_STREAM, stored)


def candidates(names: Sequence[str], asked: str, stored: TransferSyntax) -> Iterator[FrameType]:
    """The forms that one Accept entry allows, best first.

    Args:
        names: the media types of the table that the entry's range includes.
        asked: its transfer syntax: a UID, `*` for whatever is stored, or empty for the default.
        stored: of the instance.
    """
    kept = as_stored(stored)
    for name in names:
        uids = SYNTAXES[name]
        if asked == "*":
            # Clients that ask for octet-stream in any syntax want the frames as they are (OHIF, cornerstone).
            if name in (OCTET_STREAM, kept.media_type):
                yield kept
        elif asked in uids:
            little = EXPLICIT_VR_LITTLE_ENDIAN if asked == EXPLICIT_VR_BIG_ENDIAN else asked
            yield FrameType(name, transfer_syntax(little))
        elif not asked:
            if name == kept.media_type and name != OCTET_STREAM:
                yield kept
            yield FrameType(name, transfer_syntax(uids[0]))
