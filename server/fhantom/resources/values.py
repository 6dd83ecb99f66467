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
_PREFIX = re.compile(r"([A-Za-z]*)(.*)", re.DOTALL)
_AFTER = ("gt", "ge", "sa")
_BEFORE = ("lt", "le", "eb")


def split(text: str, mark: str) -> list[str]:
    """The pieces of `text` between marks that no backslash escapes; escapes stay in."""
    if "\\" not in text:
        return text.split(mark)
    return [piece for piece in re.split(rf"(?<!\\){re.escape(mark)}", text)]


def unescaped(text: str) -> str:
    r"""`text` with `\,` `\$` `\|` and `\\` as the characters they stand for."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def alternatives(text: str) -> list[str]:
    """The values of a comma list that are not empty, escapes left in."""
    return [piece for piece in split(text, ",") if piece]


def token(text: str) -> TokenValue:
    """`code`, `system|code`, `|code` (no system) or `system|` (any code)."""
    pieces = split(text, "|")
    if len(pieces) == 1:
        return TokenValue(None, unescaped(text))
    system, code = unescaped(pieces[0]), unescaped("|".join(pieces[1:]))
    if not code:
        return TokenValue(system or None, None)
    return TokenValue(system, code)


def prefixed(text: str) -> tuple[str, str]:
    """Prefix and rest. SearchRefusal 1940 where nothing but letters is, 1941 for an unknown prefix."""
    match = _PREFIX.match(text.strip())
    assert match is not None  # the pattern fits everything
    prefix, rest = match[1], match[2]
    if not rest:
        raise SearchRefusal("1940", value=text)
    if prefix and prefix not in PREFIXES:
        raise SearchRefusal("1941", value=prefix)
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
    """`[prefix]number`, with `|system|code` behind it or not; the real server refuses sa and eb."""
    pieces = split(text, "|")
    prefix, rest = prefixed(pieces[0])
    if prefix in ("sa", "eb"):
        raise SearchRefusal("1235", prefix=prefix, value=text)
    value = _float(rest, pieces[0])
    system = unescaped(pieces[1]) if len(pieces) > 1 else ""
    code = unescaped(pieces[2]) if len(pieces) > 2 else ""
    return QuantityValue(prefix, value, system or None, code or None)


def date(text: str) -> DateValue:
    """A date with its prefix, as the bounds that it sets.

    The real server departs from FHIR search 3.2.1.5.8 where a date says no more than a year or month: from
    such a date on (gt, ge) begins at its end, and up to it (lt, le) ends at its beginning.
    """
    prefix, rest = prefixed(text)
    if prefix == "ap":
        raise SearchRefusal("1925", value=text)
    try:
        period = dates.parse(rest)
    except ValueError:
        raise SearchRefusal("1882", value=rest) from None
    by_day = not period.has_time
    low, high = (period.low_day, period.high_day) if by_day else (period.low, period.high)
    if by_day and prefix in _AFTER:
        low = high
    elif by_day and prefix in _BEFORE:
        high = low
    return DateValue(prefix, low, high, by_day)


def date_range(texts: list[str]) -> tuple[DateValue, ...]:
    """The values of one date parameter, however often it was given: at most one bound of each kind."""
    found: dict[str, DateValue] = {}
    for text in texts:
        if len(alternatives(text)) > 1:
            raise SearchRefusal("1930")
        value = date(text)
        kind = "lower" if value.prefix in _AFTER else "upper" if value.prefix in _BEFORE else "whole"
        if kind == "whole" and found:
            raise SearchRefusal("1922")
        if kind in found or "whole" in found:
            raise SearchRefusal("1924" if kind == "upper" else "1923")
        found[kind] = value
    return tuple(found.values())
