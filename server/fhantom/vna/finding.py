"""`/tools/find`: Orthanc's form of a query, as a search of the archive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection

from fhantom.archive import hierarchy
from fhantom.archive.query import AnyOf, Between, Condition, Either, Level, Like, Query, Test
from fhantom.archive.search import Match, search
from fhantom.archive.values import RANGES, bound, fold, kind_of, moment, number
from fhantom.archive.values import Kind as ValueKind
from fhantom.dicom import dictionary
from fhantom.errors import BadRequest
from fhantom.vna.errors import ParameterOutOfRange
from fhantom.vna.main_tags import record_at, tag_named, text_of
from fhantom.vna.names import Item, Kind, name, name_of, patients
from fhantom.vna.telling import PLAIN, Telling, keywords
from fhantom.world import World

_PATIENT_ID, _STUDY = "00100020", frozenset((Level.STUDY,))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a body asks for.

    Attributes:
        query: condition texts by tag.
        limit: 0 for none.
        telling: what is told of each match.
        parents: identifiers of what the matches are to be below, by level.
        labels: that matches are to have; here nothing has any.
        order: attributes to sort by, by tag, and whether upwards.
    """

    kind: Kind
    query: Mapping[str, str]
    expand: bool
    case_sensitive: bool
    since: int
    limit: int
    telling: Telling = PLAIN
    parents: Mapping[Kind, str] = field(default_factory=dict)
    labels: bool = False
    order: tuple[tuple[str, bool], ...] = ()


