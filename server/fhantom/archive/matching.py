"""Tests asked of a DICOM JSON object: any attribute, also inside sequences; and names that are only similar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
    Similar,
    Test,
    Written,
)
from fhantom.archive.rows import Record
from fhantom.archive.values import comparable, fold, words_of, written

_ONE_EDIT, _TWO_EDITS = 4, 8
"""Lengths from which on a word may differ by one or two letters."""


def meets(record: Record, condition: Condition) -> bool:
    """Whether the attribute passes, whichever items of the sequences on the way hold it."""
    if isinstance(condition.test, Written):
        return _meets_as_written(record, condition.path, condition.test)
    found = [value for attribute in attributes_at(record, condition.path) for value in _values(attribute, condition.vr)]
    return _passes(found, condition.test)


def _meets_as_written(record: Record, path: Sequence[str], test: Written) -> bool:
    texts = [fold("\\".join(map(written, one.get("Value") or ()))) for one in attributes_at(record, path)]
    return any(_holds(text, test.test) for text in texts)


def attributes_at(record: Record, path: Sequence[str]) -> Iterator[Any]:
    """The attributes that a path of tags leads to, one for every combination of items."""
    attribute = record.get(path[0])
    if attribute is None:
        return
    if len(path) == 1:
        yield attribute
        return
    for item in attribute.get("Value") or ():
        if isinstance(item, dict):
            yield from attributes_at(item, path[1:])


def is_similar(name: str, test: Similar) -> bool:
    """Whether each wanted word begins a word of the name or is a misspelling of one, accents and case aside."""
    words = words_of(name)
    return all(any(_is_like_word(wanted, word) for word in words) for wanted in test.words)


def _is_like_word(wanted: str, word: str) -> bool:
    if word.startswith(wanted):
        return True
    if any(char in wanted for char in "*?"):
        return _expression(wanted).fullmatch(word) is not None
    allowed = (len(wanted) >= _ONE_EDIT) + (len(wanted) >= _TWO_EDITS)
    if not allowed or abs(len(wanted) - len(word)) > allowed:
        return False
    from rapidfuzz.distance import OSA  # imported by the first fuzzy search

    return bool(OSA.distance(wanted, word, score_cutoff=allowed) <= allowed)


def _values(attribute: Any, vr: str) -> list[Comparable | None]:
    # The VR of the object is right where it differs from the dictionary's; that of the key serves where it has none.
    own = attribute.get("vr", vr)
    values = attribute.get("Value") or [None]
    return [None if own == "SQ" else comparable(own, value) for value in values]


def _passes(values: Sequence[Comparable | None], test: Test) -> bool:
    if isinstance(test, Missing):
        return all(value is None for value in values)
    if isinstance(test, Present):
        return bool(values)
    if isinstance(test, Each):
        return all(_passes(values, part) for part in test.tests)
    if isinstance(test, Either):
        return any(_passes(values, part) for part in test.tests)
    return any(value is not None and _holds(value, test) for value in values)


def _holds(value: Comparable, test: Test) -> bool:
    match test:
        case AnyOf(values=wanted):
            return value in wanted
        case Like(pattern=pattern):
            return _expression(pattern).fullmatch(str(value)) is not None
        case Between(low=low, high=high):
            if isinstance(value, str):
                return False
            return (low is None or value >= low) and (high is None or value <= high)
        case Lies(low=first, high=last):
            return (first is None or str(value) >= first) and (last is None or str(value) <= last)
        case Similar():
            return is_similar(str(value), test)
    return False


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # What follows a `*` is taken where it comes first, and that never undone: the time is linear in the text.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
