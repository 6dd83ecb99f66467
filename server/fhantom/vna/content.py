"""A place within an object, as Orthanc's `/content` walks it: `0040-a730/0/PatientName`."""

from __future__ import annotations

from collections.abc import Sequence

from fhantom.dicom import Dataset, DicomFile
from fhantom.dicom.bulkdata import pieces
from fhantom.dicom.dataset import Element
from fhantom.vna.errors import UnknownItem, UnknownTag
from fhantom.vna.main_tags import tag_named

_PIXEL_DATA = 0x7FE00010


def content_of(file: DicomFile, path: Sequence[str]) -> bytes | list[str]:
    """The bytes of a value; of an object or an item its tags, of a sequence its items, of pixels the pieces.

    Raises:
        UnknownItem: nothing is at that place.
        UnknownTag: a part of the path names no attribute.
    """
    dataset, rest = file.dataset, list(path)
    while rest:
        element = _element(dataset, rest.pop(0))
        if element.items is None:
            return _value(dataset, element, rest)
        if not rest:
            return [str(number) for number in range(len(element.items))]
        dataset = element.items[_place(rest.pop(0), len(element.items))]
    return [f"{tag >> 16:04x}-{tag & 0xFFFF:04x}" for tag in sorted(dataset.elements)]


def _value(dataset: Dataset, element: Element, rest: list[str]) -> bytes | list[str]:
    if element.tag != _PIXEL_DATA:
        if rest:
            raise UnknownItem
        return b"".join(bytes(piece) for piece in pieces(dataset, element))
    parts = element.fragments or ((element.offset, element.length),)
    if not rest:
        return [str(number) for number in range(len(parts))]
    offset, length = parts[_place(rest[0], len(parts))]
    return bytes(dataset.buffer[offset : offset + length])


def _element(dataset: Dataset, name: str) -> Element:
    tag = tag_named(name)
    if tag is None:
        raise UnknownTag
    found = dataset.get(tag)
    if found is None:
        raise UnknownItem
    return found


def _place(text: str, count: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < count):
        raise UnknownItem
    return int(text)
