"""Objects that come as metadata and bulk data, each in parts of their own (PS3.18 10.5.1.1, annex F; PS3.19 A.1).

Metadata parts are DICOM JSON or Native DICOM Models; a reference in them names the Content-Location of the part with
the value. Several parts of one location are the frames of an image, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhantom.archive.ingest import Reason, Refusal
from fhantom.dicom import DicomError, native_xml, records
from fhantom.dicom.assembling import BulkPart, assemble
from fhantom.dicom.records import Record
from fhantom.errors import TooLarge
from fhantom.wire import media, multipart

JSON = "application/dicom+json"
XML = "application/dicom+xml"
TYPES = (JSON, XML)
MAX_BYTES = 256 * 1024 * 1024
"""Size of all parts of such a request together: they are held in memory until the last one has come."""

_PARSERS = {JSON: records.parse_json, "application/json": records.parse_json, XML: native_xml.parse}


def objects(metadata_type: str, decoder: multipart.Decoder, chunks: Iterable[bytes]) -> Iterator[bytes | Refusal]:
    """Each object as a Part 10 file, in the order of the metadata.

    Raises:
        BadRequest: the body or its metadata cannot be read.
        TooLarge: the parts together are more than `MAX_BYTES`.
    """
    found: list[Record] = []
    bulk: dict[str, list[BulkPart]] = {}
    for begin, body in _collected(decoder, chunks):
        described = media.parse_media_type(begin.get("content-type", metadata_type)) or media.MediaType("")
        location = begin.get("content-location")
        if not location and described.name in _PARSERS:
            found += _PARSERS[described.name](body)
        else:
            part = BulkPart(described.name, body, described.get("transfer-syntax"))
            bulk.setdefault(location, []).append(part)
    decoder.finish()
    for record in found:
        try:
            yield assemble(record, bulk)
        except DicomError as error:
            yield Refusal(
                Reason.CANNOT_UNDERSTAND,
                error.message,
                sop_class_uid=records.text(record, 0x00080016),
                sop_instance_uid=records.text(record, 0x00080018),
            )


def _collected(decoder: multipart.Decoder, chunks: Iterable[bytes]) -> Iterator[tuple[multipart.PartBegin, bytes]]:
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
