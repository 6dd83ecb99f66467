"""From a row of the tables to a row of an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from fhantom.archive import attributes as tags
from fhantom.archive.including import included
from fhantom.archive.query import Level, Query
from fhantom.archive.rows import Record, member


@dataclass(frozen=True, slots=True)
class Match:
    """One row of an answer; UIDs below the level of the query are empty.

    Attributes:
        attributes: DICOM JSON members (`"00100020":{...}`) in no order, without RetrieveURL and
            SpecificCharacterSet, which only a protocol knows.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    attributes: list[str]


class Row(NamedTuple):
    """`sql.row_columns`; what belongs to a lower level than the row's is None."""

    study_instance_uid: str
    study_attributes: str
    modalities: str
    number_of_series: int
    number_of_study_instances: int
    series_instance_uid: str | None
    series_attributes: str
    number_of_series_instances: int
    sop_instance_uid: str | None
    instance_attributes: str
    transfer_syntax_uid: str
    metadata: bytes


class _Computed(NamedTuple):
    """An attribute that the row tells without its object: from which level on, and as what."""

    level: Level
    vr: str
    values: Callable[[Row], str]


_COMPUTED: dict[str, _Computed] = {
    tags.MODALITIES_IN_STUDY: _Computed(Level.STUDY, "CS", lambda row: row.modalities),
    tags.NUMBER_OF_STUDY_RELATED_SERIES: _Computed(Level.STUDY, "IS", lambda row: str(row.number_of_series)),
    tags.NUMBER_OF_STUDY_RELATED_INSTANCES: _Computed(
        Level.STUDY, "IS", lambda row: str(row.number_of_study_instances)
    ),
    tags.NUMBER_OF_SERIES_RELATED_INSTANCES: _Computed(
        Level.SERIES, "IS", lambda row: str(row.number_of_series_instances)
    ),
    tags.AVAILABLE_TRANSFER_SYNTAX_UID: _Computed(Level.INSTANCE, "UI", lambda row: f'"{row.transfer_syntax_uid}"'),
    tags.STUDY_INSTANCE_UID: _Computed(Level.STUDY, "UI", lambda row: f'"{row.study_instance_uid}"'),
    tags.SERIES_INSTANCE_UID: _Computed(Level.SERIES, "UI", lambda row: f'"{row.series_instance_uid}"'),
    tags.INSTANCE_AVAILABILITY: _Computed(Level.STUDY, "CS", lambda row: '"ONLINE"'),
}

_UNASKED: dict[Level, tuple[str, ...]] = {
    Level.STUDY: (
        tags.MODALITIES_IN_STUDY,
        tags.NUMBER_OF_STUDY_RELATED_SERIES,
        tags.NUMBER_OF_STUDY_RELATED_INSTANCES,
    ),
    Level.SERIES: (tags.NUMBER_OF_SERIES_RELATED_INSTANCES,),
    Level.INSTANCE: (),
}
"""Those of `_COMPUTED` that a row of the level carries unasked; rows below it do not (recorded from Orthanc)."""


def match(row: Row, query: Query, record: Record | None = None) -> Match:
    """The answer's row; `record` is the DICOM JSON of an object that it stands for, needed for includes only."""
    attributes = _defaults(row, query)
    attributes += [_computed(tag, row) for tag in _UNASKED[query.level]]
    if query.include or query.include_all:
        more = {} if record is None else included(record, query)
        _add(attributes, {tag: member(tag, value) for tag, value in more.items()})
        _add(attributes, {tag: _computed(tag, row) for tag in _computed_wanted(query)})
    return Match(row.study_instance_uid, row.series_instance_uid or "", row.sop_instance_uid or "", attributes)


def needs_record(query: Query) -> bool:
    """Whether a row of the answer shows anything that only the DICOM JSON of an object has."""
    if query.include_all:
        return True
    levels = {query.level, *query.parents}
    at_hand = {tag for level in levels for tag in tags.DEFAULT[level]} | _COMPUTED.keys()
    return any(len(path) > 1 or path[0] not in at_hand for path in query.include)


def _add(attributes: list[str], more: dict[str, str]) -> None:
    present = {attribute[1:9] for attribute in attributes}
    attributes += [text for tag, text in more.items() if tag not in present]


def columns_of(query: Query) -> tuple[str, ...]:
    """Tags that the rows of an answer have or may have, ascending; with `include_all` only those known beforehand."""
    levels = {query.level, *query.parents}
    found = {tag for level in levels for tag in tags.DEFAULT[level]}
    found.update(_UNASKED[query.level], (path[0] for path in query.include))
    return tuple(sorted(found))


def _defaults(row: Row, query: Query) -> list[str]:
    by_level = {
        Level.STUDY: row.study_attributes,
        Level.SERIES: row.series_attributes,
        Level.INSTANCE: row.instance_attributes,
    }
    levels = {query.level, *query.parents}
    found = "\n".join(text for level, text in by_level.items() if level in levels and text).split("\n")
    if Level.STUDY not in levels:
        found += [line for line in row.study_attributes.split("\n") if line[1:9] == tags.TIMEZONE_OFFSET_FROM_UTC]
    return found


def _computed(tag: str, row: Row) -> str:
    computed = _COMPUTED[tag]
    values = computed.values(row)
    value = f',"Value":[{values}]' if values else ""
    return f'"{tag}":{{"vr":"{computed.vr}"{value}}}'


def _computed_wanted(query: Query) -> list[str]:
    known = [tag for tag, computed in _COMPUTED.items() if computed.level <= query.level]
    if query.include_all:
        return known
    return [tag for tag in known if (tag,) in query.include]
