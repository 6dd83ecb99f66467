"""Where the frames of an instance lie and how they are laid out, without decoding any."""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.dicom import fragments
from fhantom.dicom.dataset import Dataset, DicomFile, Element, Span
from fhantom.dicom.errors import DicomError, LimitExceeded, NoSuchElement
from fhantom.dicom.syntaxes import TransferSyntax

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
SAMPLES_PER_PIXEL, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION = 0x00280002, 0x00280004, 0x00280006
NUMBER_OF_FRAMES, ROWS, COLUMNS = 0x00280008, 0x00280010, 0x00280011
BITS_ALLOCATED, BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION = 0x00280100, 0x00280101, 0x00280102, 0x00280103

MAX_FRAMES = 1_000_000

# PS3.3 C.7.6.3.1.2: two pixels share their chroma samples, so that three samples take the room of two.
_HALF_CHROMA = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """PS3.3 C.7.6.3, as the file says it.

    Attributes:
        tag: 7FE00010, 7FE00008 (float) or 7FE00009 (double).
        vr: OB, OW, OF or OD.
        number_of_frames: as declared, 1 if it is not.
        frames: per frame that is there in full, the spans of `Dataset.buffer` that make it up: one, or its
            fragments in order; of video only one frame, the whole stream.
        first_bits: per frame the bit of its first byte at which it starts; () unless BitsAllocated is 1.
        frame_length: bytes of one uncompressed frame, rounded up; an odd one is not padded.
        little_endian: whether uncompressed samples are.
    """

    transfer_syntax: TransferSyntax
    tag: int
    vr: str
    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    number_of_frames: int
    frames: tuple[tuple[Span, ...], ...]
    first_bits: tuple[int, ...]
    frame_length: int
    little_endian: bool


def of(file: DicomFile) -> PixelLayout | None:
    """The layout; None when the instance has no pixel data.

    Raises:
        DicomError: fragments that cannot be told apart, or not one whole frame.
        LimitExceeded: more frames than any reader could list.
    """
    dataset = file.dataset
    tags = (tag for tag in (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA) if tag in dataset)
    element = dataset.get(next(tags, 0))
    if element is None:
        return None
    number_of_frames = max(1, dataset.integer(NUMBER_OF_FRAMES, 1) or 1)
    bits = _frame_bits(dataset)
    if element.fragments is not None:
        frames = fragments.by_frame(file, element, number_of_frames)
        first_bits: tuple[int, ...] = ()
    else:
        frames, first_bits = _uncompressed(element, bits, number_of_frames)
    bits_allocated = dataset.integer(BITS_ALLOCATED, 0) or 0
    bits_stored = dataset.integer(BITS_STORED, bits_allocated) or 0
    return PixelLayout(
        transfer_syntax=file.transfer_syntax,
        tag=element.tag,
        vr=element.vr,
        rows=dataset.integer(ROWS, 0) or 0,
        columns=dataset.integer(COLUMNS, 0) or 0,
        samples_per_pixel=dataset.integer(SAMPLES_PER_PIXEL, 1) or 1,
        photometric_interpretation=dataset.text(PHOTOMETRIC_INTERPRETATION),
        planar_configuration=dataset.integer(PLANAR_CONFIGURATION, 0) or 0,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=dataset.integer(HIGH_BIT, bits_stored - 1) or 0,
        pixel_representation=dataset.integer(PIXEL_REPRESENTATION, 0) or 0,
        number_of_frames=number_of_frames,
        frames=frames,
        first_bits=first_bits,
        frame_length=(bits + 7) // 8,
        little_endian=dataset.little_endian,
    )


def frame_bytes(dataset: Dataset, layout: PixelLayout, number: int) -> bytes:
    """Frame `number` (from 1) as stored: joined fragments or raw samples, bit-packed ones shifted to bit 0.

    Raises:
        NoSuchElement: there is no such frame.
    """
    if not 1 <= number <= len(layout.frames):
        raise NoSuchElement(f"There is no frame {number}, only {len(layout.frames)}")
    parts = [bytes(dataset.buffer[offset : offset + length]) for offset, length in layout.frames[number - 1]]
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    if layout.first_bits and (first := layout.first_bits[number - 1]):
        # PS3.5 8.1.1: bits are packed from the least significant one on, across frames.
        shifted = int.from_bytes(content, "little") >> first
        content = shifted.to_bytes(len(content), "little")[: layout.frame_length]
    return content


def _frame_bits(dataset: Dataset) -> int:
    rows, columns = dataset.integer(ROWS, 0) or 0, dataset.integer(COLUMNS, 0) or 0
    samples = dataset.integer(SAMPLES_PER_PIXEL, 1) or 1
    if samples == 3 and dataset.text(PHOTOMETRIC_INTERPRETATION) in _HALF_CHROMA:
        samples = 2
    return rows * columns * samples * (dataset.integer(BITS_ALLOCATED, 0) or 0)


def _uncompressed(
    element: Element, bits: int, number_of_frames: int
) -> tuple[tuple[tuple[Span, ...], ...], tuple[int, ...]]:
    """Spans and first bits of the frames that the value holds in full."""
    count = min(number_of_frames, element.length * 8 // bits) if bits else 0
    if not count:
        raise DicomError(f"The pixel data of {element.length} bytes does not hold one frame of {bits} bits")
    if count > MAX_FRAMES:
        raise LimitExceeded(f"More than {MAX_FRAMES} frames")
    if bits % 8 == 0:
        size = bits // 8
        return tuple((Span(element.offset + number * size, size),) for number in range(count)), ()
    starts = [number * bits for number in range(count)]
    frames = tuple((Span(element.offset + start // 8, (start + bits + 7) // 8 - start // 8),) for start in starts)
    return frames, tuple(start % 8 for start in starts)
