"""Elements as spans of a buffer, and the data sets that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap
from typing import NamedTuple

from fhantom.dicom.syntaxes import TransferSyntax

Buffer = bytes | bytearray | memoryview | mmap


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
        length: of the value in bytes, without the delimiters of an undefined length.
        items: the data sets of a sequence; None when it is not one.
        fragments: of encapsulated pixel data, the offset table first; None when it is not encapsulated.
    """

    tag: int
    vr: str
    offset: int
    length: int
    items: tuple[Dataset, ...] | None = None
    fragments: tuple[Span, ...] | None = None


class Dataset(Mapping[int, Element]):
    """Elements by tag, in the order of the file, over a buffer that is never copied.

    Attributes:
        buffer: what the elements' offsets count in: the file, or what was inflated.
        little_endian: of numbers in the values.
        encodings: Python codec names of SpecificCharacterSet, inherited by items.
    """

    buffer: Buffer
    little_endian: bool
    encodings: tuple[str, ...]

    def __getitem__(self, tag: int) -> Element: ...
    def __iter__(self) -> Iterator[int]: ...
    def __len__(self) -> int: ...

    def values(self, tag: int) -> tuple[str, ...]:  # type: ignore[override]
        """The element's values as trimmed text, as DICOM JSON would show them; () when absent, empty or binary."""
        ...

    def text(self, tag: int, default: str = "") -> str:
        """The first of `values`, or the default."""
        ...

    def integer(self, tag: int, default: int | None = None) -> int | None:
        """The first value as a number; the default when absent or not a number."""
        ...

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The values as numbers (DS, IS and binary ones alike); those that are not numbers are left out."""
        ...

    def items_of(self, tag: int) -> tuple[Dataset, ...]:
        """The items of a sequence; () when absent."""
        ...

    def raw(self, tag: int) -> memoryview:
        """The value as it lies in the buffer; empty when absent."""
        ...


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A file that was read: meta information, data set and the syntax of the latter.

    Attributes:
        meta: group 0002; empty for a bare data set.
        dataset: all other groups.
        transfer_syntax: in which the data set is written.
        inflated: True if `dataset.buffer` is not the buffer that was read, so that offsets are not file offsets.
    """

    meta: Dataset
    dataset: Dataset
    transfer_syntax: TransferSyntax
    inflated: bool = False

    @property
    def sop_class_uid(self) -> str: ...
    @property
    def sop_instance_uid(self) -> str: ...
    @property
    def study_instance_uid(self) -> str: ...
    @property
    def series_instance_uid(self) -> str: ...
