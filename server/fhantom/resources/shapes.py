"""Shapes: which search parameters have values in a resource, and of which of them several or long ones.

Resources of a type share few shapes, however many they are. So who lacks a value, which no index of values can
list, is listed by the shapes that lack it; and where no shape has several values of a parameter, the rows of its
index are the resources in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from operator import itemgetter

from fhantom.definitions import Version
from fhantom.resources.numbers import type_number
from fhantom.resources.records import Row
from fhantom.resources.tables import INDEXES

KINDS: dict[str, int] = {name: place for place, name in enumerate(INDEXES)}
"""Index tables by the number that says in a shape: the parameter has a value there."""

SEVERAL = 10
"""Added to a table's number: it has more than one."""

LONG = 20
"""Added to the number of dates: one is longer than `LONGEST_DAY`."""

LONGEST_DAY = 90_000_000
"""Milliseconds of a day and an hour, which no date that is written to the day exceeds."""

Member = tuple[int, int]
"""A parameter, and what its values are like; the displays of a token are strings."""


def members(index: Mapping[str, Sequence[Row]]) -> list[Member]:
    """What the rows of one resource say of each parameter, in order."""
    found: set[Member] = set()
    for table, kind in KINDS.items():
        rows = index.get(table, ())
        at = 1 if table == "reference" else 0
        for row in rows:
            member = (row[at], kind)
            if member in found:
                found.add((row[at], kind + SEVERAL))
            found.add(member)
        if table == "date":
            found.update((parameter, kind + LONG) for parameter in _long(rows))
    return sorted(found)


def _long(dates: Sequence[Row]) -> tuple[int, ...]:
    """The parameters of the dates that are longer than a day."""
    return tuple([row[0] for row in dates if row[2] - row[1] > LONGEST_DAY])


def shape_of(version: Version, resource_type: str, index: Mapping[str, Sequence[Row]]) -> int:
    """The shape of a resource with these index rows, in 64 bits."""
    known: tuple[object, ...] = (
        version,
        resource_type,
        *[tuple(sorted(map(of, index[table]))) if table in index else None for table, of in _PARAMETERS],
        _long(index["date"]) if "date" in index else (),
    )
    found = _known.get(known)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[known] = number_of(type_number(version, resource_type), members(index))
    return found


_PARAMETERS = tuple((table, itemgetter(1 if table == "reference" else 0)) for table in KINDS)
_MOST_KNOWN = 4_096
_known: dict[tuple[object, ...], int] = {}


def number_of(type_: int, parameters: Sequence[Member]) -> int:
    """The shape of resources of a type of whose parameters this is to be said."""
    digest = blake2b(repr((type_, parameters)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
