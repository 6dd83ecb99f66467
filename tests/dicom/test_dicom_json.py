"""DICOM JSON: each VR, character sets, references, and content that lies."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from dicom.dicom_samples import BIG_ENDIAN, EXPLICIT, IMPLICIT, dataset, image, written
from fhantom import dicom
from fhantom.dicom import dicom_json


def encoded(content: bytes, **options: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dicom_json.encode(dicom.read(content).dataset, **options))
    return parsed


def of_element(tag: int, vr: bytes, value: bytes) -> dict[str, Any]:
    """The DICOM JSON of one raw element."""
    long = vr in (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV")
    header = struct.pack(
        "<HH2sHL" if long else "<HH2sH", tag >> 16, tag & 0xFFFF, vr, *((0,) if long else ()), len(value)
    )
    bare = struct.pack("<HH2sH", 8, 5, b"CS", 10) + b"ISO_IR 192" + header + value
    attribute: dict[str, Any] = encoded(bare)[f"{tag:08X}"]
    assert attribute.pop("vr") == vr.decode()
    return attribute


VALUES = {
    "AE trimmed": (b"AE", b" STATION ", ["STATION"]),
    "CS several": (b"CS", b"ORIGINAL\\PRIMARY", ["ORIGINAL", "PRIMARY"]),
    "CS with an empty one": (b"CS", b"A\\\\B ", ["A", None, "B"]),
    "UI padded": (b"UI", b"1.2.3\0", ["1.2.3"]),
    "LT keeps backslash and leading space": (b"LT", b" a\\b ", [" a\\b"]),
    "UT in UTF-8": (b"UT", "Größe ".encode(), ["Größe"]),
    "UC several": (b"UC", b"a\\b ", ["a", "b"]),
    "UR": (b"UR", b"http://x.invalid/ ", ["http://x.invalid/"]),
    "PN groups": (b"PN", b"A^B=C^D=E^F ", [{"Alphabetic": "A^B", "Ideographic": "C^D", "Phonetic": "E^F"}]),
    "PN without the first group": (b"PN", b"=C^D ", [{"Ideographic": "C^D"}]),
    "PN several, one empty": (b"PN", b"A\\\\B", [{"Alphabetic": "A"}, None, {"Alphabetic": "B"}]),
    "IS": (b"IS", b"1\\-2\\+3\\007", [1, -2, 3, 7]),
    "IS that is none": (b"IS", b"1\\x1A\\2 ", [1, None, 2]),
    "DS": (b"DS", b"33.5\\1e3\\.5\\5.", [33.5, 1000, 0.5, 5]),
    "DS not finite": (b"DS", b"NaN\\inf\\1e999\\2 ", [None, None, None, 2]),
    "DS of many digits": (b"DS", b"1" * 600 + b"\\1 ", [None, 1]),
    "US": (b"US", struct.pack("<2H", 1, 65535), [1, 65535]),
    "SS": (b"SS", struct.pack("<h", -7), [-7]),
    "UL": (b"UL", struct.pack("<L", 4000000000), [4000000000]),
    "SL": (b"SL", struct.pack("<l", -5), [-5]),
    "UV": (b"UV", struct.pack("<Q", 2**64 - 1), [2**64 - 1]),
    "SV": (b"SV", struct.pack("<q", -(2**63)), [-(2**63)]),
    "FL": (b"FL", struct.pack("<f", 29.97), [29.969999313354492]),
    "FD": (b"FD", struct.pack("<3d", 0.1, 1e300, -0.0), [0.1, 1e300, 0]),
    "FD not finite": (b"FD", struct.pack("<3d", float("nan"), float("inf"), 1), [None, None, 1]),
    "AT": (b"AT", struct.pack("<4H", 0x28, 0x10, 0x7FE0, 0x10), ["00280010", "7FE00010"]),
    "quotes and controls": (b"LO", b'a"b\tc\x01', ['a"b\tc\x01']),
}


@pytest.mark.parametrize(("vr", "value", "expected"), VALUES.values(), ids=VALUES.keys())
def test_a_value_is_written_as_its_vr_asks(vr: bytes, value: bytes, expected: list[Any]) -> None:
    assert of_element(0x00091001, vr, value) == {"Value": expected}


@pytest.mark.parametrize("vr", [b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN"], ids=bytes.decode)
def test_a_binary_value_is_a_reference(vr: bytes) -> None:
    assert of_element(0x00091001, vr, bytes(8)) == {"BulkDataURI": "./00091001"}


@pytest.mark.parametrize("vr", [b"LO", b"PN", b"DS", b"US", b"OB", b"UN", b"AT", b"UT"], ids=bytes.decode)
def test_an_empty_value_is_only_its_vr(vr: bytes) -> None:
    assert of_element(0x00091001, vr, b"") == {}


@pytest.mark.parametrize("vr", [b"LO", b"PN", b"UI", b"DS"], ids=bytes.decode)
def test_padding_alone_is_an_empty_value(vr: bytes) -> None:
    assert of_element(0x00091001, vr, b"  ") == {}


def test_a_sequence_holds_empty_items_and_numbered_references() -> None:
    inner = Dataset()
    inner.add_new(0x00281201, "OW", b"\1\2")
    made = dataset(AnatomicRegionSequence=Sequence([Dataset(), inner]), PrimaryAnatomicStructureSequence=Sequence())
    found = encoded(written(made))
    items = [{}, {"00281201": {"vr": "OW", "BulkDataURI": "./00082218/2/00281201"}}]
    assert found["00082218"] == {"vr": "SQ", "Value": items}
    assert found["00082228"] == {"vr": "SQ"}


@pytest.mark.parametrize("uid", [EXPLICIT, IMPLICIT, BIG_ENDIAN], ids=["explicit", "implicit", "big endian"])
def test_small_binary_values_can_be_inlined_in_little_endian(uid: str) -> None:
    made = image()
    made.add_new(0x00281201, "OW", b"\1\2\3\4" if uid != BIG_ENDIAN else b"\2\1\4\3")
    made.add_new(0x00281202, "OW", bytes(400))
    found = encoded(written(made, uid), inline=100)
    assert base64.b64decode(found["00281201"]["InlineBinary"]) == b"\1\2\3\4"
    assert found["00281202"]["BulkDataURI"] == "./00281202"
    assert found["7FE00010"]["BulkDataURI"] == "./7fe00010"


def test_group_lengths_and_meta_information_are_left_out() -> None:
    made = dataset()
    made.add_new(0x00080000, "UL", 10)
    stray = struct.pack("<HH2sH", 2, 0x10, b"UI", 4) + b"1.2\0"
    assert list(encoded(written(made) + stray)) == ["00080016", "00080018", "0020000D", "0020000E"]


def test_encapsulated_pixel_data_is_left_out_unless_asked_for() -> None:
    made = image()
    made.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    made["PixelData"].is_undefined_length = True
    content = written(made, "1.2.840.10008.1.2.4.50")
    assert "7FE00010" not in encoded(content)
    assert encoded(content, encapsulated=True)["7FE00010"] == {"vr": "OB", "BulkDataURI": "./7fe00010"}


def test_text_of_megabytes_is_a_reference() -> None:
    made = dataset(TextValue="x" * (1 << 20), SpectralSensitivity="x" * (2 << 20))
    found = encoded(written(made))
    assert len(found["0040A160"]["Value"][0]) == 1 << 20
    assert found["00160017"] == {"vr": "UT", "BulkDataURI": "./00160017"}


def test_references_are_made_absolute_but_text_that_looks_like_them_is_not() -> None:
    made = image(PatientComments='"BulkDataURI":"./x')
    made.add_new(0x00420011, "OB", b"%PDF")
    absolute = json.loads(dicom_json.rebase(dicom_json.encode(dicom.read(written(made)).dataset), "http://h/bulk"))
    assert absolute["00420011"]["BulkDataURI"] == "http://h/bulk/00420011"
    assert absolute["00104000"]["Value"] == ['"BulkDataURI":"./x']


def test_tags_ascend_and_text_is_utf_8() -> None:
    made = dataset(PatientName="Müller^Jörg", SpecificCharacterSet="ISO_IR 100")
    json_bytes = dicom_json.encode(dicom.read(written(made)).dataset)
    tags = list(json.loads(json_bytes))
    assert tags == sorted(tags)
    assert "Müller^Jörg".encode() in json_bytes
