"""One pass over the bytes of a data set, explicit or implicit VR, either byte order (PS3.5 7 and annex A)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from fhantom.dicom import dictionary
from fhantom.dicom.charsets import Charset, charset_of
from fhantom.dicom.dataset import Buffer, Dataset, Element, Span
from fhantom.dicom.errors import LimitExceeded, NotDicom, Truncated
from fhantom.dicom.values import BINARY, WORD_SIZES

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
SPECIFIC_CHARACTER_SET, PIXEL_REPRESENTATION = 0x00080005, 0x00280103
PIXEL_DATA = 0x7FE00010
MAX_TERMS = 1024  # bytes of SpecificCharacterSet; all defined terms together are shorter

SHORT_VRS = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST"),
    *("TM", "UI", "UL", "US"),
)
LONG_VRS = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
# PS3.5 7.1.2: VRs with a 16-bit length, and those with two reserved bytes and a 32-bit one.
SHORT = {vr.encode(): vr for vr in SHORT_VRS}
LONG = {vr.encode(): vr for vr in LONG_VRS}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader refuses to follow.

    Attributes:
        depth: sequences within sequences.
        elements: elements, items and fragments of one file together.
        inflated: bytes that a deflated data set may grow to.
    """

    depth: int = 64
    elements: int = 1_000_000
    inflated: int = 1 << 28


LIMITS = Limits()


class Budget:
    """How many elements, items and fragments a file may still have."""

    __slots__ = ("left",)

    def __init__(self, limits: Limits) -> None:
        self.left = limits.elements

    def spend(self, count: int) -> None:
        """Take that many off."""
        self.left -= count
        if self.left < 0:
            raise LimitExceeded("The data set has too many elements")


