"""A search as it was understood, in plain JSON values for the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from fhantom.archive.query import (
    AnyOf,
    Between,
    Comparable,
    Condition,
    Each,
    Either,
    Lies,
    Like,
    Missing,
    Present,
    Query,
    Similar,
    Test,
    Written,
)
from fhantom.archive.values import DIGITS, kind_of
from fhantom.dicom import dictionary
from fhantom.dicomweb.qido_parameters import Path

Words = tuple[str, Any]


def understood(query: Query) -> dict[str, Any]:
    """The level, the path, each condition as name, comparison and value, and what else was asked for."""
    found: dict[str, Any] = {"level": query.level.name.lower()}
    if query.study_instance_uid is not None:
        found["study"] = query.study_instance_uid
    if query.series_instance_uid is not None:
        found["series"] = query.series_instance_uid
    found["conditions"] = [[name_of(one.path), *_words(one, one.test)] for one in query.conditions]
    if query.include_all:
        found["include"] = "all"
    elif query.include:
        found["include"] = [name_of(path) for path in query.include]
    if query.limit is not None:
        found["limit"] = query.limit
    if query.offset:
        found["offset"] = query.offset
    return found


@lru_cache(maxsize=4096)
def name_of(path: Path) -> str:
    """The keywords of a path, or its tags where they have none."""
    return ".".join(dictionary.keyword_of(int(tag, 16)) or tag for tag in path)


def _words(condition: Condition, test: Test) -> Words:
    return _WORDS[type(test)](condition, test)


def _any_of(condition: Condition, test: AnyOf) -> Words:
    shown = [_shown(condition.vr, value) for value in test.values]
    return ("is", shown[0]) if len(shown) == 1 else ("is one of", shown)


def _between(condition: Condition, test: Between) -> Words:
    low, high = (None if end is None else _shown(condition.vr, end) for end in (test.low, test.high))
    return "is within", [low, high]


def _several(word: str) -> Callable[[Condition, Any], Words]:
    def words(condition: Condition, test: Either | Each) -> Words:
        return word, [_words(condition, one) for one in _telling(test.tests)]

    return words


def _telling(tests: Iterable[Test]) -> Iterable[Test]:
    return (test for test in tests if not (isinstance(test, AnyOf) and not test.values))


def _shown(vr: str, value: Comparable) -> Comparable:
    digits = DIGITS.get(kind_of(vr))
    return f"{value:0{digits}d}" if digits and isinstance(value, int) else value


_WORDS: dict[type[Any], Callable[[Condition, Any], Words]] = {
    AnyOf: _any_of,
    Like: lambda condition, test: ("is like", test.pattern),
    Between: _between,
    Present: lambda condition, test: ("is there", True),
    Missing: lambda condition, test: ("is there", False),
    Similar: lambda condition, test: ("sounds like", list(test.words)),
    Either: _several("any of"),
    Each: _several("each of"),
    Lies: lambda condition, test: ("is within", [test.low, test.high]),
    Written: lambda condition, test: ("is written", list(_words(condition, test.test))),
}
