"""All elements of an instance, in the three forms that Orthanc writes them in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhantom.dicom import Dataset, dictionary, values
from fhantom.dicom.dataset import Element
from fhantom.vna.main_tags import LONGEST


def full(dataset: Dataset) -> dict[str, Any]:
    """By `gggg,eeee`: name, type and value."""
    return _object(dataset, _tag, _described)


def short(dataset: Dataset) -> dict[str, Any]:
    """By `gggg,eeee`: the value alone."""
    return _object(dataset, _tag, lambda element, value, is_long: value)


def simplified(dataset: Dataset) -> dict[str, Any]:
    """By keyword: the value alone; elements without a keyword, such as private ones, are left out."""
    found = _object(dataset, _keyword, lambda element, value, is_long: value)
    return _known(found)


def header(meta: Dataset) -> dict[str, Any]:
    """The meta information in full, without what is binary in it."""
    return {tag: told for tag, told in full(meta).items() if told["Type"] != "Null"}


def _known(found: dict[str, Any]) -> dict[str, Any]:
    return {
        keyword: [_known(item) for item in value] if isinstance(value, list) else value
        for keyword, value in found.items()
        if keyword not in (_UNKNOWN, _GROUP_LENGTH)
    }


_PADDING = 0xFFFCFFFC  # DataSetTrailingPadding
_GROUP_LENGTH = "GenericGroupLength"
_UNKNOWN = "Unknown Tag & Data"

Name = Callable[[Dataset, Element], str]
Form = Callable[[tuple[Dataset, Element], Any, bool], Any]


def _object(dataset: Dataset, name: Name, form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag in sorted(dataset.elements):
        element = dataset.elements[tag]
        if tag == _PADDING:
            continue
        key = name(dataset, element)
        if element.items is not None:
            items = [_object(item, name, form) for item in element.items]
            found.setdefault(key, form((dataset, element), items, False))
            continue
        value = text(dataset, element)
        is_long = value is not None and len(value) > LONGEST
        found.setdefault(key, form((dataset, element), None if is_long else value, is_long))
    return dict(sorted(found.items()))


def text(dataset: Dataset, element: Element) -> str | None:
    """The values as one text, as they are written; None for what is not text."""
    if element.fragments is not None or not values.is_textual(element.vr):
        return None
    raw = dataset.raw(element.tag)
    if element.vr in ("FL", "FD"):  # all digits of a double, whatever it was stored as
        return "\\".join(f"{number:.17g}" for number in values.numbers(raw, element.vr, dataset.little_endian))
    if element.vr == "AT":  # the first one alone
        return next((f"{tag[:4]},{tag[4:]}".lower() for tag in values.tags(raw, dataset.little_endian)), "")
    if element.vr in values.NUMERIC:
        return "\\".join(values.texts(raw, element.vr, dataset.little_endian, dataset.charset))
    return "\\".join(values.strings(raw, element.vr, dataset.charset))


def _described(element: tuple[Dataset, Element], value: Any, is_long: bool) -> dict[str, Any]:
    kind = "TooLong" if is_long else "Sequence" if isinstance(value, list) else "Null" if value is None else "String"
    described = {"Name": _keyword(*element), "Type": kind, "Value": value}
    creator = _creator(*element)
    return described | {"PrivateCreator": creator} if creator else described


def _tag(dataset: Dataset, element: Element) -> str:
    return f"{element.tag >> 16:04x},{element.tag & 0xFFFF:04x}"


def _keyword(dataset: Dataset, element: Element) -> str:
    known = dictionary.keyword_of(element.tag)
    return known or (_GROUP_LENGTH if element.tag & 0xFFFF == 0 else _UNKNOWN)


def _creator(dataset: Dataset, element: Element) -> str:
    tag = dictionary.creator_tag(element.tag)
    return dataset.text(tag) if tag is not None else ""
