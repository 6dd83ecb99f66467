"""The same data set in another transfer syntax, or with other pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from dicom.dicom_samples import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    UNCOMPRESSED,
    dataset,
    image,
    oracle,
    readable_files,
    written,
)
from fhantom import dicom
from fhantom.dicom import bulkdata, dicom_json, pixel_layout
from fhantom.dicom.rewriting import NewPixels, rewrite

# These hold a value of odd length, which is padded when it is written.
ODD_LENGTHS = {"nested_priv_SQ.dcm", "meta_missing_tsyntax.dcm"}
RLE, JPEG = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"


def rewritten(content: bytes, uid: str, pixels: NewPixels | None = None) -> bytes:
    return b"".join(rewrite(dicom.read(content), dicom.transfer_syntax(uid), pixels))


def meaning(content: bytes) -> dict[str, Any]:
    """What a file says, in DICOM JSON with all values, but for what a syntax may change."""
    dataset = dicom.read(content).dataset
    found: dict[str, Any] = json.loads(dicom_json.encode(dataset, inline=1 << 30, encapsulated=True))
    pixels = found.pop("7FE00010", None)
    if pixels and "vr" in pixels:
        located = bulkdata.locate(dataset, (0x7FE00010,))
        found["pixels"] = [bytes(piece) for piece in bulkdata.pieces(*located)]
    return found


@pytest.mark.parametrize("uid", [EXPLICIT, BIG_ENDIAN], ids=["explicit", "big endian"])
@pytest.mark.parametrize("path", readable_files(encapsulated=False), ids=lambda path: path.name)
def test_pydicoms_files_say_the_same_in_another_syntax(path: Path, uid: str) -> None:
    content = path.read_bytes()
    result = rewritten(content, uid)
    assert dicom.read(result).transfer_syntax.uid == uid
    assert meaning(result) == meaning(content) or path.name in ODD_LENGTHS


@pytest.mark.parametrize("path", readable_files(encapsulated=True), ids=lambda path: path.name)
def test_encapsulated_files_say_the_same_in_their_own_syntax(path: Path) -> None:
    content = path.read_bytes()
    assert meaning(rewritten(content, dicom.read(content).transfer_syntax.uid)) == meaning(content)


@pytest.mark.parametrize("target", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
@pytest.mark.parametrize("source", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
def test_pydicom_reads_the_same_from_every_syntax(source: str, target: str) -> None:
    made = image(bits=16, PatientName="Doe^Jane", PixelSpacing=["1", "2"], FrameIncrementPointer=0x00181063)
    made.DiffusionBValue = 0.1
    content = written(made, source)
    expected, found = oracle(written(made, EXPLICIT)), oracle(rewritten(content, target))
    assert found.file_meta.TransferSyntaxUID == target
    if BIG_ENDIAN in (source, target):
        del expected.PixelData, found.PixelData  # pydicom leaves the byte order of pixels to the caller
    assert found == expected


def with_group_length(content: bytes, group: int) -> bytes:
    """The explicit little endian file with a wrong length before a group; pydicom writes none."""
    start = group.to_bytes(2, "little")
    elements = dicom.read(content).dataset.elements
    first = elements[min(tag for tag in elements if tag >> 16 == group)]
    at = content.index(start + (first.tag & 0xFFFF).to_bytes(2, "little") + first.vr.encode())
    return content[:at] + start + b"\0\0UL\4\0" + b"\7\0\0\0" + content[at:]


@pytest.mark.parametrize("group", [0x0008, 0x7FE0], ids=["attributes", "pixels"])
def test_group_lengths_are_calculated_anew(group: int) -> None:
    result = rewritten(with_group_length(written(image()), group), IMPLICIT)
    found = dicom.read(result).dataset
    ends = [element.offset + element.length for tag, element in found.elements.items() if tag >> 16 == group]
    begin = found[group << 16].offset + 4
    assert found.integer(group << 16) == max(ends) - begin


def test_the_group_of_pixels_that_are_encoded_has_no_length() -> None:
    content = with_group_length(written(image()), 0x7FE0)
    assert 0x7FE00000 not in dicom.read(rewritten(content, RLE, NewPixels([b"rle!"]))).dataset


def test_a_text_that_is_nothing_but_padding_is_written_without_a_value() -> None:
    made = dataset()
    made.PatientComments = "  "
    found = dicom.read(rewritten(written(made), IMPLICIT)).dataset
    assert found[0x00104000].length == 0


def test_a_value_too_long_for_a_short_vr_becomes_unknown() -> None:
    made = dataset()
    with pytest.warns(UserWarning, match="10240"):
        made.PatientComments = "x" * 70_000
    result = rewritten(written(made, IMPLICIT), EXPLICIT)
    assert b"\x10\0\0\x40UN\0\0" in result
    assert dicom.read(result).dataset.text(0x00104000) == "x" * 70_000


@pytest.mark.parametrize("target", [EXPLICIT, JPEG], ids=["uncompressed", "another codec"])
def test_encapsulated_pixels_are_not_passed_off_as_something_else(target: str) -> None:
    content = rewritten(written(image()), RLE, NewPixels([b"rle!"]))
    with pytest.raises(dicom.UnsupportedTransferSyntax):
        rewrite(dicom.read(content), dicom.transfer_syntax(target))


def test_uncompressed_pixels_are_not_passed_off_as_encapsulated() -> None:
    with pytest.raises(dicom.UnsupportedTransferSyntax):
        rewrite(dicom.read(written(image())), dicom.transfer_syntax(JPEG))


@pytest.mark.parametrize("at_hand", [True, False], ids=["frames at hand", "frames made while written"])
def test_new_frames_are_encapsulated_one_fragment_each(at_hand: bool) -> None:
    frames = [b"\xff\xd8odd", b"\xff\xd8even"]
    content = rewritten(written(image(frames=2)), JPEG, NewPixels(frames if at_hand else iter(frames)))
    file = dicom.read(content)
    layout = pixel_layout.of(file)
    assert layout is not None
    fragments = [pixel_layout.frame_bytes(file.dataset, layout, number) for number in (1, 2)]
    assert fragments == [b"\xff\xd8odd\0", b"\xff\xd8even"]
    table = file.dataset[0x7FE00010].fragments
    assert table is not None and table[0].length == (8 if at_hand else 0)


@pytest.mark.parametrize("length", [None, 6], ids=["length found out", "length given"])
def test_new_uncompressed_frames_change_their_attributes(length: int | None) -> None:
    attributes = {
        0x00280004: ("RGB",),
        0x00280002: ("3",),
        0x00280010: ("1",),
        0x00280011: ("1",),
        0x00280103: (),
    }
    pixels = NewPixels(iter([b"abc", b"def"]), attributes, length)
    read = dicom.read(rewritten(written(image(frames=2)), EXPLICIT, pixels)).dataset
    assert (read.text(0x00280004), read.integer(0x00280002), read.raw(0x7FE00010)) == ("RGB", 3, b"abcdef")
    assert 0x00280103 not in read


def test_an_extended_offset_table_goes_with_the_pixels_that_it_described() -> None:
    made: Dataset = image()
    made.ExtendedOffsetTable = bytes(8)
    read = dicom.read(rewritten(written(made), EXPLICIT, NewPixels([bytes(15)]))).dataset
    assert 0x7FE00001 not in read
    assert read[0x7FE00010].length == 16


def test_new_words_are_swapped_for_big_endian() -> None:
    made = image(bits=16, rows=1, columns=2)
    read = dicom.read(rewritten(written(made), BIG_ENDIAN, NewPixels([b"\1\2\3\4"]))).dataset
    assert (read[0x7FE00010].vr, read.raw(0x7FE00010)) == ("OW", b"\2\1\4\3")
