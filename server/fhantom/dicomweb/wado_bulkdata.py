"""Bulk data by tag path (PS3.18 10.4.1.1.5): one part a value, or one a fragment of compressed pixel data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhantom.archive.objects import PIECE, dicom_file
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import DicomFile, Element, bulkdata, transfer_syntax
from fhantom.dicom.errors import NoSuchElement
from fhantom.dicomweb.wado_places import place_of
from fhantom.dicomweb.wado_told import ITEM_ZERO, OFFSET_TABLE, PIXEL_KEYWORD
from fhantom.errors import BadRequest
from fhantom.pixels.frame_types import OCTET_STREAM
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Part
from fhantom.wire.portability import Departure
from fhantom.world import World

_MIME_TYPE_OF_ENCAPSULATED_DOCUMENT = 0x00420012
_ENCAPSULATED_DOCUMENT = 0x00420011
_PIXEL_PATHS = ("7fe00010", "7fe00008", "7fe00009")


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

    def cut(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes between two positions, in pieces of bounded size."""
        at = 0
        for piece in self.pieces:
            yield from _sliced(piece[max(start - at, 0) : max(stop - at, 0)])
            at += len(piece)

    def parts(self, location: str, media_type: str) -> list[Part]:
        """One part a piece; `location` is the URL of the value."""
        headers = (("Content-Type", media_type), ("Content-Location", location), ("MIME-Version", "1.0"))
        return [Part(headers, _sliced(piece), len(piece)) for piece in self.pieces]

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
            raise BadRequest(f"This WADO-RS plugin cannot generate the following bulk data type: {accept[:200]}")
        return choice


def check(accept: str | None) -> None:
    """Refuse a client that does not take multipart, in which alone many values come.

    Raises:
        BadRequest: it does not.
    """
    # Each part has a type of its own, so that any multipart type will do.
    if accept is not None and not any(one.multipart is not False for one in parse_accept(accept)):
        raise BadRequest(f"This WADO-RS plugin cannot generate the following bulk data type: {accept[:200]}")


def departures(path: str, row: InstanceRow) -> list[Departure]:
    """Where the real server would find something else."""
    found = [ITEM_ZERO] if "/0/" in path else []
    if path == "PixelData":
        found.append(PIXEL_KEYWORD)
    if (
        path.lower().replace(",", "").replace("-", "") == _PIXEL_PATHS[0]
        and transfer_syntax(row.transfer_syntax_uid).encapsulated
    ):
        found.append(OFFSET_TABLE)
    return found


def find(world: World, row: InstanceRow, path: str, accept: str | None = None, *, strict: bool = False) -> BulkData:
    """The value that a path such as `54000100/1/54001010` leads to.

    Args:
        strict: as the real server finds it: item 0 is the last one, and the offset table a part.

    Raises:
        BadRequest: the path does not end with a tag.
        NotFound: there is no such value, though the client would take one.
    """
    if path.count("/") % 2:
        raise BadRequest(f"Bulk data URI in WADO-RS should have an odd number of items: {path[:200]}")
    file = dicom_file(world, row)
    try:
        steps = bulkdata.parse_path(path)
        dataset, element = bulkdata.locate(file.dataset, steps, last_for_zero=strict)
    except NoSuchElement:
        BulkData((), OCTET_STREAM).choose(accept)  # what nothing could be sent as counts more, as with Orthanc
        raise
    return BulkData(bulkdata.pieces(dataset, element, offset_table=strict), _media_type(file, element))


def all_of(world: World, rows: Iterable[InstanceRow], base: str, *, pixels_only: bool) -> Iterator[Part]:
    """Every value that the metadata of instances refers to, and their pixel data (PS3.18 10.4.1.1.5, 10.4.1.1.7).

    Args:
        base: URL of the service.
    """
    for row in rows:
        file = dicom_file(world, row)
        paths = [] if pixels_only else _referenced(json.loads(world.texts.get(row.metadata)))
        paths = [path for path in paths if path not in _PIXEL_PATHS]
        paths += [path for path in _PIXEL_PATHS if int(path, 16) in file.dataset]
        for path in paths:
            dataset, element = bulkdata.locate(file.dataset, bulkdata.parse_path(path))
            found = BulkData(bulkdata.pieces(dataset, element), _media_type(file, element))
            yield from found.parts(f"{base}{place_of(row).path}/bulk/{path}", found.media_type)


def _referenced(record: Mapping[str, Any]) -> list[str]:
    """The paths below an instance that its metadata refers to."""
    found: list[str] = []
    for attribute in record.values():
        if "BulkDataURI" in attribute:
            found.append(attribute["BulkDataURI"].removeprefix("./"))
        elif attribute.get("vr") == "SQ":
            for item in attribute.get("Value", ()):
                found += _referenced(item or {})
    return found


def _sliced(piece: memoryview) -> Iterator[bytes]:
    for start in range(0, len(piece), PIECE):
        yield bytes(piece[start : start + PIECE])


def _media_type(file: DicomFile, element: Element) -> str:
    if element.tag == _ENCAPSULATED_DOCUMENT:
        return file.dataset.text(_MIME_TYPE_OF_ENCAPSULATED_DOCUMENT).lower() or OCTET_STREAM
    if element.fragments is not None:
        return file.transfer_syntax.media_type
    return OCTET_STREAM