class Parser:
    """Reads data sets of one encoding out of one buffer."""

    def __init__(self, buffer: Buffer, explicit: bool, little_endian: bool, limits: Limits) -> None:
        order = "<" if little_endian else ">"
        self.buffer = buffer
        self.explicit = explicit
        self.little_endian = little_endian
        self.limits = limits
        self.budget = Budget(limits)
        self.depth = 0
        self.signed = False  # PixelRepresentation, of the data set at hand or one around it
        self._explicit_header = struct.Struct(order + "HH2sH").unpack_from
        self._implicit_header = struct.Struct(order + "HHL").unpack_from
        self._length = struct.Struct(order + "L").unpack_from

    def dataset(self, start: int, end: int, charset: Charset) -> tuple[Dataset, int]:
        """The elements from `start` to `end` or to a delimiter, and where they stop.

        Args:
            charset: of the data set around it.
        """
        dataset = Dataset(self.buffer, {}, self.little_endian, charset)
        try:
            stop = (self._explicit if self.explicit else self._implicit)(start, end, dataset)
        except struct.error:
            raise Truncated(f"The data set that starts at byte {start} ends within an element") from None
        self._inherit(dataset)
        return dataset, stop

    def _explicit(self, position: int, end: int, dataset: Dataset) -> int:
        buffer, elements = self.buffer, dataset.elements
        header = self._explicit_header
        left = allowed = self.budget.left
        while position < end and left >= 0:
            left -= 1
            group, number, code, length = header(buffer, position)
            tag = group << 16 | number
            vr = SHORT.get(code)
            offset = position + 8
            if vr is None:
                if group == 0xFFFE:
                    position = self._delimited(tag, position)
                    break
                vr = LONG.get(code)
                if vr is None:
                    vr, offset, length = self._odd_header(tag, code, position, dataset)
                else:
                    (length,) = self._length(buffer, offset)
                    offset += 4
                if length == UNDEFINED or vr == "SQ" or vr == "UN":
                    elements[tag], position = self._nested(tag, vr, Span(offset, length), end, dataset)
                    continue
            position = offset + length
            if position > end:
                raise _beyond(tag, length, end - offset)
            elements[tag] = Element(tag, vr, offset, length)
        self.budget.spend(allowed - left + 1)  # each that was met, also of one tag again and again
        return position

    def _implicit(self, position: int, end: int, dataset: Dataset) -> int:
        buffer, elements = self.buffer, dataset.elements
        header = self._implicit_header
        left = allowed = self.budget.left
        while position < end and left >= 0:
            left -= 1
            group, number, length = header(buffer, position)
            tag = group << 16 | number
            if group == 0xFFFE:
                position = self._delimited(tag, position)
                break
            vr = self._vr_by_dictionary(tag, dataset)
            offset = position + 8
            if length == UNDEFINED or vr == "SQ":
                vr = vr if tag == PIXEL_DATA else "SQ"
                elements[tag], position = self._nested(tag, vr, Span(offset, length), end, dataset)
                continue
            position = offset + length
            if position > end:
                raise _beyond(tag, length, end - offset)
            elements[tag] = Element(tag, vr, offset, length)
        self.budget.spend(allowed - left + 1)  # each that was met, also of one tag again and again
        return position

    def _delimited(self, tag: int, position: int) -> int:
        """Where a data set stops that meets a delimiter; that of the sequence is left for the sequence."""
        if tag == ITEM_DELIMITER:
            return position + 8
        if tag == SEQUENCE_DELIMITER:
            return position
        raise NotDicom(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) stands where an element should, at byte {position}")

    def _odd_header(self, tag: int, code: bytes, position: int, dataset: Dataset) -> tuple[str, int, int]:
        """VR, offset and length of an element whose VR the standard does not know.

        Letters are a VR of the future, which has a 32-bit length (PS3.5 7.1.2), or of a writer that
        gives it 16 bits, and then no reserved bytes. Other bytes are a 32-bit length: some writers switch to
        implicit VR.
        """
        if not (code.isalpha() and code.isupper()):
            (length,) = self._length(self.buffer, position + 4)
            return self._vr_by_dictionary(tag, dataset), position + 8, length
        if bytes(self.buffer[position + 6 : position + 8]) == b"\0\0":
            (length,) = self._length(self.buffer, position + 8)
            return "UN", position + 12, length
        *_, length = self._explicit_header(self.buffer, position)
        return "UN", position + 8, length

    def _nested(self, tag: int, vr: str, value: Span, end: int, dataset: Dataset) -> tuple[Element, int]:
        """A sequence, encapsulated pixel data or an unknown value, and where it ends."""
        offset, length = value
        if length != UNDEFINED and offset + length > end:
            raise _beyond(tag, length, end - offset)
        if vr == "SQ":
            items, stop = self._sequence(value, end, dataset)
        elif vr == "UN":
            return self._unknown(tag, value, end, dataset)
        elif vr in BINARY:
            fragments, stop = self._fragments(offset, end)
            return Element(tag, vr, offset, stop - 8 - offset, fragments=fragments), stop
        else:
            raise NotDicom(f"A {vr} has an undefined length, at byte {offset}")
        inner = length if length != UNDEFINED else stop - 8 - offset
        return Element(tag, vr, offset, inner, items), stop

    def _sequence(self, value: Span, end: int, dataset: Dataset) -> tuple[tuple[Dataset, ...], int]:
        self._inherit(dataset)
        self.depth += 1
        if self.depth > self.limits.depth:
            raise LimitExceeded(f"Sequences are nested more than {self.limits.depth} deep")
        position, length = value
        bound = end if length == UNDEFINED else position + length
        items, signed = [], self.signed
        while position < bound:
            group, number, item_length = self._implicit_header(self.buffer, position)
            position += 8
            if (group, number) == (0xFFFE, 0xE0DD):
                bound = position
                length = 0
                break
            if (group, number) != (0xFFFE, 0xE000):
                raise NotDicom(f"An item is missing at byte {position - 8}")
            stop = bound if item_length == UNDEFINED else position + item_length
            if stop > bound:
                raise Truncated(f"An item of {item_length} bytes is longer than its sequence, at {position}")
            item, position = self.dataset(position, stop, dataset.charset)
            if item_length != UNDEFINED and position != stop:
                raise NotDicom(f"An item ends before its length of {item_length} bytes, at byte {position}")
            items.append(item)
            self.signed = signed
        if length == UNDEFINED:
            raise Truncated("A sequence has no end")
        self.depth -= 1
        return tuple(items), position

    def _fragments(self, position: int, end: int) -> tuple[tuple[Span, ...], int]:
        """The items of encapsulated pixel data (PS3.5 A.4), the offset table first, and where they end."""
        fragments: list[Span] = []
        while position < end:
            group, number, length = self._implicit_header(self.buffer, position)
            position += 8
            if (group, number) == (0xFFFE, 0xE0DD):
                self.budget.spend(len(fragments))
                return tuple(fragments), position
            if (group, number) != (0xFFFE, 0xE000) or length == UNDEFINED:
                raise NotDicom(f"A fragment is missing at byte {position - 8}")
            if position + length > end:
                raise _beyond(PIXEL_DATA, length, end - position)
            fragments.append(Span(position, length))
            if len(fragments) > self.budget.left:
                self.budget.spend(len(fragments))
            position += length
        raise Truncated("The pixel data has no end")

    def _unknown(self, tag: int, value: Span, end: int, dataset: Dataset) -> tuple[Element, int]:
        """A UN under the VR that the dictionary has; its content is implicit little endian (PS3.5 6.2.2)."""
        offset, length = value
        inner = self._implicit_parser()
        if length == UNDEFINED:
            items, stop = inner._sequence(value, end, dataset)
            return Element(tag, "SQ", offset, stop - 8 - offset, items), stop
        vr = self._vr_by_dictionary(tag, dataset)
        stop = offset + length
        if vr == "SQ":
            try:
                items, stop = inner._sequence(value, end, dataset)
            except (NotDicom, Truncated, struct.error):
                return Element(tag, "UN", offset, length), stop
            return Element(tag, "SQ", offset, length, items), stop
        if length % WORD_SIZES.get(vr, 1) or (vr in WORD_SIZES and not self.little_endian):
            vr = "UN"
        return Element(tag, vr, offset, length), stop

    def _implicit_parser(self) -> Parser:
        parser = Parser(self.buffer, explicit=False, little_endian=True, limits=self.limits)
        parser.budget, parser.depth, parser.signed = self.budget, self.depth, self.signed
        return parser

    def _vr_by_dictionary(self, tag: int, dataset: Dataset) -> str:
        creator = dictionary.creator_tag(tag) if tag & 0x10000 and tag & 0xFFFF >= 0x1000 else None
        if creator is not None:
            return dictionary.private_vr_of(dataset.text(creator), tag)
        vrs = dictionary.vrs_of(tag)
        if len(vrs) == 1:
            return vrs[0]
        if "OW" in vrs:
            return "OW"  # PS3.5 A.1 for pixel, overlay and curve data; LUT data longer than one entry
        self._inherit(dataset)
        return "SS" if self.signed else "US"

    def _inherit(self, dataset: Dataset) -> None:
        """Note what holds for the rest of the data set and the items in it."""
        if (terms := dataset.get(SPECIFIC_CHARACTER_SET)) is not None:
            dataset.charset = charset_of(self._head(terms, MAX_TERMS))
        if (representation := dataset.get(PIXEL_REPRESENTATION)) is not None:
            self.signed = self._head(representation, 2) in (b"\1\0", b"\0\1")

    def _head(self, element: Element, size: int) -> bytes:
        """The beginning of a value, which may be of any length in a file that means harm."""
        return bytes(self.buffer[element.offset : element.offset + min(element.length, size)])


def _beyond(tag: int, length: int, left: int) -> Truncated:
    return Truncated(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) says {length} bytes where {left} are left")
