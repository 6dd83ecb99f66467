"""Attribute values in the form in which searches compare them: text folded, dates and times as numbers.

Dates are YYYYMMDD, times HHMMSSffffff and datetimes YYYYMMDDHHMMSSffffff as one integer, so that a range is two
comparisons. Text is compared without regard to case in any script; accents count (they are folded for fuzzy
matching only).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from math import isfinite
from typing import Any

from fhantom.archive.query import Comparable


class Kind(Enum):
    """How the values of a VR are compared."""

    TEXT = auto()
    UID = auto()
    DATE = auto()
    TIME = auto()
    DATETIME = auto()
    NUMBER = auto()


KINDS = {
    "UI": Kind.UID,
    "DA": Kind.DATE,
    "TM": Kind.TIME,
    "DT": Kind.DATETIME,
    **dict.fromkeys(("DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"), Kind.NUMBER),
}  # PS3.5 6.2; every other VR is compared as text

# PS3.4 C.2.2.2.4; and UN, since a private attribute may be text
_WILDCARDS = frozenset(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UN", "UR", "UT"))

RANGES = (Kind.DATE, Kind.TIME, Kind.DATETIME)
"""What range matching applies to (PS3.4 C.2.2.2.5)."""

_LARGEST = 2**63  # what a column holds as an integer

DIGITS = {Kind.DATE: 8, Kind.TIME: 12, Kind.DATETIME: 20}


def kind_of(vr: str) -> Kind:
    """How values of that VR are compared."""
    return KINDS.get(vr, Kind.TEXT)


def takes_wildcards(vr: str) -> bool:
    """Whether `*` and `?` in a key of that VR stand for other characters (PS3.4 C.2.2.2.4)."""
    return vr in _WILDCARDS


def fold(text: str) -> str:
    """The text without its case, one character for each, so that `?` in a pattern still means one."""
    if text.isascii():
        return text.lower()
    return "".join(folded if len(folded := char.casefold()) == 1 else char.lower()[:1] for char in text)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a person's name for fuzzy matching: folded, without accents, components and groups alike."""
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    for delimiter in "^=,.-":
        letters = letters.replace(delimiter, " ")
    return tuple(fold(letters).split())


def comparable(vr: str, value: Any) -> Comparable | None:
    """One value of a DICOM JSON attribute in comparable form; None if it is empty or not of its VR."""
    kind = kind_of(vr)
    if value is None or value == "":
        return None
    if kind is Kind.NUMBER:
        return number(value)
    if kind in RANGES:
        return moment(kind, str(value))
    if isinstance(value, Mapping):
        return fold(name_text(value))
    return str(value) if kind is Kind.UID else fold(str(value))


def name_text(groups: Mapping[str, Any]) -> str:
    """A person name's groups as the one text that DICOM writes, `a=b=c` (PS3.5 6.2.1.1)."""
    parts = (str(groups.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic"))
    return "=".join(parts).rstrip("=")


def written(value: Any) -> str:
    """One value of a DICOM JSON attribute as DICOM writes it; empty for an item of a sequence."""
    if isinstance(value, Mapping):
        return name_text(value)
    return "" if value is None else str(value)


def number(value: Any) -> int | float | None:
    """A number from a JSON number or text; None for what is not one."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not isfinite(found):
        return None
    if not found.is_integer() or abs(found) >= _LARGEST:
        return found
    return int(value) if isinstance(value, int) else int(found)


def moment(kind: Kind, text: str) -> int | None:
    """A date, time or datetime as a number, what is not given being zero; None for what is none.

    The separators of ACR-NEMA (`1997.04.24`, `10:15:00`) are skipped; an offset from UTC is subtracted.
    """
    text = text.strip()
    if kind is Kind.DATETIME:
        return _datetime(text)
    plain = text.replace("." if kind is Kind.DATE else ":", "")
    whole, _, fraction = plain.partition(".")
    if not _is_digits(whole) or (fraction and not _is_digits(fraction)):
        return None
    if kind is Kind.DATE:
        return int(whole) if len(whole) == 8 else None
    return int((whole[:6].ljust(6, "0") + fraction[:6]).ljust(12, "0"))


def bound(kind: Kind, text: str, *, upper: bool) -> int | None:
    """One end of a range as a number; what is not given is filled so that the range includes all of it."""
    digits = text.strip()
    if kind is Kind.DATETIME and ("+" in digits or "-" in digits):
        return _datetime(digits)
    digits = digits.replace("." if kind is Kind.DATE else ":", "")
    whole, _, fraction = digits.partition(".")
    if kind is not Kind.DATE and fraction:
        whole += fraction[:6]
    given = whole[: next((at for at, char in enumerate(whole) if char not in "0123456789"), len(whole))]
    if not given:
        return None
    length = DIGITS[kind]
    return int(given[:length].ljust(length, "9" if upper else "0"))


def _datetime(text: str) -> int | None:
    sign = max(text.rfind("+"), text.rfind("-"))
    plain, offset = (text[:sign], text[sign:]) if sign > 0 else (text, "")
    whole, _, fraction = plain.partition(".")
    if not _is_digits(whole) or (fraction and not _is_digits(fraction)):
        return None
    digits = (whole[:14].ljust(14, "0") + fraction[:6]).ljust(20, "0")
    if not offset:
        return int(digits)
    # A month or day that is not given is the first one, else there would be nothing to subtract from.
    month, day = digits[4:6].replace("00", "01"), digits[6:8].replace("00", "01")
    try:
        local = datetime.strptime(digits[:4] + month + day + digits[8:], "%Y%m%d%H%M%S%f")  # noqa: DTZ007
        away = timedelta(hours=int(offset[:3]), minutes=int(offset[0] + (offset[3:5] or "0")))
        return int((local - away).strftime("%Y%m%d%H%M%S%f"))
    except (ValueError, OverflowError):
        return int(digits)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
