"""A search as data: which level, below which path, under which conditions (PS3.4 C.2.2.2, PS3.18 8.3.4).

Conditions hold their values in the form in which `fhantom.archive.values` stores them: text folded, dates and
times as numbers, UIDs as they are. A protocol room writes a `Query`; `fhantom.archive.search` answers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

Comparable = str | int | float


class Level(IntEnum):
    """A level of the information model; a larger one lies further down."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The value is one of these (PS3.4 C.2.2.2.1 single value, C.2.2.2.2 list of UID)."""

    values: tuple[Comparable, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """The folded text fits a pattern: `*` any characters, `?` exactly one (PS3.4 C.2.2.2.4)."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """The number lies between two bounds, both included; None is open (PS3.4 C.2.2.2.5)."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute is there, with or without a value (`*`)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The attribute has no value or is not there (PS3.4 C.2.2.2.7, empty value matching)."""


@dataclass(frozen=True, slots=True)
class Similar:
    """The name sounds or reads like these folded words (PS3.4 C.2.2.2.1.1, fuzzy semantic matching)."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the tests holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """Every one of the tests holds for some value (PS3.4 C.2.2.2.8, multiple value matching)."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Lies:
    """The folded text lies between two others in the order of their characters, both included; None is open."""

    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """All values, as DICOM writes them between backslashes, pass as one folded text, an empty one without a value."""

    test: AnyOf | Like | Lies


Test = AnyOf | Like | Between | Present | Missing | Similar | Either | Each | Lies | Written


@dataclass(frozen=True, slots=True)
class Condition:
    """What one attribute must be.

    Attributes:
        path: tags of eight upper-case hexadecimal digits, outermost first; more than one leads into sequences.
        vr: the value representation of the last one.
        test: what its value must pass.
    """

    path: tuple[str, ...]
    vr: str
    test: Test


@dataclass(frozen=True, slots=True)
class Query:
    """One search.

    Attributes:
        level: what a row stands for.
        study_instance_uid, series_instance_uid: the path that the search is below, None where it names none.
        conditions: all of them must hold.
        include: paths of attributes wanted beyond the default ones; unknown ones add nothing.
        include_all: every attribute of the level is wanted.
        parents: levels above whose default attributes the rows carry too.
        limit: greatest number of rows, None for all.
        offset: rows to skip.
        sampled: what is below a row, or has no column, is asked of the one instance that stands for the row.
    """

    level: Level
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None
    conditions: tuple[Condition, ...] = ()
    include: tuple[tuple[str, ...], ...] = ()
    include_all: bool = False
    parents: frozenset[Level] = frozenset()
    limit: int | None = None
    offset: int = 0
    sampled: bool = False
