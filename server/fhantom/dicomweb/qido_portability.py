"""Which parts of a search the real server would have read otherwise, and how."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fhantom.archive.attributes import COLUMNS, MODALITIES_IN_STUDY
from fhantom.archive.levels import level_of_attribute
from fhantom.archive.query import Level
from fhantom.archive.values import Kind, kind_of
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


# The main tags of Orthanc 1.10.1. Where a search has no other keys, none of a lower level is found; else all are looked
# for in one instance of the study or series.
_MAIN = {
    Level.STUDY: frozenset(
        (
            "00080020", "00080030", "00080050", "00080080", "00080090", "00081030", "00100010", "00100020",
            "00100030", "00100040", "00101000", "0020000D", "00200010", "00321032", "00321060",
        )
    ),
    Level.SERIES: frozenset(
        (
            "00080021", "00080031", "00080060", "00080070", "00081010", "0008103E", "00081070", "00180010",
            "00180015", "00180024", "00181030", "00181090", "00181400", "0020000E", "00200011", "00200037",
            "00200105", "00201002", "00400254", "00540081", "00540101", "00541000",
        )
    ),
    Level.INSTANCE: frozenset(
        (
            "00080012", "00080013", "00080018", "00200012", "00200013", "00200032", "00200100", "00204000",
            "00280008", "00541330",
        )
    ),
}  # fmt: skip


def _is_below(path: Path, text: str, level: Level) -> bool:
    tag = path[0]
    if len(path) > 1 or is_private(tag) or tag == MODALITIES_IN_STUDY:
        return False
    column = COLUMNS.get(tag)
    own = column.level if column is not None else level_of_attribute(tag)
    return own > level


def _drop_main(parameters: Parameters, level: Level) -> None:
    """A main tag of a lower level finds nothing among main tags alone; ModalitiesInStudy is none."""
    asked = {path[0] for path, text in parameters.keys.items() if text}
    below = frozenset().union(*(tags for own, tags in _MAIN.items() if own > level))
    if asked & below and asked <= frozenset().union(*_MAIN.values()):
        parameters.keys = {path: text for path, text in parameters.keys.items() if path[0] not in below}
        parameters.nothing = True


def _is_above(path: Path, text: str, level: Level) -> bool:
    return path == (MODALITIES_IN_STUDY,) and level > Level.STUDY


def _is_list(key: tuple[Path, str]) -> bool:
    """A list in which something is more than a text."""
    path, text = key
    parts = text.replace("\\", ",").split(",")
    marks = "*?-" if vr_of(path[-1]) in ("DA", "DT", "TM") else "*?"
    return len(parts) > 1 and (not all(parts) or any(mark in text for mark in marks))


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
_FULL = re.compile(r"(?:\d{8}|\d{6}(?:\.\d{0,5}[1-9])?|[-,\\])*")


def _is_short(key: tuple[Path, str]) -> bool:
    path, text = key
    return vr_of(path[-1]) in ("DA", "TM") and not _FULL.fullmatch(text)


_WHOLE = re.compile(r"(?:0|-?[1-9]\d*)(?:[,\\]+(?:0|-?[1-9]\d*))*[,\\]*")


def _is_number(key: tuple[Path, str]) -> bool:
    """A whole number that is not written as such."""
    path, text = key
    return bool(text) and kind_of(vr_of(path[-1])) is Kind.NUMBER and not _WHOLE.fullmatch(text)


def _is_decimal(key: tuple[Path, str]) -> bool:
    path, text = key
    return bool(text) and vr_of(path[-1]) in ("DS", "FD", "FL")


def _is_one_of_several(key: tuple[Path, str]) -> bool:
    path, text = key
    kept_together = len(path) == 1 and (path[0] == MODALITIES_IN_STUDY or path[0] in COLUMNS)
    return bool(text) and not kept_together and not is_private(path[-1]) and may_be_multiple(path[-1])


def _tag(text: str) -> str:
    """The one tag that an includefield names, empty if it names none or a path."""
    path = path_of(text)
    return path[0] if path is not None and len(path) == 1 else ""


# What is known of a study, and of a series, by counting what is below it; and whether it is at hand.
_COMPUTED = {
    Level.STUDY: frozenset(("00080056",)),
    Level.SERIES: frozenset(("00080056", "00080061", "00080062", "00201206", "00201208")),
    Level.INSTANCE: frozenset(("00080056", "00080061", "00080062", "00201206", "00201208", "00201209")),
}


def _includes_of_above(parameters: Parameters, level: Level) -> bool:
    asked = {_tag(text) for text in parameters.includes}
    asked |= {path[0] for path, text in parameters.keys.items() if len(path) == 1 and not text}
    return not asked.isdisjoint(_COMPUTED.get(level, ()))


def _drop_computed(parameters: Parameters, level: Level) -> None:
    computed = _COMPUTED.get(level, frozenset())
    parameters.includes = [text for text in parameters.includes if _tag(text) not in computed]
    for path in [path for path, text in parameters.keys.items() if len(path) == 1 and not text and path[0] in computed]:
        del parameters.keys[path]


def _is_page_of_modalities(parameters: Parameters, level: Level) -> bool:
    paged = any(parameters.controls.get(name, "").strip("0 ") for name in ("limit", "offset"))
    return paged and level is Level.STUDY and bool(parameters.keys.get((MODALITIES_IN_STUDY,)))


_FEATURES = (
    _key("qido-key-path", lambda path, text, level: len(path) > 1),
    _key("qido-key-private", lambda path, text, level: len(path) == 1 and is_private(path[0])),
    _key("qido-key-count", _is_count, nothing=True),
    _key("qido-key-above", _is_above, nothing=True),
    Feature("qido-key-below", _key("", _is_below).is_used, _drop_main),
    Feature("qido-list", lambda parameters, level: any(map(_is_list, parameters.keys.items())), _keep),
    Feature(
        "qido-list-backslash",
        lambda parameters, level: any("\\" in text for text in parameters.keys.values()),
        _drop_backslashes,
    ),
    Feature("qido-date-until", lambda parameters, level: any(map(_is_until, parameters.keys.items())), _keep),
    Feature("qido-times", lambda parameters, level: any(map(_is_short, parameters.keys.items())), _keep),
    Feature("qido-numbers", lambda parameters, level: any(map(_is_number, parameters.keys.items())), _keep),
    Feature("qido-decimals", lambda parameters, level: any(map(_is_decimal, parameters.keys.items())), _keep),
    Feature("qido-any-value", lambda parameters, level: any(map(_is_one_of_several, parameters.keys.items())), _keep),
    _control("qido-fuzzy", "fuzzymatching", "true"),
    _control("qido-empty-values", "emptyvaluematching", "true"),
    _control("qido-multiple-values", "multiplevaluematching", "true"),
    _include("qido-include-all", lambda text: text.lower() == "all"),
    _include("qido-include-private", lambda text: bool(_tag(text)) and is_private(_tag(text))),
    _include("qido-include-sequence", lambda text: bool(_tag(text)) and vr_of(_tag(text)) == "SQ"),
    Feature("qido-include-computed", _includes_of_above, _drop_computed),
    Feature("qido-page", _is_page_of_modalities, _keep),
    _include("qido-include-path", lambda text: len(path_of(text) or ()) > 1),
)
