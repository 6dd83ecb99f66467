"""The value of a search key as a test (PS3.4 C.2.2.2, PS3.18 8.3.4.1).

A comma, and a backslash, separate the values of a list, any of which may match; an empty value asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fhantom.archive.query import AnyOf, Between, Each, Either, Like, Missing, Present, Similar, Test
from fhantom.archive.values import RANGES, Kind, bound, fold, kind_of, moment, number, takes_wildcards, words_of
from fhantom.dicomweb.errors import ParameterOutOfRange

EMPTY = '""'
"""What asks for an attribute without a value, when `emptyvaluematching` is on."""

_MULTIPLE_VALUES = frozenset(("AE", "AS", "AT", "CS", "LO", "PN", "SH", "UC"))  # PS3.4 C.2.2.2.8
_MOST_TESTS = 100
_LONGEST_PATTERN = 4096
_SEPARATORS = re.compile(r"[,\\]+")
# The hyphen of a range, but not that of an offset from UTC (-0000 to -1459), which ends a datetime.
_RANGE_HYPHEN = re.compile(r"-(?!(?:0\d|1[0-4])[0-5]\d(?:-|$))")


@dataclass(frozen=True, slots=True)
class Matching:
    """How values are matched: the parameters of PS3.18 8.3.4.2, 8.3.4.5 and 8.3.4.6."""

    fuzzy: bool = False
    empty_values: bool = False
    multiple_values: bool = False


def test_of(vr: str, text: str, matching: Matching, *, multiple: bool = False) -> Test | None:
    """What the value of a key asks for; None when any value, or none at all, will do.

    Args:
        multiple: the attribute may have several values.

    Raises:
        ParameterOutOfRange: a wildcard where the VR allows none.
    """
    if not text:
        return None
    if matching.empty_values and text == EMPTY:
        return Missing()
    kind = kind_of(vr)
    refuse_wildcards(vr, text)
    if kind in RANGES:
        return _moments(kind, text)
    if kind is Kind.UID:
        return AnyOf(tuple(_listed(text)))
    if kind is Kind.NUMBER:
        return _numbers(text)
    if vr == "PN" and matching.fuzzy:
        return _similar(text)
    if matching.multiple_values and multiple and vr in _MULTIPLE_VALUES:
        parts = _listed(text)
        _refuse_more_than(_MOST_TESTS, len(parts), "values in a list that all must match")
        return Each(tuple(map(_text, parts)))
    # A text may itself hold a comma, so the value as a whole is one of those that match.
    texts = _any_of([_text(part) for part in dict.fromkeys((text, *_listed(text)))])
    return _of_any_kind(text, texts) if vr == "UN" else texts


def _of_any_kind(text: str, texts: Test) -> Test:
    """The test of an attribute whose VR only its objects know, as that of a private one: a text, number or moment."""
    meant = (_numbers(text), *(_moments(kind, text) for kind in RANGES))
    others = tuple(test for test in meant if test is not None and test != AnyOf(()))
    return Either((texts, *others)) if others else texts


def _listed(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _any_of(tests: Sequence[Test]) -> Test:
    """The alternatives as one test, plain values together."""
    values = tuple(value for test in tests if isinstance(test, AnyOf) for value in test.values)
    others = tuple(test for test in tests if not isinstance(test, AnyOf))
    _refuse_more_than(_MOST_TESTS, len(others), "patterns and ranges in a list")
    if not others:
        return AnyOf(values)
    return others[0] if len(others) == 1 and not values else Either((AnyOf(values), *others))


def _refuse_more_than(most: int, count: int, what: str) -> None:
    if count > most:
        raise ParameterOutOfRange(f"There may be at most {most} {what}")


def refuse_wildcards(vr: str, text: str) -> None:
    """Refuse a value with a wildcard where the VR knows none (PS3.4 C.2.2.2.4).

    Raises:
        ParameterOutOfRange: it is one.
    """
    if not takes_wildcards(vr) and ("*" in text or "?" in text):
        raise ParameterOutOfRange(f"Values of the VR {vr} are matched without wildcards: {text[:200]}")


def _text(text: str) -> Test:
    if text == "*":
        return Present()
    folded = fold(text)
    _refuse_more_than(_LONGEST_PATTERN, len(folded) if "*" in text or "?" in text else 0, "characters in a pattern")
    return Like(folded) if "*" in text or "?" in text else AnyOf((folded,))


def _similar(text: str) -> Test:
    words = words_of(text)
    return Present() if set("".join(words)) <= {"*"} else Similar(words)


def _numbers(text: str) -> Test:
    found = (number(part.strip()) for part in _listed(text))
    return AnyOf(tuple(value for value in found if value is not None))


def _moments(kind: Kind, text: str) -> Test | None:
    tests = [_moment(kind, part.strip()) for part in _listed(text)]
    if None in tests:
        return None
    return _any_of([test for test in tests if test is not None])


def _moment(kind: Kind, text: str) -> Test | None:
    hyphen = _RANGE_HYPHEN if kind is Kind.DATETIME else re.compile("-")
    if not hyphen.search(text):
        value = moment(kind, text)
        return AnyOf(() if value is None else (value,))
    lower, upper = hyphen.split(text, maxsplit=1)
    if not lower and not upper:
        return None
    low = bound(kind, lower, upper=False) if lower else None
    high = bound(kind, upper, upper=True) if upper else None
    if (lower and low is None) or (upper and high is None):
        return AnyOf(())
    return Between(low, high)
