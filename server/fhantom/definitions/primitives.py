"""Primitive values as HAPI takes them: what is kept, what is dropped, what is refused.

A reader gets the JSON value and gives the canonical one, or None for what HAPI drops silently (an empty
string); it raises ValueError, whose text says what is wrong, for what HAPI refuses. `VALUES` is the table by
type.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from fhantom.definitions.jsontext import DecimalText

Reader = Callable[[Any], Any]

DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))?)?)?)?", re.ASCII
)
INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
EXPONENT = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d+", re.ASCII)
NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
LARGEST_EXPONENT = 400
"""Numbers beyond are refused: written out, as HAPI writes them, a few bytes would become gigabytes."""


def text_of(value: Any) -> str | None:
    """A JSON scalar as text, as a lenient reader sees `5` where a string belongs; None for a container."""
    if isinstance(value, DecimalText):
        return written_out(value)
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def written_out(number: str) -> str:
    """A JSON number without exponent, its digits as they were. ValueError for one beyond all bounds."""
    if NUMBER.fullmatch(number):
        return str(number)
    exact = Decimal(number)
    if not exact.is_finite() or abs(exact.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"not a decimal number within bounds: {number[:40]}")
    return f"{exact:f}"


def string(value: Any) -> str | None:
    """string, markdown, uri and kin: any text that is not blank, exactly as it stands."""
    text = value if value.__class__ is str else text_of(value)
    return None if not text or text.isspace() else text


def stripped(value: Any) -> str | None:
    """Text without white space at its ends."""
    text = string(value)
    return text.strip() if text else None


def boolean(value: Any) -> bool | None:
    """boolean: true and false, also as strings."""
    if value is True or value is False:
        return bool(value)
    text = string(value)
    if text is None:
        return None
    if text.strip() not in ("true", "false"):
        raise ValueError(f"not a boolean: {text}")
    return text.strip() == "true"


def _whole(value: Any, bits: int) -> int | None:
    if value.__class__ is int:
        number = value
    else:
        text = string(value)
        if text is None:
            return None
        if not INTEGER.fullmatch(text):
            raise ValueError(f"not an integer: {text}")
        number = int(text)
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(f"an integer of {bits} bits cannot hold {number}")
    return int(number)


def integer(value: Any) -> int | None:
    """integer, positiveInt, unsignedInt: 32 bits; the sign is not checked."""
    return _whole(value, 32)


def integer64(value: Any) -> int | None:
    """integer64: 64 bits; HAPI writes a number where FHIR R5 (json.html 2.6.2.1) has a string."""
    return _whole(value, 64)


def decimal(value: Any) -> DecimalText | int | None:
    """decimal: its digits as written, an int where it has no decimal point; an exponent stays in text only."""
    if value.__class__ is int:
        return int(value)
    text = string(value)
    if text is None:
        return None
    if NUMBER.fullmatch(text):
        return DecimalText(text) if "." in text else int(text)
    if not DECIMAL.fullmatch(text):
        raise ValueError(f"not a decimal number: {text}")
    plain = written_out(text)
    return DecimalText(text) if EXPONENT.fullmatch(text) else decimal(plain)


def date_time(value: Any) -> str | None:
    """date, dateTime and instant alike: any precision but minutes, with or without time zone; as written.

    HAPI takes a time for a date and a day for an instant (hapi-fhir#2884).
    """
    text = string(value)
    if text is None:
        return None
    found = DATE_TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a date or time: {text}")
    year, month, day, time, hour, minute, second, zone_hour, zone_minute = found.groups()
    if time and (hour > "23" or minute > "59" or second > "60"):
        raise ValueError(f"no such time: {text}")
    if zone_hour and (zone_hour > "23" or zone_minute > "59"):
        raise ValueError(f"no such time zone: {text}")
    try:
        date(int(year) or 1, int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError(f"no such date: {text}") from None
    return text


def base64_binary(value: Any) -> str | None:
    """base64Binary: decoded and encoded again, so that white space goes and padding comes; None for no bytes.

    The URL alphabet becomes the standard one; a last character that is no whole byte goes.
    """
    text = string(value)
    if text is None:
        return None
    if NOT_BASE64.search(text):
        text = "".join(text.split()).replace("-", "+").replace("_", "/")
        if NOT_BASE64.search(text):
            raise ValueError("")
    if len(text) % 4 == 0 and not text.endswith("="):
        return text
    digits = text.partition("=")[0]
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64encode(base64.b64decode(digits + "=" * (-len(digits) % 4))).decode() or None


VALUES: dict[str, Reader] = {
    "base64Binary": base64_binary,
    "boolean": boolean,
    "canonical": string,
    "code": string,
    "date": date_time,
    "dateTime": date_time,
    "decimal": decimal,
    "id": string,
    "instant": date_time,
    "integer": integer,
    "integer64": integer64,
    "markdown": string,
    "oid": string,
    "positiveInt": integer,
    "string": string,
    "time": string,
    "unsignedInt": integer,
    "uri": string,
    "url": string,
    "uuid": string,
}
"""Reader of each primitive type but xhtml, which `narrative` reads."""
