"""Reading: every encoding, the odd files of the field, and what is refused."""

from __future__ import annotations

import gc
import mmap
import struct
import sys
import zlib
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom.dicom_samples import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    UNCOMPRESSED,
    dataset,
    image,
    oracle,
    pydicom_files,
    written,
)
from fhantom import dicom
from fhantom.dicom import dicom_json, syntaxes
from fhantom.dicom.parsing import Limits

# Files of pydicom that no reader can follow to their end, and why they are refused.
REFUSED = {
    "MR_truncated.dcm": dicom.Truncated,
    "rtplan_truncated.dcm": dicom.Truncated,
    "no_meta.dcm": dicom.NotDicom,
}


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


@pytest.mark.parametrize("path", pydicom_files(), ids=lambda path: path.name)
def test_pydicoms_files_are_read_or_refused_for_a_known_reason(path: Path) -> None:
    content = path.read_bytes()
    if path.name in REFUSED:
        with pytest.raises(REFUSED[path.name]):
            dicom.read(content)
        return
    file = dicom.read(content)
    expected = list(oracle(content).keys())  # values are not asked for: pydicom refuses some
    assert sorted(file.dataset.elements) == sorted(int(tag) for tag in expected)


@pytest.mark.parametrize("uid", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
def test_each_uncompressed_syntax_is_read_alike(uid: str) -> None:
    made = image(bits=16, PatientName="Doe^Jane", SliceThickness="1.5")
    made.ReferencedImageSequence = Sequence([dataset(), Dataset()])
    file = dicom.read(written(made, uid))
    assert file.transfer_syntax.uid == uid
    assert file.dataset.values(0x00100010) == ("Doe^Jane",)
    assert file.dataset.integer(0x00280010) == 3
    assert [len(item) for item in file.dataset.items_of(0x00081140)] == [4, 0]
    assert file.inflated == (uid == syntaxes.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)


@pytest.mark.parametrize("defined", [True, False], ids=["defined lengths", "undefined lengths"])
def test_sequences_are_read_with_lengths_of_either_kind(defined: bool) -> None:
    item = dataset(ReferencedImageSequence=Sequence([dataset()]))
    made = dataset(ReferencedSeriesSequence=Sequence([item]))
    made["ReferencedSeriesSequence"].is_undefined_length = not defined
    item.is_undefined_length_sequence_item = not defined
    (outer,) = dicom.read(written(made)).dataset.items_of(0x00081115)
    (inner,) = outer.items_of(0x00081140)
    assert inner.text(0x00080018) == "2.25.3"


def test_a_file_is_read_through_a_memory_map_without_copying_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(written(image(frames=100, rows=64, columns=64)))
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        file = dicom.read(buffer)
        assert file.dataset.buffer is buffer
        assert file.dataset[0x7FE00010].length == 100 * 64 * 64


def test_a_buffer_goes_with_the_last_reference_to_what_was_read() -> None:
    made = image()
    made.ReferencedImageSequence = Sequence([dataset()])
    buffer = written(made)
    gc.disable()
    try:
        before = sys.getrefcount(buffer)
        dicom.read(buffer)
        assert sys.getrefcount(buffer) == before, "a cycle would keep files mapped until the collector runs"
    finally:
        gc.enable()


@pytest.mark.parametrize("uid", [IMPLICIT, EXPLICIT, BIG_ENDIAN], ids=["ile", "ele", "ebe"])
def test_a_bare_data_set_is_read_without_meta_information(uid: str) -> None:
    content = written(dataset(), uid)
    start = dicom.read(content).dataset.get(0x00080016)
    assert start is not None
    bare = content[start.offset - 8 :]
    file = dicom.read(bare)
    assert (file.sop_instance_uid, file.transfer_syntax.uid, len(file.meta)) == ("2.25.3", uid, 0)


def test_a_file_without_preamble_is_read() -> None:
    file = dicom.read(written(dataset())[132:])
    assert file.meta.text(0x00020010) == EXPLICIT
    assert file.study_instance_uid == "2.25.1"


def test_a_data_set_that_is_not_in_the_declared_syntax_is_read_as_it_is() -> None:
    content = written(dataset(), IMPLICIT).replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.1\0")
    content = content.replace(b"\x10\0UI\x12\0", b"\x10\0UI\x14\0")
    file = dicom.read(content)
    assert (file.meta.text(0x00020010), file.transfer_syntax.uid) == (EXPLICIT, IMPLICIT)


def test_an_unknown_vr_with_a_known_tag_gets_the_vr_of_the_dictionary() -> None:
    unknown = [(0x00100020, b"P1"), (0x00280010, b"\5\0"), (0x00280011, b"\5\0\1")]
    elements = [struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, b"UN", 0, len(value)) + value for tag, value in unknown]
    read = dicom.read(written(dataset()) + b"".join(elements)).dataset
    assert (read[0x00100020].vr, read.text(0x00100020)) == ("LO", "P1")
    assert (read[0x00280010].vr, read.integer(0x00280010)) == ("US", 5)
    assert read[0x00280011].vr == "UN", "three bytes are no US"


