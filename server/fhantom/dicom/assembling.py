"""Objects that arrive as metadata and bulk data apart (PS3.18 10.5.1.2.2), put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhantom.dicom import codestreams, syntaxes
from fhantom.dicom.codestreams import ImageFacts
from fhantom.dicom.dictionary import format_tag
from fhantom.dicom.errors import DicomError
from fhantom.dicom.records import Record, text
from fhantom.dicom.syntaxes import TransferSyntax, transfer_syntax
from fhantom.dicom.writing import write_record

PIXEL_DATA, ENCAPSULATED_DOCUMENT = "7FE00010", "00420011"
AVAILABLE_TRANSFER_SYNTAX_UID, TRANSFER_SYNTAX_UID = 0x00083002, 0x00020010

# PS3.18 tables 8.7.3-2 to 8.7.3-5: the default syntax of a media type, where the content itself does not tell.
DEFAULT_SYNTAXES = {
    "image/jpeg": syntaxes.JPEG_LOSSLESS_SV1,
    "image/jls": syntaxes.JPEG_LS_LOSSLESS,
    "image/jp2": syntaxes.JPEG_2000_LOSSLESS,
    "image/jpx": "1.2.840.10008.1.2.4.92",
    "image/jphc": syntaxes.HTJ2K_LOSSLESS,
    "image/dicom-rle": syntaxes.RLE_LOSSLESS,
    "video/mpeg": "1.2.840.10008.1.2.4.100",
    "video/mpeg2": "1.2.840.10008.1.2.4.100",
    "video/mp4": "1.2.840.10008.1.2.4.102",
    "video/mpeg4": "1.2.840.10008.1.2.4.102",
    "video/h265": "1.2.840.10008.1.2.4.107",
}


@dataclass(frozen=True, slots=True)
class BulkPart:
    """A body of bulk data.

    Attributes:
        media_type: in lower case, without parameters.
        transfer_syntax_uid: that parameter, `""` if it has none.
    """

    media_type: str
    body: bytes
    transfer_syntax_uid: str = ""


def assemble(record: Record, parts: Mapping[str, Sequence[BulkPart]]) -> bytes:
    """A Part 10 file from metadata and the parts that its references name.

    Attributes of the image pixel module that the metadata leaves out are taken from the header of the compressed
    image.

    Args:
        parts: by Content-Location; several under one location are the frames of one element.

    Raises:
        DicomError: a reference names no part, or the metadata cannot be written.
    """
    syntax = transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
    content = dict(record)
    pixels = _named(parts, record.get(PIXEL_DATA, {}).get("BulkDataURI", ""))
    if pixels:
        facts = codestreams.facts_of(codestreams.codestream_of(pixels[0].body))
        syntax = _syntax_of(record, pixels[0], facts)
        if syntax.encapsulated and facts:
            content = {**_image_pixel_module(facts, syntax), **content}
    if document := _named(parts, record.get(ENCAPSULATED_DOCUMENT, {}).get("BulkDataURI", "")):
        own: dict[str, Any] = {"00420012": {"vr": "LO", "Value": [document[0].media_type]}}
        own["00420015"] = {"vr": "UL", "Value": [len(document[0].body)]}  # which tells padding from the document
        content = {**own, **content}

    def bulkdata(uri: str) -> bytes | list[bytes]:
        found = _named(parts, uri)
        if not found:
            raise DicomError(f"No part has the location {uri[:200]!r}")
        return [codestreams.codestream_of(part.body) for part in found]

    return write_record(dict(sorted(content.items())), syntax, bulkdata)


def _named(parts: Mapping[str, Sequence[BulkPart]], uri: str) -> Sequence[BulkPart]:
    return parts.get(uri) or parts.get(uri.removeprefix("./")) or ()


def _syntax_of(record: Record, part: BulkPart, facts: ImageFacts | None) -> TransferSyntax:
    """What the part says, then its content, then the metadata, then the default of the media type."""
    if part.media_type == "application/octet-stream" and not part.transfer_syntax_uid:
        return transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
    said = (
        part.transfer_syntax_uid,
        facts.transfer_syntax_uid if facts else "",
        text(record, AVAILABLE_TRANSFER_SYNTAX_UID),
        text(record, TRANSFER_SYNTAX_UID),
        DEFAULT_SYNTAXES.get(part.media_type, ""),
    )
    found = transfer_syntax(next((uid for uid in said if uid), syntaxes.EXPLICIT_VR_LITTLE_ENDIAN))
    if not found.known:
        raise DicomError(f"{found.uid} is no known transfer syntax")
    # Bulk data is little endian and not deflated, in whatever syntax the sender holds the object.
    return found if found.encapsulated else transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)


def _image_pixel_module(facts: ImageFacts, syntax: TransferSyntax) -> dict[str, Any]:
    allocated = 8 if facts.bits <= 8 else 16
    values = (
        (0x00280002, "US", facts.samples_per_pixel),
        (0x00280004, "CS", facts.photometric_interpretation),
        (0x00280010, "US", facts.rows),
        (0x00280011, "US", facts.columns),
        (0x00280100, "US", allocated),
        (0x00280101, "US", facts.bits),
        (0x00280102, "US", facts.bits - 1),
        (0x00280103, "US", int(facts.signed)),
        *(((0x00280006, "US", 0),) if facts.samples_per_pixel > 1 else ()),
        *(((0x00282110, "CS", "01"),) if syntax.lossy else ()),
    )
    return {format_tag(tag): {"vr": vr, "Value": [value]} for tag, vr, value in values}
