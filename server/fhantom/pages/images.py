"""DICOM studies as the pages list them, one page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.archive.query import AnyOf, Comparable, Condition, Level, Like, Query
from fhantom.archive.search import Match, search
from fhantom.archive.values import comparable, fold
from fhantom.world import World

PER_PAGE = 20

_DESCRIPTION = "00081030"
_NAME, _ID, _DATE, _MODALITIES = "00100010", "00100020", "00080020", "00080061"
_SERIES, _INSTANCES = "00201206", "00201208"


@dataclass(frozen=True, slots=True)
class Study:
    """A row of the list of studies; dates as FHIR writes them."""

    uid: str
    name: str
    patient_id: str
    date: str
    description: str
    modalities: str
    series: str
    instances: str


@dataclass(frozen=True, slots=True)
class Studies:
    """A page of them."""

    rows: tuple[Study, ...]
    more: bool


def studies(world: World, connection: Connection, name: str, page: int) -> Studies:
    """The studies of one page, of patients whose name holds the words of `name` in this order."""
    words = [fold(word) for word in name.split()]
    conditions = (Condition((_NAME,), "PN", Like(f"*{'*'.join(words)}*")),) if words else ()
    offset = (page - 1) * PER_PAGE
    query = Query(Level.STUDY, conditions=conditions, include=((_DESCRIPTION,),), limit=PER_PAGE + 1, offset=offset)
    found = _rows(world, connection, query)
    return Studies(found[:PER_PAGE], len(found) > PER_PAGE)


def studies_by(world: World, connection: Connection, tag: str, vr: str, values: Sequence[str]) -> tuple[Study, ...]:
    """The studies whose attribute is one of these values."""
    wanted: list[Comparable] = [value for text in values if (value := comparable(vr, text)) is not None]
    if not wanted:
        return ()
    query = Query(Level.STUDY, conditions=(Condition((tag,), vr, AnyOf(tuple(wanted))),), include=((_DESCRIPTION,),))
    return _rows(world, connection, query)


def _rows(world: World, connection: Connection, query: Query) -> tuple[Study, ...]:
    return tuple(_study(match) for match in search(world, connection, query))


def _study(match: Match) -> Study:
    record: dict[str, dict[str, Any]] = json.loads("{" + ",".join(match.attributes) + "}")

    def text(tag: str) -> str:
        values = record.get(tag, {}).get("Value") or ()
        return ", ".join(_text(value) for value in values)

    date = text(_DATE)
    return Study(
        uid=match.study_instance_uid,
        name=_read_aloud(text(_NAME)) or "(no name)",
        patient_id=text(_ID),
        date=f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date,
        description=text(_DESCRIPTION),
        modalities=text(_MODALITIES),
        series=text(_SERIES),
        instances=text(_INSTANCES),
    )


def _read_aloud(name: str) -> str:
    """A PN value in the order in which it is spoken: prefix, given, middle, family, suffix (PS3.5 6.2.1.1)."""
    family, given, middle, prefix, suffix = (name.split("^") + [""] * 5)[:5]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part.strip())


def _text(value: Any) -> str:
    return str(value.get("Alphabetic") or "") if isinstance(value, dict) else str(value)