def test_a_sequence_sent_as_unknown_is_read_as_one() -> None:
    item = element(0x00080100, b"SH", b"")
    implicit = struct.pack("<HHL", 0x0008, 0x0100, 4) + b"CODE"
    value = struct.pack("<HHL", 0xFFFE, 0xE000, len(implicit)) + implicit
    unknown = struct.pack("<HH2sHL", 0x0008, 0x2218, b"UN", 0, len(value)) + value
    read = dicom.read(element(0x00080005, b"CS", b"ISO_IR 100") + item + unknown).dataset
    assert [nested.text(0x00080100) for nested in read.items_of(0x00082218)] == ["CODE"]


@pytest.mark.parametrize("representation", [0, 1], ids=["unsigned", "signed"])
def test_an_ambiguous_vr_follows_pixel_representation(representation: int) -> None:
    made = image(bits=16)
    made.PixelRepresentation = representation
    made.SmallestImagePixelValue = 7
    read = dicom.read(written(made, IMPLICIT)).dataset
    assert read[0x00280106].vr == ("SS" if representation else "US")


def test_private_elements_get_their_creators_vr_in_implicit_files() -> None:
    made = dataset()
    block = made.private_block(0x0009, "ACUSON", create=True)
    block.add_new(0x00, "IS", "12")
    unknown = made.private_block(0x0011, "NOBODY KNOWS", create=True)
    unknown.add_new(0x01, "LO", "text")
    read = dicom.read(written(made, IMPLICIT)).dataset
    assert (read[0x00091000].vr, read[0x00111001].vr) == ("IS", "UN")


STRAY_DELIMITER = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + element(0x00400001, b"AE", b"")
NOT_DICOM = {
    "nothing": b"",
    "text": b"This is a readme file, not a DICOM file, and longer than one preamble. " * 4,
    "zip": b"PK\x03\x04" + bytes(200),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "json": b'{"00080005": {"vr": "CS"}}',
    "preamble only": bytes(128) + b"DICM",
    "stray delimiter": written(dataset()) + struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + element(0x00400001, b"AE", b""),
    "stray item": written(dataset()) + struct.pack("<HHL", 0xFFFE, 0xE000, 0),
}


@pytest.mark.parametrize("content", NOT_DICOM.values(), ids=NOT_DICOM.keys())
def test_what_is_not_dicom_is_refused(content: bytes) -> None:
    with pytest.raises(dicom.DicomError) as refused:
        dicom.read(content)
    assert refused.value.status == 400


