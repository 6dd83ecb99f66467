"""Elements, from values to bytes: headers of explicit and implicit VR, either byte order (PS3.5 7)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from fhantom.dicom import charsets, values
from fhantom.dicom.charsets import Charset
from fhantom.dicom.dictionary import format_tag
from fhantom.dicom.errors import DicomError, UnsupportedTransferSyntax
from fhantom.dicom.parsing import ITEM, LONG_VRS, SEQUENCE_DELIMITER, UNDEFINED
from fhantom.dicom.syntaxes import TransferSyntax

MAX_SHORT_LENGTH = 0xFFFE
MAX_LENGTH = 0xFFFFFFFE


class Encoder:
    """Writes elements as a transfer syntax wants them; deflating is left to others."""

    def __init__(self, syntax: TransferSyntax) -> None:
        order = "<" if syntax.little_endian else ">"
        self.explicit = syntax.explicit
        self.little_endian = syntax.little_endian
        self._short = struct.Struct(order + "HH2sH").pack
        self._long = struct.Struct(order + "HH2sHL").pack
        self._implicit = struct.Struct(order + "HHL").pack

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """What precedes a value of `length` bytes, or of undefined length (0xFFFFFFFF).

        Raises:
            UnsupportedTransferSyntax: the length does not fit its field.
        """
        if length > MAX_LENGTH and length != UNDEFINED:
            raise UnsupportedTransferSyntax(f"{format_tag(tag)} with {length} bytes is too long to write")
        group, number = tag >> 16, tag & 0xFFFF
        if not self.explicit or group == 0xFFFE:
            return self._implicit(group, number, length)
        if vr in LONG_VRS:
            return self._long(group, number, vr.encode("ascii"), 0, length)
        if length > MAX_SHORT_LENGTH:
            return self._long(group, number, b"UN", 0, length)  # PS3.5 6.2.2 note 4
        return self._short(group, number, vr.encode("ascii"), length)

    def element(self, tag: int, vr: str, value: bytes) -> bytes:
        """Header and value, padded to an even length."""
        value = padded(value, vr)
        return self.header(tag, vr, len(value)) + value

    def sequence(self, tag: int, items: Sequence[bytes]) -> bytes:
        """A sequence of data sets that are written already, all lengths defined."""
        content = b"".join(self.header(ITEM, "", len(item)) + item for item in items)
        return self.header(tag, "SQ", len(content)) + content

    def fragment_header(self, length: int) -> bytes:
        """What precedes a fragment or an offset table of that length."""
        return self._implicit(ITEM >> 16, ITEM & 0xFFFF, length)

    def sequence_end(self) -> bytes:
        """What follows the last item of an undefined length."""
        return self._implicit(SEQUENCE_DELIMITER >> 16, SEQUENCE_DELIMITER & 0xFFFF, 0)

    def value(self, vr: str, texts: Sequence[str], charset: Charset) -> bytes:
        """The bytes of values given as text.

        Raises:
            DicomError: a text is no value of the VR, or the character set lacks a character.
        """
        if vr in values.NUMERIC:
            return self._numbers(vr, texts)
        if vr == "AT":
            return self._tags(texts)
        if vr not in values.TEXTUAL:
            raise DicomError(f"A {vr} cannot be written from text")
        return charsets.encode("\\".join(texts), charset if vr in values.LOCALISED else charsets.LATIN_1)

    def binary(self, vr: str, value: bytes) -> bytes:
        """A little-endian value in this byte order."""
        return value if self.little_endian else values.swap(value, values.WORD_SIZES.get(vr, 1))

    def _numbers(self, vr: str, texts: Sequence[str]) -> bytes:
        floating = vr in ("FL", "FD")
        try:
            found = [float(text) if floating else int(text) for text in texts]
            return struct.pack(f"{'<' if self.little_endian else '>'}{len(found)}{values.NUMERIC[vr]}", *found)
        except (ValueError, OverflowError, struct.error) as error:
            raise DicomError(f"{texts[:8]} are no values of {vr}: {error}") from error

    def _tags(self, texts: Sequence[str]) -> bytes:
        try:
            words = [int(text[start : start + 4], 16) for text in texts for start in (0, 4)]
            return struct.pack(f"{'<' if self.little_endian else '>'}{len(words)}H", *words)
        except (ValueError, struct.error) as error:
            raise DicomError(f"{texts[:8]} are no tags") from error


def padded(value: bytes, vr: str) -> bytes:
    """The value with an even length: a NUL after binary values and UIDs, else a space (PS3.5 6.2)."""
    if len(value) % 2 == 0:
        return value
    return value + (b" " if vr in values.TEXTUAL and vr != "UI" else b"\0")
