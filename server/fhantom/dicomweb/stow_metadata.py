"""Objects that come as metadata and bulk data, each in parts of their own (PS3.18 10.5.1.1, annex F; PS3.19 A.1).

Metadata parts are DICOM JSON or Native DICOM Models; a reference in them names the Content-Location of the part with
the value. Several parts of one location are the frames of an image, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhantom.archive.ingest import Reason, Refusal
from fhantom.dicom import DicomError, native_xml, records, syntaxes, writing
from fhantom.dicom.records import Record
from fhantom.errors import TooLarge
from fhantom.wire import media, multipart

JSON = "application/dicom+json"
XML = "application/dicom+xml"
TYPES = (JSON, XML)
MAX_BYTES = 256 * 1024 * 1024
"""Size of all parts of such a request together: they are held in memory until the last one has come."""

_PIXEL_DATA = "7FE00010"
_PARSERS = {JSON: records.parse_json, "application/json": records.parse_json, XML: native_xml.parse}

# PS3.18 tables 8.7.3-2 to 8.7.3-6: the transfer syntax of pixels whose part does not name it.
_DEFAULT_SYNTAXES = {
    "image/jpeg": "1.2.840.10008.1.2.4.50",
    "image/jls": "1.2.840.10008.1.2.4.80",
    "image/jp2": "1.2.840.10008.1.2.4.90",
    "image/jpx": "1.2.840.10008.1.2.4.92",
    "image/jphc": "1.2.840.10008.1.2.4.201",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "video/mpeg": "1.2.840.10008.1.2.4.100",
    "video/mpeg2": "1.2.840.10008.1.2.4.100",
    "video/mp4": "1.2.840.10008.1.2.4.102",
}
# What the codestream itself says where one media type has several: ITU-T T.81 table B.1, ISO/IEC 15444-1 A.6.1.
_JPEG_PROCESSES = {0xC0: "50", 0xC1: "51", 0xC3: "70"}
_J2K_START = b"\xff\x4f\xff\x51"
_J2K_CODING = b"\xff\x52"
_IRREVERSIBLE = 0


@dataclass(slots=True)
class Bulk:
    """The values of one location: their media type, and one piece for each part."""

    media_type: media.MediaType
    pieces: list[bytes] = field(default_factory=list)


def objects(
    metadata_type: str, decoder: multipart.Decoder, chunks: Iterable[bytes]
) -> Iterator[bytes | Refusal]:
    """Each object as a Part 10 file, in the order of the metadata.

    Raises:
        BadRequest: the body or its metadata cannot be read.
        TooLarge: the parts together are more than `MAX_BYTES`.
    """
    found: list[Record] = []
    bulk: dict[str, Bulk] = {}
    for begin, body in _collected(decoder, chunks):
        described = media.parse_media_type(begin.get("content-type", metadata_type)) or media.MediaType("")
        location = begin.get("content-location")
        if not location and described.name in _PARSERS:
            found += _PARSERS[described.name](body)
        else:
            bulk.setdefault(location, Bulk(described)).pieces.append(body)
    decoder.finish()
    for record in found:
        try:
            yield _file(record, bulk)
        except DicomError as error:
            yield Refusal(
                Reason.CANNOT_UNDERSTAND,
                error.message,
                sop_class_uid=records.text(record, 0x00080016),
                sop_instance_uid=records.text(record, 0x00080018),
            )


def _collected(
    decoder: multipart.Decoder, chunks: Iterable[bytes]
) -> Iterator[tuple[multipart.PartBegin, bytes]]:
    begin, body, total = multipart.PartBegin(()), bytearray(), 0
    for chunk in chunks:
        total += len(chunk)
        if total > MAX_BYTES:
            raise TooLarge(f"Metadata and bulk data together may have {MAX_BYTES} bytes")
        for event in decoder.feed(chunk):
            match event:
                case multipart.PartBegin():
                    begin = event
                case multipart.PartData(data=data):
                    body += data
                case multipart.PartEnd():
                    yield begin, bytes(body)
                    body.clear()


def _file(record: Record, bulk: dict[str, Bulk]) -> bytes:
    def value(uri: str) -> bytes | Sequence[bytes]:
        if uri not in bulk:
            raise DicomError(f"No part has the Content-Location {uri[:200]}")
        pieces = bulk[uri].pieces
        return pieces[0] if len(pieces) == 1 else pieces

    pixels = record.get(_PIXEL_DATA, {})
    syntax = _syntax(bulk.get(pixels.get("BulkDataURI", "")))
    if syntax.media_type in ("image/jp2", "image/jpx") and "BulkDataURI" in pixels:
        bulk[pixels["BulkDataURI"]].pieces[:] = map(_bare_codestream, bulk[pixels["BulkDataURI"]].pieces)
    return writing.write_record(_without_meta(record), syntax, value)


def _without_meta(record: Record) -> dict[str, Any]:
    return {tag: attribute for tag, attribute in record.items() if not tag.startswith("0002")}


def _syntax(pixels: Bulk | None) -> syntaxes.TransferSyntax:
    """The syntax of the file to be written: that of its pixels, explicit little endian without any."""
    if pixels is None:
        return syntaxes.transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
    uid = pixels.media_type.get("transfer-syntax")
    if not uid:
        uid = _said_by_codestream(pixels) or _DEFAULT_SYNTAXES.get(pixels.media_type.name, "")
    found = syntaxes.transfer_syntax(uid or syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
    if not found.known:
        raise DicomError(f"Pixels in {uid[:80]} are not understood")
    return found


def _said_by_codestream(pixels: Bulk) -> str | None:
    data = pixels.pieces[0]
    if pixels.media_type.name == "image/jpeg":
        processes = ((data.find(bytes((0xFF, marker))), suffix) for marker, suffix in _JPEG_PROCESSES.items())
        at, suffix = min(((at, suffix) for at, suffix in processes if at > 0), default=(0, ""))
        return f"1.2.840.10008.1.2.4.{suffix}" if at else None
    if pixels.media_type.name == "image/jp2":
        coding = data.find(_J2K_CODING, max(data.find(_J2K_START), 0))
        lossy = 0 < coding < len(data) - 13 and data[coding + 13] == _IRREVERSIBLE
        return syntaxes.JPEG_2000 if lossy else syntaxes.JPEG_2000_LOSSLESS
    return None


def _bare_codestream(data: bytes) -> bytes:
    """JPEG 2000 without the boxes of a JP2 file, which DICOM does not hold (PS3.5 8.2.4)."""
    return data[max(data.find(_J2K_START), 0) :]
