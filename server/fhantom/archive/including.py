"""What `includefield` adds to a row beyond the default attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fhantom.archive.levels import level_of_attribute
from fhantom.archive.query import Query
from fhantom.archive.rows import Record

Attributes = dict[str, Any]

_PROTOCOL_ONLY = frozenset(("00080005", "00081190"))  # SpecificCharacterSet, RetrieveURL


def included(record: Record, query: Query) -> Attributes:
    """The attributes that the query wants of an object, without those that are bulk data."""
    wanted: Attributes = {}
    if query.include_all:
        wanted = {tag: value for tag, value in record.items() if level_of_attribute(tag) <= query.level}
    for path in query.include:
        _take(wanted, record, path)
    for tag in _PROTOCOL_ONLY:
        wanted.pop(tag, None)
    return {tag: shown for tag, value in wanted.items() if (shown := _without_bulk(value)) is not None}


def _take(target: Attributes, source: Record, path: Sequence[str]) -> None:
    tag, below = path[0], path[1:]
    attribute = source.get(tag)
    if attribute is None:
        return
    if not below:
        target[tag] = attribute
        return
    if target.get(tag) is attribute:  # the whole sequence is there already
        return
    items = [item for item in attribute.get("Value") or () if isinstance(item, Mapping)]
    shown = target.setdefault(tag, {"vr": "SQ", "Value": [{} for _ in items]})
    for into, item in zip(shown["Value"], items, strict=True):
        _take(into, item, below)


def _without_bulk(attribute: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The attribute as a search shows it: bulk data is left out, at any depth; None if that is all there is."""
    if "BulkDataURI" in attribute or "InlineBinary" in attribute:
        return None
    if attribute.get("vr") != "SQ" or "Value" not in attribute:
        return attribute
    items = [
        {tag: shown for tag, value in item.items() if (shown := _without_bulk(value)) is not None}
        for item in attribute["Value"]
    ]
    return {"vr": "SQ", "Value": items}
