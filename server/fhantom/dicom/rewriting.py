"""The same data set in another transfer syntax, or with other pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby

from fhantom.dicom import dictionary, values
from fhantom.dicom.dataset import Dataset, DicomFile, Element
from fhantom.dicom.encoding import Encoder
from fhantom.dicom.errors import UnsupportedTransferSyntax
from fhantom.dicom.fragments import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS
from fhantom.dicom.parsing import PIXEL_DATA, UNDEFINED
from fhantom.dicom.syntaxes import TransferSyntax
from fhantom.dicom.uids import REAL_SERVER
from fhantom.dicom.writing import deflate, encapsulated, file_meta

COPY_SIZE = 1 << 20
_SHORT = 1024  # bytes of a text up to which it is looked at whether it says anything


@dataclass(frozen=True, slots=True)
class NewPixels:
    """What replaces the pixel data.

    Attributes:
        frames: one a frame, encoded as the target syntax says; uncompressed ones are little endian.
        attributes: tag -> text values that change with them (PhotometricInterpretation, BitsAllocated, ...);
            an empty tuple removes the element.
        length: total bytes of uncompressed frames; without it they are collected first.
    """

    frames: Iterable[bytes]
    attributes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    length: int | None = None


def rewrite(file: DicomFile, target: TransferSyntax, pixels: NewPixels | None = None) -> Iterator[bytes]:
    """A Part 10 file in the target syntax, in pieces, with its meta information written anew.

    Raises:
        UnsupportedTransferSyntax: the pixel data would have to be decoded or encoded and none is given, or a
            value is too long for the target.
    """
    element = file.dataset.get(PIXEL_DATA)
    if pixels is None and element is not None:
        if (element.fragments is not None) != target.encapsulated:
            raise UnsupportedTransferSyntax(f"Pixel data cannot become {target.name} as it is")
        if element.fragments is not None and target.uid != file.transfer_syntax.uid:
            raise UnsupportedTransferSyntax(f"{file.transfer_syntax.name} cannot become {target.name} as it is")
    meta = file_meta(file.sop_class_uid, file.sop_instance_uid, target.uid, REAL_SERVER)
    content = _Rewriter(target).data_set(file.dataset, pixels)
    return chain([meta], deflate(content) if target.deflated else content)


class _Rewriter:
    def __init__(self, target: TransferSyntax) -> None:
        self.encoder = Encoder(target)
        self.target = target

    def data_set(self, dataset: Dataset, pixels: NewPixels | None) -> Iterator[bytes]:
        """The elements in ascending order, group lengths calculated anew (PS3.5 7.2), without stray group 0002."""
        tags = sorted({*dataset.elements, *(pixels.attributes if pixels else ()), *((PIXEL_DATA,) if pixels else ())})
        for group, members in groupby(tags, key=lambda tag: tag >> 16):
            if group == 2:
                continue
            first, *others = members
            if first & 0xFFFF:
                others.insert(0, first)
            elif (length := self._group_length(dataset, others, pixels)) is not None:
                yield self.encoder.element(first, "UL", self.encoder.value("UL", [str(length)], dataset.charset))
            yield from self._elements(dataset, others, pixels)

    def _group_length(self, dataset: Dataset, tags: list[int], pixels: NewPixels | None) -> int | None:
        """The bytes of a group's elements; None where pixel data is of undefined length, or not made yet."""
        rest = self._elements(dataset, [tag for tag in tags if tag != PIXEL_DATA], pixels)
        total = sum(len(piece) for piece in rest)
        if PIXEL_DATA not in tags:
            return total
        length = pixels.length if pixels else dataset[PIXEL_DATA].length
        if self.target.encapsulated or length is None:
            return None
        return total + len(self.encoder.header(PIXEL_DATA, "OW", length)) + length + length % 2

    def _elements(self, dataset: Dataset, tags: Iterable[int], pixels: NewPixels | None) -> Iterator[bytes]:
        changed = pixels.attributes if pixels else {}
        replaced = {PIXEL_DATA, EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS} if pixels else set()
        for tag in tags:
            if tag in changed:
                if changed[tag]:
                    yield self._changed(dataset, tag, changed[tag])
            elif tag in replaced:
                if pixels and tag == PIXEL_DATA:
                    yield from self._pixels(dataset, pixels)
            else:
                yield from self._element(dataset, dataset[tag])

    def _element(self, dataset: Dataset, element: Element) -> Iterator[bytes]:
        tag, vr, offset, length, items, fragments = element
        if items is not None:
            yield self.encoder.sequence(tag, [b"".join(self.data_set(item, None)) for item in items])
        elif fragments is not None:
            yield self.encoder.header(tag, "OB", UNDEFINED)
            for fragment in fragments:
                yield self.encoder.fragment_header(fragment.length)
                yield from _copied(dataset, fragment.offset, fragment.length)
            yield self.encoder.sequence_end()
        else:
            if vr in values.TEXTUAL and length <= _SHORT and _is_blank(dataset, element):
                length = 0  # as the real server's DCMTK writes it
            yield self.encoder.header(tag, vr, length + length % 2)
            word_size = values.WORD_SIZES.get(vr, 1)
            for piece in _copied(dataset, offset, length):
                yield (piece if dataset.little_endian == self.encoder.little_endian else values.swap(piece, word_size))
            if length % 2:
                yield b" " if vr in values.TEXTUAL and vr != "UI" else b"\0"

    def _changed(self, dataset: Dataset, tag: int, texts: tuple[str, ...]) -> bytes:
        known = dataset.get(tag)
        vr = known.vr if known else dictionary.vr_of(tag)
        return self.encoder.element(tag, vr, self.encoder.value(vr, texts, dataset.charset))

    def _pixels(self, dataset: Dataset, pixels: NewPixels) -> Iterator[bytes]:
        if self.target.encapsulated:
            yield from encapsulated(self.encoder, pixels.frames)
            return
        frames, length = pixels.frames, pixels.length
        if length is None:
            frames = list(frames)
            length = sum(len(frame) for frame in frames)
        # PS3.5 A.2 leaves OB or OW to samples of 8 bits; the real server's DCMTK writes OW.
        yield self.encoder.header(PIXEL_DATA, "OW", length + length % 2)
        for frame in frames:
            yield self.encoder.binary("OW", frame)
        if length % 2:
            yield b"\0"


def _is_blank(dataset: Dataset, element: Element) -> bool:
    """Whether a text is nothing but padding."""
    return not bytes(dataset.buffer[element.offset : element.offset + element.length]).strip(b" ")


def _copied(dataset: Dataset, offset: int, length: int) -> Iterator[bytes]:
    """The value in pieces of at most a megabyte, a multiple of every word size."""
    end = offset + length
    while offset < end:
        stop = min(offset + COPY_SIZE, end)
        yield bytes(dataset.buffer[offset:stop])
        offset = stop