def parse(body: bytes) -> Wanted:
    """The body of a request. Raises BadRequest."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise BadRequest("The body must contain a JSON object")
    if not isinstance(told.get("Level"), str):
        raise BadRequest('Field "Level" is missing, or should be a string')
    if not isinstance(told.get("Query"), dict):
        raise BadRequest('Field "Query" is missing, or should be a JSON object')
    kind = next((kind for kind in Kind if kind.title.lower() == told["Level"].lower()), None)
    if kind is None:
        raise ParameterOutOfRange
    return Wanted(
        kind=kind,
        query={_tag(key): _text(key, value) for key, value in told["Query"].items()},
        expand=_switch(told, "Expand"),
        case_sensitive=_switch(told, "CaseSensitive"),
        since=_number(told, "Since"),
        limit=_number(told, "Limit"),
        telling=_telling(told),
        parents={
            kind: _text(f"Parent{kind.title}", told[f"Parent{kind.title}"])
            for kind in Kind
            if f"Parent{kind.title}" in told
        },
        labels=bool(told.get("Labels")) and told.get("LabelsConstraint", "All") != "None",
        order=tuple(_order(one) for one in _list(told, "OrderBy")),
    )


def find(world: World, connection: Connection, wanted: Wanted) -> list[Item]:
    """The matches, in the order of their rows or in the one that is asked for."""
    if wanted.labels:
        return []
    level = Level(max(wanted.kind, Level.STUDY))
    conditions = tuple(
        Condition((tag,), dictionary.vr_of(int(tag, 16)), test)
        for tag, text in wanted.query.items()
        if (test := test_of(dictionary.vr_of(int(tag, 16)), text)) is not None
    )
    include = tuple((tag,) for tag in wanted.query) if wanted.case_sensitive else ()
    query = Query(level, conditions=conditions, include=include, parents=_STUDY)
    matches = (match for match in search(world, connection, query) if _is_exact(match, wanted))
    found = [item for item in _unique(connection, wanted.kind, matches) if _is_below(item, wanted.parents)]
    for tag, upwards in reversed(wanted.order):  # sorting is stable
        found.sort(key=lambda item: _value_of(world, item, tag), reverse=not upwards)
    stop = wanted.since + wanted.limit if wanted.limit else None
    return found[wanted.since : stop]


def test_of(vr: str, text: str) -> Test | None:
    """What a condition asks for: any of a list, a range, a pattern; None when anything will do."""
    if text in ("", "*"):
        return None
    kind = kind_of(vr)
    tests = [_test(kind, part) for part in text.split("\\") if part]
    return tests[0] if len(tests) == 1 else Either(tuple(tests))


def _test(kind: ValueKind, text: str) -> Test:
    if kind in RANGES:
        low, hyphen, high = text.partition("-")
        if hyphen:
            return Between(bound(kind, low, upper=False), bound(kind, high, upper=True))
        return AnyOf(() if (value := moment(kind, text)) is None else (value,))
    if kind is ValueKind.NUMBER:
        return AnyOf(() if (wanted := number(text)) is None else (wanted,))
    if kind is ValueKind.UID:
        return AnyOf((text,))
    return Like(fold(text)) if "*" in text or "?" in text else AnyOf((fold(text),))


def _is_exact(match: Match, wanted: Wanted) -> bool:
    """Whether the texts fit in their case too, if that is asked."""
    if not wanted.case_sensitive:
        return True
    record = _record(match)
    for tag, text in wanted.query.items():
        if test_of(dictionary.vr_of(int(tag, 16)), text) is None or kind_of(dictionary.vr_of(int(tag, 16))) in RANGES:
            continue
        found = text_of(record.get(tag, {})).split("\\")
        if not any(fnmatchcase(value, part.replace("[", "[[]")) for value in found for part in text.split("\\")):
            return False
    return True


def _unique(connection: Connection, kind: Kind, matches: Iterator[Match]) -> Iterator[Item]:
    if kind is Kind.PATIENT:
        by_id = {one.patient_id: one for one in patients(connection)}
        wanted = dict.fromkeys(text_of(_record(match).get(_PATIENT_ID, {})) for match in matches)
        yield from (by_id[patient_id] for patient_id in wanted if patient_id in by_id)
        return
    level = Level(kind)
    for match in matches:
        uids = (match.study_instance_uid, match.series_instance_uid, match.sop_instance_uid)
        for entry in hierarchy.named(connection, level, uids[level - 1]):
            if (entry.study_instance_uid, entry.series_instance_uid, entry.sop_instance_uid) == uids:
                yield entry


def lookup(connection: Connection, text: str) -> list[tuple[Kind, str]]:
    """Kind and identifier of everything that has this PatientID or UID."""
    is_patient = text and any(True for _ in hierarchy.studies_of(connection, text))
    found = [(Kind.PATIENT, name(text))] if is_patient else []
    for level in Level:
        found += [(Kind(level), name_of(entry)) for entry in hierarchy.named(connection, level, text)]
    return found


def _record(match: Match) -> dict[str, Any]:
    record: dict[str, Any] = json.loads("{" + ",".join(match.attributes) + "}")
    return record


def _tag(key: str) -> str:
    tag = tag_named(key)
    if tag is None:
        raise ParameterOutOfRange(f"Unknown DICOM tag: {key[:64]}")
    return dictionary.format_tag(tag)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f'Tag "{key[:64]}" should be associated with a string')
    return value


def _telling(told: dict[str, Any]) -> Telling:
    form = next((form for form in ("Full", "Short") if _switch(told, form)), "simplified").lower()
    return Telling(form, keywords(_text("RequestedTags", name) for name in _list(told, "RequestedTags")))


def _order(one: Any) -> tuple[str, bool]:
    """An entry of OrderBy: the tag, and whether upwards (Orthanc 1.12.5)."""
    if not isinstance(one, dict) or one.get("Type") != "DicomTag" or one.get("Direction") not in ("ASC", "DESC"):
        raise BadRequest('Each of "OrderBy" must have "Type": "DicomTag", a "Key", and a "Direction" of ASC or DESC')
    return _tag(_text("Key", one.get("Key"))), one["Direction"] == "ASC"


def _is_below(item: Item, parents: Mapping[Kind, str]) -> bool:
    return all(name_of(item, kind) == wanted for kind, wanted in parents.items())


def _value_of(world: World, item: Item, tag: str) -> str:
    return text_of(record_at(world, item).get(tag, {}))


def _list(told: dict[str, Any], name: str) -> list[Any]:
    value = told.get(name, [])
    if not isinstance(value, list):
        raise BadRequest(f'Field "{name}" should be an array')
    return value


def _switch(told: dict[str, Any], name: str) -> bool:
    value = told.get(name, False)
    if not isinstance(value, bool):
        raise BadRequest(f'Field "{name}" should be a Boolean')
    return value


def _number(told: dict[str, Any], name: str) -> int:
    value = told.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadRequest(f'Field "{name}" should be a non-negative integer')
    return value
