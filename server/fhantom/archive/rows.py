"""What the tables hold of one object, taken from its DICOM JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fhantom.archive.attributes import COLUMNS, DEFAULT
from fhantom.archive.query import Comparable, Level
from fhantom.archive.values import Kind, comparable, kind_of

Record = Mapping[str, Mapping[str, Any]]

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

COLUMN_NAMES: dict[Level, tuple[str, ...]] = {
    level: tuple(column.name for column in COLUMNS.values() if column.stored and column.level == level)
    for level in Level
}
ROW_TAGS = frozenset((*COLUMNS, *(tag for tags in DEFAULT.values() for tag in tags)))
"""Every attribute of which the tables hold something."""

_TAGS: dict[Level, tuple[str, ...]] = {
    level: tuple(tag for tag, column in COLUMNS.items() if column.stored and column.level == level) for level in Level
}


def column_values(record: Record, level: Level) -> tuple[Comparable | None, ...]:
    """The values of the level's columns, in the order of `COLUMN_NAMES`."""
    return tuple(_column_value(record.get(tag)) for tag in _TAGS[level])


def default_attributes(record: Record, level: Level) -> str:
    """The level's default attributes that the object has, as DICOM JSON members, one a line."""
    return "\n".join(member(tag, record[tag]) for tag in DEFAULT[level] if tag in record)


def member(tag: str, attribute: Mapping[str, Any]) -> str:
    """One attribute as it stands in a DICOM JSON object."""
    return f'"{tag}":{_dumps(attribute)}'


def _column_value(attribute: Mapping[str, Any] | None) -> Comparable | None:
    if attribute is None:
        return None
    vr = attribute.get("vr", "UN")
    values = attribute.get("Value") or ()
    found = [comparable(vr, value) for value in values]
    if kind_of(vr) in (Kind.TEXT, Kind.UID):
        return "\\".join("" if value is None else str(value) for value in found)
    return next((value for value in found if value is not None), None)
