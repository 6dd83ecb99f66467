"""The same data set in another transfer syntax, or with other pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

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


def data_set_bytes(dataset: Dataset, target: TransferSyntax) -> bytes:
    """One data set in the target syntax, which does not deflate it."""
    return b"".join(_Rewriter(target).data_set(dataset, None))


class _Rewriter:
    def __init__(self, target: TransferSyntax) -> None:
        self.encoder = Encoder(target)
        self.target = target

    def data_set(self, dataset: Dataset, pixels: NewPixels | None) -> Iterator[bytes]:
        """The elements in ascending order; without group lengths, which would be wrong, and stray group 0002."""
        changed = pixels.attributes if pixels else {}
        replaced = {PIXEL_DATA, EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS} if pixels else set()
        for tag in sorted({*dataset.elements, *changed} | ({PIXEL_DATA} if pixels else set())):
            if tag in changed:
                if changed[tag]:
                    yield self._changed(dataset, tag, changed[tag])
            elif tag in replaced:
                if pixels and tag == PIXEL_DATA:
                    yield from self._pixels(dataset, pixels)
            elif tag & 0xFFFF and tag >> 16 != 2:
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


def _copied(dataset: Dataset, offset: int, length: int) -> Iterator[bytes]:
    """The value in pieces of at most a megabyte, a multiple of every word size."""
    end = offset + length
    while offset < end:
        stop = min(offset + COPY_SIZE, end)
        yield bytes(dataset.buffer[offset:stop])
        offset = stop
