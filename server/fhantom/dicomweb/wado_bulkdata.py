"""Bulk data by tag path (PS3.18 10.4.1.1.5): one part a value, or one a fragment of compressed pixel data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhantom.archive.objects import dicom_file
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import DicomFile, Element, bulkdata
from fhantom.errors import BadRequest
from fhantom.pixels.frame_types import OCTET_STREAM
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.world import World

_MIME_TYPE_OF_ENCAPSULATED_DOCUMENT = 0x00420012
_ENCAPSULATED_DOCUMENT = 0x00420011


@dataclass(frozen=True, slots=True)
class BulkData:
    """One value.

    Attributes:
        pieces: its bytes in little endian; several only for fragments.
        media_type: what they are; octets, unless the data set says more.
    """

    pieces: Sequence[memoryview]
    media_type: str

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return sum(len(piece) for piece in self.pieces)

    def parts(self, location: str, media_type: str) -> list[Part]:
        """One part a piece; `location` is the URL of the value."""
        headers = (("Content-Type", media_type), ("Content-Location", location), ("MIME-Version", "1.0"))
        return [Part.of(headers, bytes(piece)) for piece in self.pieces]

    def choose(self, accept: str | None) -> Choice:
        """The form that suits an Accept header; multipart octets without one.

        Raises:
            BadRequest: none suits.
        """
        names = dict.fromkeys((OCTET_STREAM, self.media_type))
        offers = [Offer(name, multipart) for multipart in (True, False) for name in names]
        if accept is None:
            return Choice(offers[0], "")
        choice = negotiate(parse_accept(accept), offers)
        if choice is None:
            raise BadRequest(
                f"This WADO-RS plugin cannot generate the following bulk data type: {accept[:200]}"
            )
        return choice


def find(world: World, row: InstanceRow, path: str) -> BulkData:
    """The value that a path such as `54000100/1/54001010` leads to.

    Raises:
        BadRequest: the path does not end with a tag.
        NotFound: there is no such value.
    """
    if path.count("/") % 2:
        raise BadRequest(f"Bulk data URI in WADO-RS should have an odd number of items: {path[:200]}")
    file = dicom_file(world, row)
    dataset, element = bulkdata.locate(file.dataset, bulkdata.parse_path(path.replace(",", "")))
    return BulkData(bulkdata.pieces(dataset, element), _media_type(file, element))


def _media_type(file: DicomFile, element: Element) -> str:
    if element.tag == _ENCAPSULATED_DOCUMENT:
        return file.dataset.text(_MIME_TYPE_OF_ENCAPSULATED_DOCUMENT).lower() or OCTET_STREAM
    if element.fragments is not None:
        return file.transfer_syntax.media_type
    return OCTET_STREAM
