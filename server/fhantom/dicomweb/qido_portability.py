"""Which parts of a search the real server would have read otherwise, and how."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fhantom.archive.attributes import COLUMNS, MODALITIES_IN_STUDY
from fhantom.archive.levels import level_of_attribute
from fhantom.archive.query import Level
from fhantom.dicomweb.qido_parameters import Parameters, Path, is_private, may_be_multiple, path_of, vr_of


class Feature(NamedTuple):
    """One row of `portability.DEPARTURES` that concerns searches.

    Attributes:
        is_used: whether a search asks for it.
        drop: makes of the parameters what the real server reads.
    """

    row: str
    is_used: Callable[[Parameters, Level], bool]
    drop: Callable[[Parameters, Level], None]


def departures(parameters: Parameters, level: Level) -> list[str]:
    """The rows that the search comes under."""
    return [feature.row for feature in _FEATURES if feature.is_used(parameters, level)]


def as_recorded(parameters: Parameters, level: Level) -> None:
    """Leave of the parameters what the real server reads."""
    for feature in _FEATURES:
        if feature.is_used(parameters, level):
            feature.drop(parameters, level)


def _key(row: str, concerns: Callable[[Path, str, Level], bool], *, nothing: bool = False) -> Feature:
    """A kind of key, which the real server ignores, or for which it finds nothing."""

    def found(parameters: Parameters, level: Level) -> list[Path]:
        return [path for path, text in parameters.keys.items() if text and concerns(path, text, level)]

    def drop(parameters: Parameters, level: Level) -> None:
        for path in found(parameters, level):
            del parameters.keys[path]
        parameters.nothing = parameters.nothing or nothing

    return Feature(row, lambda parameters, level: bool(found(parameters, level)), drop)


def _include(row: str, concerns: Callable[[str], bool]) -> Feature:
    """A kind of includefield, which the real server ignores."""

    def drop(parameters: Parameters, level: Level) -> None:
        parameters.includes = [text for text in parameters.includes if not concerns(text)]

    return Feature(row, lambda parameters, level: any(map(concerns, parameters.includes)), drop)


def _control(row: str, name: str, *values: str) -> Feature:
    """A parameter with one of these values, or any value, which the real server ignores."""

    def is_used(parameters: Parameters, level: Level) -> bool:
        given = parameters.controls.get(name)
        return given is not None and (not values or given in values)

    def drop(parameters: Parameters, level: Level) -> None:
        parameters.controls[name] = "false" if values else ""

    return Feature(row, is_used, drop)


def _is_below(path: Path, text: str, level: Level) -> bool:
    tag = path[0]
    if len(path) > 1 or is_private(tag) or tag == MODALITIES_IN_STUDY:
        return False
    column = COLUMNS.get(tag)
    own = column.level if column is not None else level_of_attribute(tag)
    return own > level


def _is_count(path: Path, text: str, level: Level) -> bool:
    column = COLUMNS.get(path[0])
    return column is not None and not column.stored


def _drop_backslashes(parameters: Parameters, level: Level) -> None:
    parameters.keys = {path: text.replace("\\", "") for path, text in parameters.keys.items()}


def _is_until(key: tuple[Path, str]) -> bool:
    path, text = key
    return vr_of(path[-1]) in ("DA", "DT", "TM") and text.startswith("-") and len(text) > 1


def _keep(parameters: Parameters, level: Level) -> None:
    """Keys stay, whatever the real server would compare them with."""


# Written in full, so that the text and what it means are the same: DA, TM, and ranges and lists of them.
_FULL = re.compile(r"(?:\d{8}|\d{6}(?:\.\d{1,6})?|[-,\\])*")


def _is_short(key: tuple[Path, str]) -> bool:
    path, text = key
    return vr_of(path[-1]) in ("DA", "TM") and not _FULL.fullmatch(text)


def _is_decimal(key: tuple[Path, str]) -> bool:
    path, text = key
    return vr_of(path[-1]) == "DS" and bool(text)


def _is_one_of_several(key: tuple[Path, str]) -> bool:
    path, text = key
    kept_together = len(path) == 1 and (path[0] == MODALITIES_IN_STUDY or path[0] in COLUMNS)
    return bool(text) and not kept_together and not is_private(path[-1]) and may_be_multiple(path[-1])


def _tag(text: str) -> str:
    """The one tag that an includefield names, empty if it names none or a path."""
    path = path_of(text)
    return path[0] if path is not None and len(path) == 1 else ""


_FEATURES = (
    _key("qido-key-path", lambda path, text, level: len(path) > 1),
    _key("qido-key-private", lambda path, text, level: len(path) == 1 and is_private(path[0])),
    _key("qido-key-count", _is_count, nothing=True),
    _key("qido-key-below", _is_below, nothing=True),
    Feature(
        "qido-list-backslash",
        lambda parameters, level: any("\\" in text for text in parameters.keys.values()),
        _drop_backslashes,
    ),
    Feature("qido-date-until", lambda parameters, level: any(map(_is_until, parameters.keys.items())), _keep),
    Feature("qido-times", lambda parameters, level: any(map(_is_short, parameters.keys.items())), _keep),
    Feature("qido-numbers", lambda parameters, level: any(map(_is_decimal, parameters.keys.items())), _keep),
    Feature("qido-any-value", lambda parameters, level: any(map(_is_one_of_several, parameters.keys.items())), _keep),
    _control("qido-fuzzy", "fuzzymatching", "true"),
    _control("qido-empty-values", "emptyvaluematching", "true"),
    _control("qido-multiple-values", "multiplevaluematching", "true"),
    _control("qido-accept-parameter", "accept"),
    _include("qido-include-all", lambda text: text.lower() == "all"),
    _include("qido-include-private", lambda text: bool(_tag(text)) and is_private(_tag(text))),
    _include("qido-include-sequence", lambda text: bool(_tag(text)) and vr_of(_tag(text)) == "SQ"),
    _include("qido-include-path", lambda text: len(path_of(text) or ()) > 1),
)
