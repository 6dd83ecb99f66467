"""A search's path and query string as a `Query` (PS3.18 8.3.4 and 10.6.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fhantom.archive.levels import level_of_attribute
from fhantom.archive.query import AnyOf, Condition, Level, Query
from fhantom.dicomweb import qido_portability
from fhantom.dicomweb.errors import BadFileFormat, NegativeNumber, ParameterOutOfRange
from fhantom.dicomweb.qido_parameters import Parameters, Path, is_private, may_be_multiple, path_of, read, vr_of
from fhantom.dicomweb.qido_recorded import recorded_test
from fhantom.dicomweb.qido_values import Matching, refuse_wildcards, test_of
from fhantom.errors import BadRequest

_STUDY_INSTANCE_UID = "0020000D"
_SERIES_INSTANCE_UID = "0020000E"
_NEVER = Condition((_STUDY_INSTANCE_UID,), "UI", AnyOf(()))
_MOST_ROWS = 2**32 - 1
_UNMATCHED = frozenset(("00080005", "7FE00010"))  # SpecificCharacterSet (PS3.4 C.2.2.2), PixelData
_NO_KEYS = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UN"))


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was understood.

    Attributes:
        accept: the media type that the query asks for in place of the Accept header, empty if none.
        ignored: what of the query has no effect, for a warning.
        departures: rows of `portability.DEPARTURES` that the answer comes under.
    """

    query: Query
    accept: str = ""
    ignored: tuple[str, ...] = ()
    departures: tuple[str, ...] = ()


def parse(
    level: Level,
    study_instance_uid: str | None,
    series_instance_uid: str | None,
    query_string: str,
    *,
    strict: bool = False,
) -> Search:
    """The search that a request asks for; with `strict`, what the real server would make of it.

    Raises:
        BadRequest: a parameter that has a meaning has a value without one.
    """
    for uid in (study_instance_uid, series_instance_uid):
        if uid and ("*" in uid or "?" in uid):
            raise ParameterOutOfRange(f"UIDs are matched without wildcards: {uid[:200]}")
    parameters = read(query_string)
    departures = qido_portability.departures(parameters, level)
    departures += _of_path(parameters, study_instance_uid, series_instance_uid, strict=strict)
    for path, text in parameters.keys.items():
        if path[-1] not in _UNMATCHED:
            refuse_wildcards(vr_of(path[-1]), text)
    if strict:
        qido_portability.as_recorded(parameters, level)
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
        conditions=tuple(_conditions(parameters, matching, strict=strict)),
        include=(*include, *_returned_keys(level, parameters.keys, strict=strict)),
        include_all=include_all,
        parents=_parents(level, parameters.keys),
        limit=_count(controls, "limit") or None,
        offset=_count(controls, "offset"),
        sampled=strict,
    )
    return Search(query, controls.get("accept", ""), tuple(parameters.ignored), tuple(departures))


def _of_path(parameters: Parameters, *uids: str | None, strict: bool) -> list[str]:
    """The row of UIDs that path and query name differently; with `strict` those of the query are left out.

    One of the query that is no UID, but a pattern, is left out in any case.
    """
    given = dict(zip(((_STUDY_INSTANCE_UID,), (_SERIES_INSTANCE_UID,)), uids, strict=True))
    twice = [path for path, uid in given.items() if uid and parameters.keys.get(path, uid) not in ("", uid)]
    for path in twice:
        if strict or "*" in parameters.keys[path] or "?" in parameters.keys[path]:
            parameters.keys[path] = ""
    return ["qido-uid-twice"] if twice else []


def _conditions(parameters: Parameters, matching: Matching, *, strict: bool) -> list[Condition]:
    conditions = [_NEVER] if parameters.nothing else []
    for path, text in parameters.keys.items():
        vr = vr_of(path[-1])
        if path[-1] in _UNMATCHED:
            parameters.ignored.append(".".join(path))
            continue
        if strict:
            test = recorded_test(path, vr, text)
        else:
            test = test_of(vr, text, matching, multiple=may_be_multiple(path[-1]))
        if test is not None and vr in _NO_KEYS and not is_private(path[-1]):
            conditions.append(_NEVER)  # no text equals bulk data or a sequence
        elif test is not None:
            conditions.append(Condition(path, vr, test))
    return conditions


def _includes(parameters: Parameters) -> tuple[tuple[Path, ...], bool]:
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


def _parents(level: Level, keys: Collection[Path]) -> frozenset[Level]:
    """The levels whose attributes a row carries too: not those whose UID is a key (recorded from Orthanc)."""
    named = {Level.STUDY: _STUDY_INSTANCE_UID, Level.SERIES: _SERIES_INSTANCE_UID}
    return frozenset(above for above, tag in named.items() if above < level and (tag,) not in keys)


def _returned_keys(level: Level, keys: Mapping[Path, str], *, strict: bool) -> list[Path]:
    """Keys are returned too (PS3.18 table 10.6.3-1), unless they tell of only some of what a row stands for.

    One without a value is asked for like an includefield, and so is every one with `strict`.
    """
    own = (path for path, text in keys.items() if strict or not text or level_of_attribute(path[0]) <= level)
    return [path for path in own if len(path) == 1]


def _flag(controls: dict[str, str], name: str) -> bool:
    text = controls.get(name, "false")
    if text not in ("true", "false"):
        raise BadRequest(f"{name} is true or false, not {text[:80]!r}")
    return text == "true"


def _count(controls: dict[str, str], name: str) -> int:
    text = controls.get(name, "0")
    digits = text.strip()
    if digits.startswith("-") and digits[1:].isdecimal():
        raise NegativeNumber(f"{name} cannot be below 0: {text[:80]!r}")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10 or int(digits) > _MOST_ROWS:
        raise BadFileFormat(f"{name} is a number from 0 to {_MOST_ROWS}, not {text[:80]!r}")
    return int(digits)
