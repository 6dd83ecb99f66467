"""The DICOM JSON model (PS3.18 annex F), written straight from the buffer."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import lru_cache
from json.encoder import encode_basestring as quote
from math import isfinite
from typing import NamedTuple

from fhantom.dicom import values
from fhantom.dicom.charsets import Charset
from fhantom.dicom.dataset import Dataset, Element

BULK_DATA_MARKER = b'"BulkDataURI":"./'
"""How a reference to bulk data of the instance itself begins.

A quote within a JSON string is escaped, so that these bytes are never part of a value.
"""

SPECIFIC_CHARACTER_SET = 0x00080005
LARGEST_VALUE = 1 << 20  # PS3.18 F.2.6 lets long values of most VRs be references; text of gigabytes is no metadata
PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


def encode(dataset: Dataset, *, inline: int = 0, encapsulated: bool = False) -> bytes:
    """The data set as one compact JSON object, its tags ascending, UTF-8; group lengths and group 0002 are left out.

    Binary values longer than `inline` bytes, other ones longer than a megabyte, and pixel data of any length become
    references relative to the instance's bulk data: `"BulkDataURI":"./7fe00010"`, nested `"./00082218/2/00281201"`
    (items count from 1).
    Encapsulated pixel data is left out, as Orthanc does, unless asked for by `encapsulated`.
    Content never makes it fail: undecodable text gets replacement characters, a number that is none null.
    """
    return _object(dataset, "./", _Options(inline, encapsulated)).encode("utf-8")


def members(dataset: Dataset, *, inline: int = 0) -> list[str]:
    """What `encode` puts between the braces, one attribute each, for those who need some of them by themselves."""
    return _members(dataset, "./", _Options(inline, False))


def rebase(encoded: bytes, base: str) -> bytes:
    """The same JSON with its references made absolute.

    Args:
        base: URL of the instance's bulk data, without trailing slash; it holds nothing that JSON escapes.
    """
    return encoded.replace(BULK_DATA_MARKER, BULK_DATA_MARKER[:-2] + base.encode("utf-8") + b"/")


class _Options(NamedTuple):
    inline: int
    encapsulated: bool


def _object(dataset: Dataset, path: str, options: _Options) -> str:
    return "{" + ",".join(_members(dataset, path, options)) + "}"


def _members(dataset: Dataset, path: str, options: _Options) -> list[str]:
    elements, buffer = dataset.elements, dataset.buffer
    little_endian, charset = dataset.little_endian, dataset.charset
    members = []
    for tag in sorted(elements):
        if tag & 0xFFFF == 0 or tag >> 16 == 2:
            continue
        element = elements[tag]
        _, vr, offset, length, items, fragments = element
        if items is not None:
            member = _sequence(items, f"{path}{tag:08x}/", options)
        elif fragments is not None and not options.encapsulated:
            continue
        elif not length:
            member = ""
        elif vr in values.BINARY or length > LARGEST_VALUE:
            member = _binary(dataset, element, path, options.inline)
        else:
            value = bytes(buffer[offset : offset + length])
            if tag == SPECIFIC_CHARACTER_SET:
                value = value.lstrip(b"\\ ")  # an empty first term means ASCII; Orthanc leaves it out, too
            if length <= _SHORT:
                members.append(_remembered(tag, vr, value, little_endian, charset))
                continue
            member = _values(value, vr, little_endian, charset)
        members.append(f'"{tag:08X}":{{"vr":"{vr}"{member}}}')
    return members


def _values(value: bytes, vr: str, little_endian: bool, charset: Charset) -> str:
    texts: Iterable[str]
    if vr in values.NUMERIC:
        found = values.numbers(value, vr, little_endian)
        texts = [values.number_text(number) if isfinite(number) else "null" for number in found]
    elif vr in values.DECIMAL:
        texts = [values.json_number(text) or "null" for text in values.strings(value, vr, charset)]
    elif vr == "AT":
        texts = [f'"{tag}"' for tag in values.tags(value, little_endian)]
    elif vr == "PN":
        texts = [_person_name(text) for text in values.strings(value, vr, charset)]
    else:
        texts = [quote(text) if text else "null" for text in values.strings(value, vr, charset)]
    joined = ",".join(texts)
    return "" if joined in ("", "null") else f',"Value":[{joined}]'


# The slices of a series say mostly the same: two thirds of the time are saved by not saying it anew.
_SHORT = 128


@lru_cache(maxsize=8192)
def _remembered(tag: int, vr: str, value: bytes, little_endian: bool, charset: Charset) -> str:
    return f'"{tag:08X}":{{"vr":"{vr}"{_values(value, vr, little_endian, charset)}}}'


def _person_name(text: str) -> str:
    groups = values.person_name_groups(text)
    members = ",".join(f'"{name}":{quote(group)}' for name, group in groups.items())
    return f"{{{members}}}" if members else "null"


def _sequence(items: tuple[Dataset, ...], path: str, options: _Options) -> str:
    objects = [_object(item, f"{path}{number}/", options) for number, item in enumerate(items, start=1)]
    return f',"Value":[{",".join(objects)}]' if objects else ""


def _binary(dataset: Dataset, element: Element, path: str, inline: int) -> str:
    tag, vr, offset, length, _, fragments = element
    if length > min(inline, LARGEST_VALUE) or fragments is not None or tag in PIXEL_DATA_TAGS:
        return f',"BulkDataURI":"{path}{tag:08x}"'
    value = bytes(dataset.buffer[offset : offset + length])
    if not dataset.little_endian:
        value = values.swap(value, values.WORD_SIZES.get(vr, 1))  # PS3.18 F.2.7: little endian
    return f',"InlineBinary":"{base64.b64encode(value).decode("ascii")}"'
