"""Values of each VR (PS3.5 6.2): from bytes to text and numbers."""

from __future__ import annotations

import re
import struct
from math import isfinite

from fhantom.dicom.charsets import LATIN_1, Charset, decode

# PS3.5 6.2: what a value is made of.
NUMERIC = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
SINGLE_TEXT = frozenset({"LT", "ST", "UT", "UR"})  # a backslash is a character, leading spaces are significant
LOCALISED = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})  # SpecificCharacterSet holds for these only
DECIMAL = frozenset({"DS", "IS"})
TEXTUAL = LOCALISED | DECIMAL | {"AE", "AS", "CS", "DA", "DT", "TM", "UI", "UR"}
WORD_SIZES = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8, "AT": 2} | {
    vr: struct.calcsize("<" + code) for vr, code in NUMERIC.items()
}

PERSON_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")  # PS3.5 6.2.1.2, PS3.18 F.2.2

Number = int | float

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_DIGITS = 400  # more is no number that a double holds, and int() of a very long text takes long


def is_textual(vr: str) -> bool:
    """Whether values of the VR have a text form: all but sequences and bulk binaries."""
    return vr in TEXTUAL or vr in NUMERIC or vr == "AT"


def texts(value: bytes, vr: str, little_endian: bool, charset: Charset) -> tuple[str, ...]:
    """The values as text; the VR must be one with a text form."""
    if vr in DECIMAL:
        return tuple("" if n is None else number_text(n) for n in decimals(value))
    if vr in NUMERIC:
        return tuple(number_text(n) for n in numbers(value, vr, little_endian))
    if vr == "AT":
        return tags(value, little_endian)
    padding = " \0=" if vr == "PN" else " \0"  # PS3.5 6.2.1.2: trailing empty groups may be written
    return tuple(text.lstrip(" \0").rstrip(padding) for text in strings(value, vr, charset))


def strings(value: bytes, vr: str, charset: Charset) -> list[str]:
    """The values of a character string VR, without padding of the whole; that of single values stays."""
    text = decode(value, charset if vr in LOCALISED else LATIN_1)
    return [text.rstrip(" \0")] if vr in SINGLE_TEXT else text.strip(" \0").split("\\")


def decimals(value: bytes) -> tuple[Number | None, ...]:
    """The values of a DS or IS; None for an empty one and for what is not a finite number."""
    return tuple(number(part) for part in value.decode("latin_1").split("\\"))


def number(text: str) -> Number | None:
    """The finite number that a text of digits is, an int if it has neither point nor exponent; else None."""
    text = text.strip(" \0")
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    return value if isfinite(value) else None


def number_text(value: Number) -> str:
    """A finite number, in JSON too; a whole one has no fraction, as clients that expect an int need it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else repr(value)


def json_number(text: str) -> str | None:
    """The JSON number that a text of digits stands for, or None."""
    value = number(text)
    return None if value is None else number_text(value)


def numbers(value: bytes, vr: str, little_endian: bool) -> tuple[Number, ...]:
    """The values of a binary number VR; bytes that do not fill one are dropped."""
    size, code = WORD_SIZES[vr], NUMERIC[vr]
    count = len(value) // size
    return struct.unpack(f"{'<' if little_endian else '>'}{count}{code}", value[: count * size])


def tags(value: bytes, little_endian: bool) -> tuple[str, ...]:
    """The values of an AT as eight hex digits each."""
    words = numbers(value, "US", little_endian)
    pairs = zip(words[0::2], words[1::2], strict=False)
    return tuple(f"{group:04X}{element:04X}" for group, element in pairs)


def swap(value: bytes, word_size: int) -> bytes:
    """The bytes of each word reversed; those that do not fill a word stay."""
    whole = len(value) // word_size * word_size
    swapped = bytearray(value)
    for place in range(word_size):
        swapped[place:whole:word_size] = value[word_size - 1 - place : whole : word_size]
    return bytes(swapped)


def person_name_groups(text: str) -> dict[str, str]:
    """The component groups of a PN that are not empty."""
    names = zip(PERSON_NAME_GROUPS, text.split("="), strict=False)
    return {name: group for name, group in names if group}
