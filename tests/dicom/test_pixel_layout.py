"""Where frames lie, in every kind of pixel data."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames

from dicom.dicom_samples import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    dataset,
    image,
    oracle,
    readable_files,
    written,
)
from fhantom import dicom
from fhantom.dicom import pixel_layout
from fhantom.dicom.errors import NoSuchElement

JPEG, RLE, MPEG = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.102"


def frames_of(content: bytes) -> list[bytes]:
    file = dicom.read(content)
    layout = pixel_layout.of(file)
    assert layout is not None
    return [pixel_layout.frame_bytes(file.dataset, layout, number + 1) for number in range(len(layout.frames))]


def encapsulated(value: bytes, frames: int = 1, syntax: str = JPEG, **attributes: object) -> bytes:
    made: Dataset = image(frames, **attributes)
    made.PixelData = value
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return written(made, syntax)


@pytest.mark.parametrize("path", readable_files(encapsulated=True), ids=lambda path: path.name)
def test_encapsulated_frames_are_those_that_pydicom_finds(path: Path) -> None:
    content = path.read_bytes()
    read = oracle(content)
    number = int(read.get("NumberOfFrames", 1))
    assert frames_of(content) == list(generate_frames(read.PixelData, number_of_frames=number))


@pytest.mark.parametrize("bits", [8, 16, 32], ids="{} bits".format)
@pytest.mark.parametrize("uid", [IMPLICIT, EXPLICIT, BIG_ENDIAN], ids=["implicit", "explicit", "big endian"])
def test_uncompressed_frames_lie_one_after_the_other_without_padding(uid: str, bits: int) -> None:
    made = image(frames=3, rows=3, columns=5, bits=bits)
    size = 15 * bits // 8
    assert frames_of(written(made, uid)) == [made.PixelData[n * size : (n + 1) * size] for n in range(3)]


def test_frames_of_single_bits_are_shifted_to_their_first_bit() -> None:
    bits = numpy.random.default_rng(1).integers(0, 2, (5, 3, 5), dtype="u1")
    made = image(frames=5, rows=3, columns=5, bits=1)
    made.PixelData = numpy.packbits(bits.reshape(-1), bitorder="little").tobytes()
    found = [numpy.unpackbits(numpy.frombuffer(frame, "u1"), bitorder="little") for frame in frames_of(written(made))]
    assert [frame[:15].tolist() for frame in found] == bits.reshape(5, 15).tolist()


def test_subsampled_colour_takes_two_thirds_of_the_room() -> None:
    made = image(frames=2, rows=2, columns=4)
    made.SamplesPerPixel, made.PhotometricInterpretation = 3, "YBR_FULL_422"
    made.PixelData = bytes(range(32))
    assert [len(frame) for frame in frames_of(written(made))] == [16, 16]


def test_float_pixels_have_a_layout() -> None:
    made = dataset(Rows=2, Columns=2, SamplesPerPixel=1, BitsAllocated=32)
    made.add_new(0x7FE00008, "OF", bytes(16))
    layout = pixel_layout.of(dicom.read(written(made)))
    assert layout is not None
    assert (layout.tag, layout.vr, layout.number_of_frames, layout.frame_length) == (0x7FE00008, "OF", 1, 16)


def test_an_instance_without_pixels_has_no_layout() -> None:
    assert pixel_layout.of(dicom.read(written(dataset()))) is None


IMAGES = [b"\xff\xd8first!", b"\xff\xd8second", b"\xff\xd8third "]


@pytest.mark.parametrize("per_frame", [1, 2, 3], ids="{} fragments a frame".format)
@pytest.mark.parametrize("with_table", [True, False], ids=["offset table", "no offset table"])
def test_fragments_are_joined_to_frames(with_table: bool, per_frame: int) -> None:
    value = encapsulate(IMAGES, fragments_per_frame=per_frame, has_bot=with_table)
    assert frames_of(encapsulated(value, 3)) == IMAGES


def test_the_extended_offset_table_gives_lengths_without_padding() -> None:
    images = [b"\xff\xd8odd", b"\xff\xd8even"]
    value, offsets, _ = encapsulate_extended(images)
    lengths = struct.pack("<2Q", 5, 6)  # pydicom counts the padding, PS3.3 C.7.6.3.1.8 does not
    content = encapsulated(value, 2, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths)
    assert frames_of(content) == images


def test_an_offset_table_that_lies_is_not_believed() -> None:
    value = bytearray(encapsulate(IMAGES, fragments_per_frame=2))
    value[12:16] = b"\x09\0\0\0"
    assert frames_of(encapsulated(bytes(value), 3)) == IMAGES


def test_video_is_one_stream() -> None:
    value = encapsulate([b"\0\0\0\x18ftyp", b"mdat"], has_bot=False)
    assert frames_of(encapsulated(value, 30, MPEG)) == [b"\0\0\0\x18ftypmdat"]


def test_fragments_that_cannot_be_told_apart_are_refused() -> None:
    content = encapsulated(encapsulate([b"ab", b"cd", b"ef"], has_bot=False), 2, RLE)
    with pytest.raises(dicom.DicomError, match="3 fragments"):
        pixel_layout.of(dicom.read(content))


def test_only_whole_frames_are_listed() -> None:
    made = image(frames=3)
    made.PixelData = bytes(40)
    layout = pixel_layout.of(dicom.read(written(made)))
    assert layout is not None
    assert (layout.number_of_frames, len(layout.frames)) == (3, 2)


@pytest.mark.parametrize("number", [0, 2, -1], ids=str)
def test_a_frame_that_is_not_there_is_not_found(number: int) -> None:
    file = dicom.read(written(image()))
    layout = pixel_layout.of(file)
    assert layout is not None
    with pytest.raises(NoSuchElement):
        pixel_layout.frame_bytes(file.dataset, layout, number)


CONTRADICTIONS = {
    "pixels shorter than a frame": {"Rows": 500},
    "no rows": {"Rows": 0},
    "no bits": {"BitsAllocated": 0},
}


@pytest.mark.parametrize("attributes", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_layout_that_contradicts_the_pixels_is_refused(attributes: dict[str, int]) -> None:
    made = image()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    with pytest.raises(dicom.DicomError):
        pixel_layout.of(dicom.read(written(made)))


def test_a_billion_declared_frames_cost_nothing() -> None:
    made = image()
    made.NumberOfFrames = 2_000_000_000
    layout = pixel_layout.of(dicom.read(written(made)))
    assert layout is not None
    assert len(layout.frames) == 1
