"""Values by tag path: `7FE00010`, `54000100/1/54001010` (items count from 1)."""

from __future__ import annotations

import re

from fhantom.dicom import dictionary, values
from fhantom.dicom.dataset import Dataset, Element, Span
from fhantom.dicom.errors import DicomError, NoSuchElement, NoSuchTag

_ITEM = re.compile(r"-?\d{1,9}", re.ASCII)
_SEPARATOR = re.compile("(?<=^[0-9A-Fa-f]{4})[,-]")

Path = tuple[int, ...]
"""Tag, item, tag, item, ..., tag."""


def parse_path(text: str) -> Path:
    """Tags in hex, with a comma or hyphen or without, or as keywords; between them item numbers from 1.

    Raises:
        DicomError: it does not end with a tag, or what should be an item number is none.
        NoSuchTag: a step is no tag.
    """
    steps = text.strip("/").split("/")
    if len(steps) % 2 == 0:
        raise DicomError(f"The path {text[:200]!r} ends with an item, not with a tag")
    path = []
    for place, step in enumerate(steps):
        if place % 2:
            if not _ITEM.fullmatch(step):
                raise DicomError(f"{step[:80]!r} is no item number")
            path.append(int(step))
        else:
            tag = dictionary.parse_tag(_SEPARATOR.sub("", step))
            if tag is None:
                raise NoSuchTag(f"{step[:80]!r} is no tag")
            path.append(tag)
    return tuple(path)


def locate(dataset: Dataset, path: Path, *, last_for_zero: bool = False) -> tuple[Dataset, Element]:
    """The element that a path leads to, and the data set that holds it.

    Args:
        last_for_zero: item 0 stands for the last one, as DCMTK has it.

    Raises:
        NoSuchElement: there is none, or it is a sequence.
    """
    for tag, number in zip(path[0:-1:2], path[1::2], strict=True):
        items = dataset.items_of(tag)
        number = len(items) if last_for_zero and not number else number
        if not 1 <= number <= len(items):
            raise NoSuchElement(f"{dictionary.format_tag(tag)} has no item {number}")
        dataset = items[number - 1]
    element = dataset.get(path[-1])
    if element is None or element.items is not None:
        raise NoSuchElement(f"{dictionary.format_tag(path[-1])} has no value here")
    return dataset, element


def spans(element: Element, *, offset_table: bool = False) -> tuple[Span, ...]:
    """Where the value lies: one span, or one a fragment, of which the offset table is the first."""
    if element.fragments is not None:
        return element.fragments if offset_table else element.fragments[1:]
    return (Span(element.offset, element.length),)


def pieces(dataset: Dataset, element: Element, *, offset_table: bool = False) -> tuple[memoryview, ...]:
    """The value's bytes in little endian, by `spans`; they keep the buffer in use until they are released."""
    view = memoryview(dataset.buffer)
    found = tuple(view[offset : offset + length] for offset, length in spans(element, offset_table=offset_table))
    word_size = values.WORD_SIZES.get(element.vr, 1)
    if dataset.little_endian or element.fragments is not None or word_size == 1:
        return found
    return tuple(memoryview(values.swap(bytes(piece), word_size)) for piece in found)
