"""The values of search parameters: lists, escapes, prefixes, numbers, dates (FHIR search 3.2.1.5)."""

from __future__ import annotations

import re

from fhantom.resources import dates
from fhantom.resources.criteria import (
    DateValue,
    NumberValue,
    QuantityValue,
    TokenValue,
)
from fhantom.resources.refusal import SearchRefusal

PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
_ESCAPED = re.compile(r"\\([,$|\\])")
_PREFIX = re.compile(r"([^0-9-]*)(.*)", re.DOTALL)
_ZONE = re.compile(r"T.*[+-](?:2[4-9]|[3-9]\d|\d\d:[6-9])")
_SIGNS = {"=": "eq", ">": "gt", ">=": "ge", "<": "lt", "<=": "le", "~": "ap"}
"""How prefixes were written before DSTU2; the real server understands both."""
AFTER = ("gt", "ge", "sa")
BEFORE = ("lt", "le", "eb")
_BLANKS = "".join(map(chr, range(0x21)))  # what Java trims; a no-break space belongs to a code


def split(text: str, mark: str) -> list[str]:
    """The pieces of `text` between marks that no backslash escapes; escapes stay in."""
    if "\\" not in text:
        return text.split(mark)
    return [piece for piece in re.split(rf"(?<!\\){re.escape(mark)}", text)]


def halves(text: str, mark: str) -> tuple[str, str, str]:
    """What stands before the first mark that no backslash escapes, the mark, and the rest; escapes stay in."""
    first, *others = split(text, mark)
    return first, mark if others else "", mark.join(others)


def unescaped(text: str) -> str:
    r"""`text` with `\,` `\$` `\|` and `\\` as the characters they stand for."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def alternatives(text: str) -> list[str]:
    """The values of a comma list that are not empty, escapes left in."""
    return [piece for piece in split(text, ",") if piece]


def token(text: str) -> TokenValue:
    """`code`, `system|code`, `|code` (no system) or `system|` (any code); blanks around either do not count."""
    first, bar, rest = halves(text, "|")
    if not bar:
        return TokenValue(None, unescaped(text).strip(_BLANKS))
    system, code = unescaped(first).strip(_BLANKS), unescaped(rest).strip(_BLANKS)
    if not code:
        return TokenValue(system or None, None)
    return TokenValue(system, code)


def prefixed(text: str) -> tuple[str, str]:
    """Prefix and rest: whatever stands before the first digit or minus, also a blank or a plus, has to be a prefix.

    SearchRefusal 1940 where no digit is, 1941 for an unknown prefix.
    """
    match = _PREFIX.match(text)
    assert match is not None  # the pattern fits everything
    prefix, rest = match[1], match[2]
    if not rest:
        raise SearchRefusal("1940", value=text)
    prefix = _SIGNS.get(prefix, prefix)
    if prefix and prefix not in PREFIXES:
        raise SearchRefusal("1941", prefix=prefix)
    return prefix or "eq", unescaped(rest)


def number(text: str) -> NumberValue:
    """A number with its prefix."""
    prefix, rest = prefixed(text)
    return NumberValue(prefix, _float(rest, text))


def _float(text: str, whole: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SearchRefusal("1940", value=whole) from None
    if value != value or value in (float("inf"), float("-inf")):
        raise SearchRefusal("1940", value=whole)
    return value


def quantity(text: str) -> QuantityValue:
    """`[prefix]number`, with `|system|code` or `|code` behind it or not; the real server refuses sa and eb."""
    pieces = split(text, "|")
    prefix, rest = prefixed(pieces[0])
    if prefix in ("sa", "eb"):
        raise SearchRefusal("1235", prefix=prefix, value=text)
    value = _float(rest, pieces[0])
    system = unescaped(pieces[1]) if len(pieces) > 2 else ""
    code = unescaped(pieces[min(2, len(pieces) - 1)]) if len(pieces) > 1 else ""
    return QuantityValue(prefix, value, system or None, code or None)


def date(text: str) -> DateValue:
    """A date with its prefix, as the bounds that it sets.

    The real server departs from FHIR search 3.2.1.5.8 where a date says no more than a year or month: from
    such a date on (gt, ge) begins at its end, and up to it (lt, le) ends at its beginning.
    """
    prefix, rest = prefixed(text)
    period = moment(rest)
    if prefix == "ap":
        raise SearchRefusal("1925", value=text)
    by_day = not period.has_time
    low, high = (period.low_day, period.high_day) if by_day else (period.low, period.high)
    if by_day and prefix in AFTER:
        low = high
    elif by_day and prefix in BEFORE:
        high = low
    return DateValue(prefix, low, high, by_day)


def moment(text: str) -> dates.Period:
    """A date without a prefix. SearchRefusal 1883 for a wrong mark between its parts, 1882 for all else.

    A blank is a plus sign that a URL has not escaped.
    """
    written = text.replace(" ", "+")
    if _ZONE.search(written):
        raise SearchRefusal("1882", value=text)
    try:
        return dates.parse(written, strict=True)
    except ValueError:
        number = "1883" if _has_wrong_mark(written) else "1882"
        raise SearchRefusal(number, value=text) from None


_MARKS = ((4, 7, "-"), (7, 10, "-"), (10, 16, "T"), (13, 16, ":"), (16, 19, ":"), (19, 21, "."))
"""Where a mark stands in a date, how long a text that reaches so far has to be, and the mark."""


def _has_wrong_mark(text: str) -> bool:
    """Whether the first fault of a date, read from the left, is a character where a mark belongs.

    The real server looks at the mark first, then for enough to follow it, then at the digits; only before a
    time of day does it look for enough to follow first.
    """
    if not text[:4].isdecimal():
        return False
    zone = re.search(r"[Z+-]", text[16:])
    clock = text[: 16 + zone.start()] if zone else text
    if zone and not re.fullmatch(r"Z|[+-]\d\d:\d\d", text[16 + zone.start() :]):
        return True
    for at, length, mark in _MARKS:
        if len(clock) <= at:
            return False
        if at == 10 and len(clock) < length:
            return False
        if clock[at] != mark:
            return True
        if len(clock) < length or not clock[at + 1 : at + 3].isdecimal():
            return False
    return False


def date_range(texts: list[str]) -> tuple[DateValue, ...]:
    """The values of one date parameter, however often it was given: at most one bound of each kind."""
    found: dict[str, DateValue] = {}
    for text in texts:
        given = alternatives(text)
        if len(given) > 1:
            raise SearchRefusal("1930")
        if not given:
            continue
        value = date(given[0])
        kind = "lower" if value.prefix in AFTER else "upper" if value.prefix in BEFORE else "whole"
        if kind == "whole" and found:
            raise SearchRefusal("1922")
        if kind in found or "whole" in found:
            raise SearchRefusal("1924" if kind == "upper" else "1923")
        found[kind] = value
    return tuple(found.values())
