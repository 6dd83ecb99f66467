"""FHIR dates as periods of integers: milliseconds since 1970 in UTC, and calendar days as they are written.

A date is the period that it does not say more about: `1950` is the year, `2020-01-01T10:00:00Z` the second. A
search by days compares calendar days, each in the time zone that it was written in; one by times, instants.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime

_EPOCH = date(1970, 1, 1).toordinal()
DAY_MS = 86_400_000
_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_STRICT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)

EARLIEST, LATEST = -30_578_688_000_000, 221_845_391_999_999  # the years 1001 and 9000
EARLIEST_DAY, LATEST_DAY = EARLIEST // DAY_MS, LATEST // DAY_MS


@dataclass(frozen=True, slots=True)
class Period:
    """A period, both ends included.

    Attributes:
        low, high: milliseconds since 1970 in UTC.
        low_day, high_day: days since 1970 as written.
        has_time: whether it was written with a time of day.
    """

    low: int
    high: int
    low_day: int
    high_day: int
    has_time: bool = False

    @classmethod
    def between(cls, start: Period | None, end: Period | None) -> Period | None:
        """From the beginning of `start` to the end of `end`; an open end reaches very far."""
        if start is None and end is None:
            return None
        return cls(
            start.low if start else EARLIEST,
            end.high if end else LATEST,
            start.low_day if start else EARLIEST_DAY,
            end.high_day if end else LATEST_DAY,
        )


def parse(text: str, *, strict: bool = False) -> Period:
    """The period of a FHIR date, dateTime or instant. ValueError if it is none.

    A `strict` reader takes no leap second, no hour 24, and no time without minutes or colons.
    """
    match = (_STRICT if strict else _DATE_TIME).fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if strict and (hour == "24" or second == "60"):
        raise ValueError(text)
    if hour is None:
        return _days(int(year), int(month) if month else None, int(day) if day else None)
    written = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    if int(hour) > 24 or int(minute or 0) > 59 or int(second or 0) > 60:
        raise ValueError(text)
    low = written * DAY_MS + (int(hour) * 3600 + int(minute or 0) * 60 + int(second or 0)) * 1000
    low -= _offset(zone)
    if fraction:
        milliseconds = int(f"{fraction[:3]:0<3}")
        return Period(low + milliseconds, low + milliseconds, written, written, True)
    length = 1000 if second is not None else 60_000 if minute is not None else 3_600_000
    return Period(low, low + length - 1, written, written, True)


def _days(year: int, month: int | None, day: int | None) -> Period:
    if not year and month is None:  # before all calendars
        return Period(EARLIEST, EARLIEST, EARLIEST_DAY, EARLIEST_DAY)
    first = date(year, 1 if month is None else month, 1 if day is None else day).toordinal() - _EPOCH
    last = first
    if month is None:
        last = date(year, 12, 31).toordinal() - _EPOCH
    elif day is None:
        last = first + calendar.monthrange(year, month)[1] - 1
    return Period(first * DAY_MS, (last + 1) * DAY_MS - 1, first, last)


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    length = (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
    return -length if zone[0] == "-" else length


def milliseconds(moment: datetime) -> int:
    """An aware datetime as milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
