"""Dates compared: what a bound asks of the two ends of a period (FHIR search 3.2.1.5.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fhantom.resources.criteria import DateValue
from fhantom.resources.searching.sql import TRUE, Sql, joined

_DAY_MS = 86_400_000
_FARTHEST_ZONE = 14 * 3_600_000

_COMPARISONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "eq": (("low", ">=", "low"), ("high", "<=", "high")),
    "ne": (("low", "<", "low"), ("high", ">", "high")),
    "ge": (("high", ">=", "low"),),
    "gt": (("high", ">", "high"),),
    "sa": (("low", ">", "high"),),
    "le": (("low", "<=", "high"),),
    "lt": (("low", "<", "low"),),
    "eb": (("high", "<", "low"),),
}
"""Prefix to what must hold: an end of the resource's period, an operator, an end of the bound's."""


def within(bound: DateValue) -> Sql:
    """Whether a row `x` of fhir_date fulfils the bound.

    Days are compared as they are written. Beside them stand instants, wide enough for every time zone, as those
    are what the indexes are ordered by.
    """
    column = "x.{}_day" if bound.by_day else "x.{}"
    pieces: list[Sql] = []
    for end, operator, of in _COMPARISONS[bound.prefix]:
        value = bound.low if of == "low" else bound.high
        pieces.append(Sql(f"{column.format(end)} {operator} ?", (value,)))
        if bound.by_day and bound.prefix != "ne":
            pieces.append(_about(end, operator, value))
    return joined("OR" if bound.prefix == "ne" else "AND", pieces, TRUE)


def not_before(bounds: Iterable[DateValue], longest: int) -> Sql:
    """Where rows `x` of fhir_date begin that fulfil the bounds, if none is longer than so many milliseconds."""
    ends = [
        bound.low * _DAY_MS - _FARTHEST_ZONE if bound.by_day else bound.low
        for bound in bounds
        if bound.prefix in ("eq", "ge", "gt", "sa")  # what these ask of an end lies not before their beginning
    ]
    return Sql("x.low >= ?", (max(ends) - longest,)) if ends else TRUE


def _about(end: str, operator: str, day: int) -> Sql:
    if ">" in operator:
        return Sql(f"x.{end} >= ?", (day * _DAY_MS - _FARTHEST_ZONE,))
    # no period begins after it ends, and its beginning is what the table is ordered by
    return Sql("x.low <= ?", ((day + 1) * _DAY_MS + _FARTHEST_ZONE,))


def updated(bound: DateValue, column: str) -> Sql:
    """Whether the instant in `column` fulfils the bound, days being those of UTC."""
    if bound.by_day:
        low, high = bound.low * _DAY_MS, (bound.high + 1) * _DAY_MS - 1
        bound = replace(bound, low=low, high=high, by_day=False)
    pieces = [
        Sql(f"{column} {operator} ?", (bound.low if of == "low" else bound.high,))
        for _, operator, of in _COMPARISONS[bound.prefix]
    ]
    return joined("OR" if bound.prefix == "ne" else "AND", pieces, TRUE)