@pytest.mark.parametrize("uid", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
def test_a_file_that_ends_early_is_refused_wherever_it_ends(uid: str) -> None:
    made = image(PatientName="Doe^Jane")
    made.ReferencedImageSequence = Sequence([dataset()])
    content = written(made, uid)
    whole = set(dicom.read(content).dataset.elements)
    for end in range(132, len(content)):
        try:
            file = dicom.read(content[:end])
        except dicom.DicomError:
            continue
        assert set(file.dataset.elements) < whole or uid == DEFLATED, "only a cut between elements may pass"


def test_a_length_beyond_the_end_names_the_element() -> None:
    content = written(dataset()) + struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFF0)
    with pytest.raises(dicom.Truncated, match="7FE0,0010"):
        dicom.read(content)


def test_sequences_nested_too_deep_are_refused() -> None:
    nested = b""
    for _ in range(200):
        item = struct.pack("<HHL", 0xFFFE, 0xE000, len(nested)) + nested
        nested = struct.pack("<HH2sHL", 0x0008, 0x2218, b"SQ", 0, len(item)) + item
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(nested)


def test_undefined_lengths_nested_too_deep_are_refused() -> None:
    opening = struct.pack("<HH2sHL", 0x0008, 0x2218, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(opening * 100_000)


def test_too_many_elements_are_refused() -> None:
    elements = b"".join(element(0x00080005 + number, b"SH", b"") for number in range(2000))
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(elements, limits=Limits(elements=1000))


@pytest.mark.parametrize("again", [element(0x00080005, b"SH", b""), bytes(8)], ids=["explicit", "zeros"])
def test_one_element_again_and_again_is_refused(again: bytes) -> None:
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(written(dataset()) + again * 2000, limits=Limits(elements=1000))


def test_elements_are_counted_over_all_items() -> None:
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 800) + element(0x00080005, b"SH", b"") * 100
    sequence = struct.pack("<HH2sHL", 0x0008, 0x2218, b"SQ", 0, len(item) * 20) + item * 20
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(sequence, limits=Limits(elements=1000))


def test_too_many_items_are_refused() -> None:
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 2000
    sequence = struct.pack("<HH2sHL", 0x0008, 0x2218, b"SQ", 0, len(items)) + items
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(sequence, limits=Limits(elements=1000))


def test_too_many_fragments_are_refused() -> None:
    fragments = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 2000 + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    pixels = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + fragments
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(written(dataset()) + pixels, limits=Limits(elements=1000))


def test_a_character_set_of_megabytes_is_looked_at_only_briefly() -> None:
    long = struct.pack("<HHL", 0x0008, 0x0005, 8 << 20) + b"ISO_IR 192".ljust(8 << 20)
    sequences = struct.pack("<HHL", 0x0008, 0x2218, 0) + struct.pack("<HHL", 0x0008, 0x2228, 0)
    name = struct.pack("<HHL", 0x0010, 0x0010, 2) + "é".encode()
    assert dicom.read(long + sequences + name).dataset.text(0x00100010) == "é"


def deflated(content: bytes) -> bytes:
    head = written(Dataset(), syntaxes.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)
    start = 132 + 12 + int.from_bytes(head[140:144], "little")
    return head[:start] + content


def test_a_deflated_bomb_is_refused_before_it_is_inflated() -> None:
    deflater = zlib.compressobj(wbits=-15)
    bomb = b"".join(deflater.compress(bytes(1 << 20)) for _ in range(64)) + deflater.flush()
    with pytest.raises(dicom.LimitExceeded):
        dicom.read(deflated(bomb), limits=Limits(inflated=1 << 20))


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x03"], ids=["empty", "not deflated", "cut"])
def test_a_deflated_data_set_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(dicom.DicomError):
        dicom.read(deflated(content))


def test_metadata_of_what_was_read_never_fails_on_random_bytes_in_values() -> None:
    content = bytearray(written(image(PatientName="Doe^Jane", SliceThickness="1")))
    for place in range(400, len(content), 7):
        content[place] = 0xC3
    try:
        file = dicom.read(bytes(content))
    except dicom.DicomError:
        return
    assert dicom_json.encode(file.dataset).startswith(b"{")
