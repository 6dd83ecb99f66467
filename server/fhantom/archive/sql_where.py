"""One condition as a piece of SQL over the columns that hold its attribute."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from fhantom.archive.attributes import COLUMNS, MODALITIES_IN_STUDY
from fhantom.archive.query import (
    AnyOf,
    Between,
    Comparable,
    Condition,
    Each,
    Either,
    Level,
    Lies,
    Like,
    Missing,
    Present,
    Similar,
    Test,
    Written,
)

TABLES = {Level.STUDY: "study", Level.SERIES: "series", Level.INSTANCE: "instance"}
_LAST_CHARACTER = chr(0x10FFFF)


class Fragment(NamedTuple):
    """A piece of SQL and its parameters."""

    text: str
    parameters: tuple[Comparable, ...] = ()


def has_column(condition: Condition) -> bool:
    """Whether the condition can be asked of the rows; else it is asked of the DICOM JSON."""
    if len(condition.path) > 1 or isinstance(condition.test, Written):
        return False
    return condition.path[0] in COLUMNS or condition.path[0] == MODALITIES_IN_STUDY


def level_of(condition: Condition) -> Level:
    """The level whose table holds the condition's column."""
    tag = condition.path[0]
    return Level.STUDY if tag == MODALITIES_IN_STUDY else COLUMNS[tag].level


def where_of(condition: Condition) -> Fragment:
    """The condition as one term of a WHERE over the joined tables."""
    tag = condition.path[0]
    if tag == MODALITIES_IN_STUDY:
        return _modalities(condition.test)
    column = COLUMNS[tag]
    return _test(f"{TABLES[column.level]}.{column.name}", condition.test)


def _modalities(test: Test) -> Fragment:
    """ModalitiesInStudy: any series of the study passes; of several values that all must match, each by one."""
    if isinstance(test, Each):
        return combined("AND", [_modalities(part) for part in test.tests])
    inner = _test("other.modality", test)
    return Fragment(
        f"EXISTS (SELECT 1 FROM series AS other WHERE other.study_id = study.id AND {inner.text})",
        inner.parameters,
    )


def _test(column: str, test: Test) -> Fragment:
    match test:
        case AnyOf(values=()) | Similar() | Lies() | Written():
            return Fragment("0")
        case AnyOf(values=(value,)):
            return Fragment(f"{column} = ?", (value,))
        case AnyOf(values=values):
            return Fragment(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(values),))
        case Like(pattern=pattern):
            return _like(column, pattern)
        case Between(low=low, high=high):
            bounds = [(">=", low), ("<=", high)]
            given = [(sign, value) for sign, value in bounds if value is not None]
            text = " AND ".join(f"{column} {sign} ?" for sign, _ in given) or f"{column} IS NOT NULL"
            return Fragment(text, tuple(value for _, value in given))
        case Present():
            return Fragment(f"{column} IS NOT NULL")
        case Missing():
            return Fragment(f"({column} IS NULL OR {column} = '')")
        case Either(tests=tests):
            return combined("OR", [_test(column, part) for part in tests])
        case Each(tests=tests):
            return combined("AND", [_test(column, part) for part in tests])


def combined(word: str, parts: Sequence[Fragment]) -> Fragment:
    """The parts between AND or OR, in brackets."""
    text = f" {word} ".join(part.text for part in parts)
    return Fragment(f"({text})", tuple(value for part in parts for value in part.parameters))


def _like(column: str, pattern: str) -> Fragment:
    # GLOB has the same `*` and `?`; the range on the literal prefix lets SQLite use the index.
    glob = pattern.replace("[", "[[]")
    prefix = pattern[: min(pattern.find(char) % (len(pattern) + 1) for char in "*?")]
    if not prefix:
        return Fragment(f"{column} GLOB ?", (glob,))
    return Fragment(f"{column} >= ? AND {column} < ? AND {column} GLOB ?", (prefix, prefix + _LAST_CHARACTER, glob))
