"""A search's path and query string as a `Query` (PS3.18 8.3.4 and 10.6.1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from fhantom.archive.levels import level_of_attribute
from fhantom.archive.query import Condition, Level, Query
from fhantom.dicom import dictionary
from fhantom.dicomweb.errors import BadFileFormat, ParameterOutOfRange
from fhantom.dicomweb.qido_values import Matching, test_of
from fhantom.errors import BadRequest

_STUDY_INSTANCE_UID = "0020000D"
_SERIES_INSTANCE_UID = "0020000E"
_MOST_ROWS = 2**32 - 1
_BINARY = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))
_TAG_WITH_COMMA = re.compile(r"[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}")
_UNMATCHED = frozenset(("00080005", "00081190"))  # SpecificCharacterSet (PS3.4 C.2.2.2), RetrieveURL


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was understood.

    Attributes:
        accept: the media type that the query asks for in place of the Accept header, empty if none.
        ignored: what of the query has no effect, for a warning.
    """

    query: Query
    accept: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class _Parameters:
    """The query string taken apart: of the same key the last one counts, but includes add up."""

    controls: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


_CONTROLS = frozenset(
    ("limit", "offset", "fuzzymatching", "emptyvaluematching", "multiplevaluematching", "accept")
)


def parse(
    level: Level, study_instance_uid: str | None, series_instance_uid: str | None, query_string: str
) -> Search:
    """The search that a request asks for.

    Raises:
        BadRequest: a parameter that has a meaning has a value without one.
    """
    for uid in (study_instance_uid, series_instance_uid):
        if uid and ("*" in uid or "?" in uid):
            raise ParameterOutOfRange(f"UIDs are matched without wildcards: {uid[:200]}")
    parameters = _parameters(query_string)
    controls = parameters.controls
    matching = Matching(
        fuzzy=_flag(controls, "fuzzymatching"),
        empty_values=_flag(controls, "emptyvaluematching"),
        multiple_values=_flag(controls, "multiplevaluematching"),
    )
    include, include_all = _includes(parameters)
    query = Query(
        level=level,
        study_instance_uid=study_instance_uid,
        series_instance_uid=series_instance_uid,
        conditions=tuple(_conditions(parameters, matching)),
        include=(*include, *_returned_keys(level, parameters.keys)),
        include_all=include_all,
        parents=_parents(level, parameters.keys),
        limit=_count(controls, "limit") or None,
        offset=_count(controls, "offset"),
    )
    return Search(query, controls.get("accept", ""), tuple(parameters.ignored))


def _parameters(query_string: str) -> _Parameters:
    found = _Parameters()
    for pair in query_string.split("&"):
        raw_key, _, raw_value = pair.partition("=")
        key, value = unquote_plus(raw_key), unquote_plus(raw_value)
        if key in _CONTROLS:
            found.controls[key] = value
        elif key == "includefield":
            found.includes += value.split(",")
        elif path := path_of(key):
            found.keys[path] = value
        elif key:
            found.ignored.append(key)
    return found


def path_of(key: str) -> tuple[str, ...] | None:
    """Tags from a keyword, `00100020` or `0010,0020`, or several of them joined by dots; None if it is no key."""
    if _TAG_WITH_COMMA.fullmatch(key):
        key = key.replace(",", "")
    tags = [_tag_of(part) for part in key.split(".")]
    return None if None in tags else tuple(tag for tag in tags if tag is not None)


def _tag_of(text: str) -> str | None:
    tag = dictionary.parse_tag(text)
    if tag is None:
        return None
    is_private = (tag >> 16) % 2 == 1
    return dictionary.format_tag(tag) if is_private or dictionary.lookup(tag) else None


def _conditions(parameters: _Parameters, matching: Matching) -> list[Condition]:
    conditions = []
    for path, text in parameters.keys.items():
        vr, multiple = _nature(path[-1])
        if (vr in _BINARY and not _is_private(path[-1])) or (vr == "SQ" and text) or path[-1] in _UNMATCHED:
            parameters.ignored.append(".".join(path))
            continue
        test = test_of(vr, text, matching, multiple=multiple)
        if test is not None:
            conditions.append(Condition(path, vr, test))
    return conditions


def _nature(tag: str) -> tuple[str, bool]:
    """VR of an attribute, and whether it may have several values."""
    number = int(tag, 16)
    entry = dictionary.lookup(number)
    return (dictionary.vr_of(number), True) if entry is None else (entry.vr, entry.vm != "1")


def _is_matchable(tag: str, vr: str) -> bool:
    if tag in _UNMATCHED or vr == "SQ":
        return False
    return vr not in _BINARY or _is_private(tag)


def _is_private(tag: str) -> bool:
    return int(tag[3], 16) % 2 == 1


def _includes(parameters: _Parameters) -> tuple[tuple[tuple[str, ...], ...], bool]:
    paths = []
    include_all = False
    for text in parameters.includes:
        path = path_of(text)
        if text.lower() == "all":
            include_all = True
        elif path is not None:
            paths.append(path)
        elif text:
            parameters.ignored.append(f"includefield={text}")
    return tuple(dict.fromkeys(paths)), include_all


def _parents(level: Level, keys: Collection[tuple[str, ...]]) -> frozenset[Level]:
    """The levels whose attributes a row carries too: not those whose UID is a key (recorded from Orthanc)."""
    named = {Level.STUDY: _STUDY_INSTANCE_UID, Level.SERIES: _SERIES_INSTANCE_UID}
    return frozenset(above for above, tag in named.items() if above < level and (tag,) not in keys)


def _returned_keys(level: Level, keys: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Keys are returned too (PS3.18 table 10.6.3-1), unless they tell of only some of what a row stands for."""
    return [path for path in keys if len(path) == 1 and level_of_attribute(path[0]) <= level]


def _flag(controls: dict[str, str], name: str) -> bool:
    text = controls.get(name, "false")
    if text not in ("true", "false"):
        raise BadRequest(f"{name} is true or false, not {text[:80]!r}")
    return text == "true"


def _count(controls: dict[str, str], name: str) -> int:
    text = controls.get(name, "0")
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10 or int(digits) > _MOST_ROWS:
        raise BadFileFormat(f"{name} is a number from 0 to {_MOST_ROWS}, not {text[:80]!r}")
    return int(digits)
