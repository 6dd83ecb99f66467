"""SpecificCharacterSet (PS3.3 C.12.1.1.2) and text with code extensions (PS3.5 6.1.2.5), decoded and encoded.

Decoding never fails: a character set that lies gives U+FFFD, an unknown term is read as Latin-1.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from fhantom.dicom.errors import DicomError


class Unencodable(DicomError):
    """The character set lacks a character of the text."""


class Charset(NamedTuple):
    """How text outside of the default repertoire is written.

    Attributes:
        codec: Python's name for that of the first term.
        extended: escape sequences switch to further repertoires.
    """

    codec: str
    extended: bool = False


# PS3.3 tables C.12-2 to C.12-5: the number of the ISO registration, and the codec that covers it.
_CODECS = {
    "6": "latin_1",  # ASCII; senders that forget the term mean Latin-1 by bytes above it
    "100": "latin_1",
    "101": "iso8859_2",
    "109": "iso8859_3",
    "110": "iso8859_4",
    "144": "iso8859_5",
    "127": "iso8859_6",
    "126": "iso8859_7",
    "138": "iso8859_8",
    "148": "iso8859_9",
    "203": "iso8859_15",
    "13": "shift_jis",
    "166": "tis_620",
    "87": "iso2022_jp",
    "159": "iso2022_jp_2",
    "149": "euc_kr",
    "58": "gb2312",
    "192": "utf_8",
}
_WHOLE = {"GB18030": "gb18030", "GBK": "gbk"}  # C.12-5: without code extensions

# PS3.5 6.1.2.5.1, PS3.3 tables C.12-3 and C.12-4: what an escape sequence puts into G0 or G1.
_ESCAPES = {
    b"\x1b(B": "latin_1",
    b"\x1b-A": "latin_1",
    b"\x1b-B": "iso8859_2",
    b"\x1b-C": "iso8859_3",
    b"\x1b-D": "iso8859_4",
    b"\x1b-L": "iso8859_5",
    b"\x1b-G": "iso8859_6",
    b"\x1b-F": "iso8859_7",
    b"\x1b-H": "iso8859_8",
    b"\x1b-M": "iso8859_9",
    b"\x1b-b": "iso8859_15",
    b"\x1b-T": "tis_620",
    b"\x1b(J": "shift_jis",
    b"\x1b)I": "shift_jis",
    b"\x1b$B": "iso2022_jp",
    b"\x1b$(D": "iso2022_jp_2",
    b"\x1b$)C": "euc_kr",
    b"\x1b$)A": "gb2312",
}
_SEGMENT = re.compile(rb"(\x1b(?:\$[()]|[$()\-])[A-Za-z])")
_DOUBLE_BYTE_G0 = ("iso2022_jp", "iso2022_jp_2")  # their codecs want the escape sequence before the bytes
_ESCAPED_ONLY = frozenset({*_DOUBLE_BYTE_G0, "euc_kr", "gb2312"})
_DELIMITERS = re.compile(rb"([\\^=\r\n\f\t])")

LATIN_1 = Charset("latin_1")
UTF_8 = Charset("utf_8")


@lru_cache(256)
def charset_of(value: bytes) -> Charset:
    """The character set that a value of (0008,0005) declares."""
    terms = [term.strip(" \0").upper() for term in value.decode("latin_1").split("\\")]
    if terms[0] in _WHOLE:
        return Charset(_WHOLE[terms[0]])
    numbers = [re.sub(r"^ISO([ _]2022)?[ _]IR[ _]", "", term) for term in terms]
    extended = len(terms) > 1 or terms[0].startswith(("ISO 2022", "ISO_2022"))
    return Charset(_CODECS.get(numbers[0], "latin_1"), extended)


def decode(value: bytes, charset: Charset) -> str:
    """The text of a value, delimiters and padding included."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    if charset.extended and b"\x1b" in value:
        return _decode_extended(value, charset.codec)
    return value.decode(charset.codec, "replace")


def encode(text: str, charset: Charset) -> bytes:
    """The bytes of a text.

    Raises:
        Unencodable: the character set lacks one of its characters; code extensions are not written.
    """
    if text.isascii():
        return text.encode("ascii")
    try:
        encoded = b"" if charset.codec in _ESCAPED_ONLY else text.encode(charset.codec)
    except UnicodeEncodeError:
        encoded = b""
    # ISO_IR 13 is the single-byte part of what Python calls Shift JIS.
    if not encoded or (charset.codec == "shift_jis" and len(encoded) != len(text)):
        raise Unencodable(f"{charset.codec} cannot hold {text[:80]!r}")
    return encoded


def _decode_extended(value: bytes, default: str) -> str:
    pieces = _SEGMENT.split(value)
    decoded = [_decode_single(pieces[0], default, default)]
    for escape, segment in zip(pieces[1::2], pieces[2::2], strict=True):
        codec = _ESCAPES.get(escape)
        if codec is None:
            decoded.append((escape + segment).decode(default, "replace"))
        elif codec in _DOUBLE_BYTE_G0:
            decoded.append((escape + segment).decode(codec, "replace"))
        else:
            decoded.append(_decode_single(segment, codec, default))
    return "".join(decoded)


def _decode_single(segment: bytes, codec: str, default: str) -> str:
    """A segment in which delimiters are single bytes; the first one ends the escape's effect (6.1.2.5.3)."""
    pieces = _DELIMITERS.split(segment, maxsplit=1)
    if len(pieces) == 1 or codec == default:
        return segment.decode(codec, "replace")
    head, delimiter, tail = pieces
    return head.decode(codec, "replace") + (delimiter + tail).decode(default, "replace")
