"""Elements as spans of a buffer, and the data sets that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import NamedTuple

from fhantom.dicom import values
from fhantom.dicom.charsets import Charset
from fhantom.dicom.syntaxes import TransferSyntax

Buffer = bytes | bytearray | memoryview | mmap

SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E


class Span(NamedTuple):
    """Bytes `offset` to `offset + length` of a buffer."""

    offset: int
    length: int


class Element(NamedTuple):
    """One data element, by its place in the buffer of its data set.

    Attributes:
        tag: group and element in one int.
        vr: as written, or by the dictionary where the file gives none (implicit VR) or `UN`.
        offset: of the value in `Dataset.buffer`.
        length: of the value in bytes, without the delimiter of an undefined length.
        items: the data sets of a sequence; None when it is not one.
        fragments: of encapsulated pixel data, the offset table first; None when it is not encapsulated.
    """

    tag: int
    vr: str
    offset: int
    length: int
    items: tuple[Dataset, ...] | None = None
    fragments: tuple[Span, ...] | None = None


class Dataset:
    """Elements by tag, in the order of the file, over a buffer that is never copied.

    Attributes:
        buffer: what the elements' offsets count in: the file, or what was inflated.
        elements: by tag; the last one where a file repeats a tag.
        little_endian: whether numbers in the values are.
        charset: of text in the values; items inherit it.
    """

    __slots__ = ("buffer", "charset", "elements", "little_endian")

    def __init__(self, buffer: Buffer, elements: dict[int, Element], little_endian: bool, charset: Charset) -> None:
        self.buffer = buffer
        self.elements = elements
        self.little_endian = little_endian
        self.charset = charset

    def __contains__(self, tag: object) -> bool:
        return tag in self.elements

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements.values())

    def __len__(self) -> int:
        return len(self.elements)

    def __getitem__(self, tag: int) -> Element:
        return self.elements[tag]

    def get(self, tag: int) -> Element | None:
        """The element of that tag; None when absent."""
        return self.elements.get(tag)

    def raw(self, tag: int) -> bytes:
        """A copy of the value as it lies in the buffer; empty when absent."""
        element = self.elements.get(tag)
        if element is None:
            return b""
        return bytes(self.buffer[element.offset : element.offset + element.length])

    def values(self, tag: int) -> tuple[str, ...]:
        """The values as trimmed text, an empty one as `""`; () when absent, empty, binary or a sequence.

        Numbers are in their shortest form (`007` is `7`), a PN has all its groups, an AT is eight hex digits.
        """
        element = self.elements.get(tag)
        if element is None or not element.length or not values.is_textual(element.vr):
            return ()
        return values.texts(self.raw(tag), element.vr, self.little_endian, self.charset)

    def text(self, tag: int, default: str = "") -> str:
        """The first of `values`, or the default."""
        found = self.values(tag)
        return found[0] if found else default

    def integer(self, tag: int, default: int | None = None) -> int | None:
        """The first value as a number, cut to an integer; the default when absent or not a number."""
        found = self.numbers(tag)
        return int(found[0]) if found else default

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The values as finite numbers (DS, IS and binary ones alike); those that are not are left out."""
        converted = (values.number(text) for text in self.values(tag))
        return tuple(value for value in converted if value is not None)

    def items_of(self, tag: int) -> tuple[Dataset, ...]:
        """The items of a sequence; () when absent."""
        element = self.elements.get(tag)
        return (element.items or ()) if element else ()


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A file that was read: meta information, data set and the syntax of the latter.

    Attributes:
        meta: group 0002; empty for a bare data set.
        dataset: all other groups.
        transfer_syntax: in which the data set is written, also where the meta information says otherwise.
        inflated: True if `dataset.buffer` is not the buffer that was read: its offsets are not file offsets.
    """

    meta: Dataset
    dataset: Dataset
    transfer_syntax: TransferSyntax
    inflated: bool = False

    @property
    def sop_class_uid(self) -> str:
        """(0008,0016); empty when absent."""
        return self.dataset.text(SOP_CLASS_UID)

    @property
    def sop_instance_uid(self) -> str:
        """(0008,0018); empty when absent."""
        return self.dataset.text(SOP_INSTANCE_UID)

    @property
    def study_instance_uid(self) -> str:
        """(0020,000D); empty when absent."""
        return self.dataset.text(STUDY_INSTANCE_UID)

    @property
    def series_instance_uid(self) -> str:
        """(0020,000E); empty when absent."""
        return self.dataset.text(SERIES_INSTANCE_UID)
