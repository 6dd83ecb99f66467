"""Objects put together from metadata and bulk data, and what the headers of compressed images tell."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image

from dicom.dicom_samples import EXPLICIT, PYDICOM_FILES, dataset, image, oracle, written
from fhantom import dicom
from fhantom.dicom import codestreams, dicom_json, pixel_layout, records
from fhantom.dicom.assembling import BulkPart, assemble
from fhantom.dicom.records import Record

JPEG_BASELINE, JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"


def record(**attributes: Any) -> Record:
    (found,) = records.parse_json(dicom_json.encode(dicom.read(written(dataset(**attributes))).dataset))
    return found


def with_pixels(uri: str, **attributes: Any) -> Record:
    return {**record(**attributes), "7FE00010": {"vr": "OB", "BulkDataURI": uri}}


def picture(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (7, 5), 100).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "media_type", "uid", "photometric", "samples"),
    [
        (picture("JPEG"), "image/jpeg", JPEG_BASELINE, "YBR_FULL_422", 3),
        (picture("JPEG", subsampling=0), "image/jpeg", JPEG_BASELINE, "YBR_FULL", 3),
        (picture("JPEG", "L"), "image/jpeg", JPEG_BASELINE, "MONOCHROME2", 1),
        (picture("JPEG2000", mct=1), "image/jp2", JPEG_2000_LOSSLESS, "YBR_RCT", 3),
        (picture("JPEG2000", irreversible=True, mct=1), "image/jp2", "1.2.840.10008.1.2.4.91", "YBR_ICT", 3),
        (picture("JPEG2000", "L", no_jp2=True), "image/jp2", JPEG_2000_LOSSLESS, "MONOCHROME2", 1),
    ],
    ids=["JPEG 4:2:0", "JPEG 4:4:4", "grey JPEG", "JP2 file", "lossy JP2 file", "bare codestream"],
)
def test_a_compressed_image_settles_its_syntax_and_its_pixel_module(
    body: bytes, media_type: str, uid: str, photometric: str, samples: int
) -> None:
    content = assemble(with_pixels("a/b"), {"a/b": [BulkPart(media_type, body)]})
    layout = pixel_layout.of(dicom.read(content))
    assert layout is not None
    assert layout.transfer_syntax.uid == uid
    assert (layout.rows, layout.columns, layout.bits_allocated) == (5, 7, 8)
    assert (layout.photometric_interpretation, layout.samples_per_pixel) == (photometric, samples)
    assert oracle(content).pixel_array.shape[:2] == (5, 7)


def test_metadata_has_the_last_word_on_its_attributes() -> None:
    given = with_pixels("p", PhotometricInterpretation="RGB", Rows=5, Columns=7)
    content = assemble(given, {"p": [BulkPart("image/jpeg", picture("JPEG"))]})
    assert dicom.read(content).dataset.text(0x00280004) == "RGB"


def test_uncompressed_pixels_stay_as_they_came() -> None:
    source = written(image(bits=16))
    (given,) = records.parse_json(dicom_json.encode(dicom.read(source).dataset))
    pixels = dicom.read(source).dataset.raw(0x7FE00010)
    content = assemble(given, {"7fe00010": [BulkPart("application/octet-stream", pixels)]})
    assert dicom.read(content).transfer_syntax.uid == EXPLICIT
    assert oracle(content) == oracle(source)


def test_several_parts_at_one_location_are_frames() -> None:
    given = with_pixels("p", NumberOfFrames=2)
    bodies = [picture("JPEG", "L"), picture("JPEG", "L", quality=20)]
    file = dicom.read(assemble(given, {"p": [BulkPart("image/jpeg", body) for body in bodies]}))
    layout = pixel_layout.of(file)
    assert layout is not None
    found = [pixel_layout.frame_bytes(file.dataset, layout, number) for number in (1, 2)]
    assert [frame.rstrip(b"\0") for frame in found] == [body.rstrip(b"\0") for body in bodies]


def test_a_document_is_kept_with_its_media_type() -> None:
    given = {**record(), "00420011": {"vr": "OB", "BulkDataURI": "doc"}}
    read = dicom.read(assemble(given, {"doc": [BulkPart("application/pdf", b"%PDF-1.7\n")]})).dataset
    assert (read.text(0x00420012), read.raw(0x00420011)) == ("application/pdf", b"%PDF-1.7\n\0")
    assert read.integer(0x00420015, 0) == 9


def test_video_is_kept_as_one_stream() -> None:
    given = with_pixels("v", Rows=5, Columns=7, NumberOfFrames=30)
    file = dicom.read(assemble(given, {"v": [BulkPart("video/mp4", b"\0\0\0\x18ftypmp42")]}))
    assert file.transfer_syntax.uid == "1.2.840.10008.1.2.4.102"
    layout = pixel_layout.of(file)
    assert layout is not None
    assert pixel_layout.frame_bytes(file.dataset, layout, 1) == b"\0\0\0\x18ftypmp42"


def test_the_parts_transfer_syntax_counts_before_its_content() -> None:
    part = BulkPart("image/jpeg", picture("JPEG", "L"), "1.2.840.10008.1.2.4.51")
    assert dicom.read(assemble(with_pixels("p"), {"p": [part]})).transfer_syntax.uid == "1.2.840.10008.1.2.4.51"


def test_no_number_becomes_no_number_again() -> None:
    given = {**record(), "00189087": {"vr": "FD", "Value": [1.5, None]}}
    value = dicom.read(assemble(given, {})).dataset.raw(0x00189087)
    assert str(struct.unpack("<2d", value)) == "(1.5, nan)"


REFUSED = {
    "no part": (with_pixels("nowhere"), {}),
    "an unknown syntax": (with_pixels("p"), {"p": [BulkPart("image/jpeg", picture("JPEG"), "1.2.3")]}),
    "a broken JPEG": (with_pixels("p"), {"p": [BulkPart("image/jpeg", b"\xff\xd8\xff\xe0\0\x10")]}),
    "a broken JPEG 2000": (with_pixels("p"), {"p": [BulkPart("image/jp2", b"\xff\x4f\xff\x51\0\x04ab")]}),
    "a JP2 file without codestream": (with_pixels("p"), {"p": [BulkPart("image/jp2", codestreams.JP2_SIGNATURE)]}),
    "a number that does not fit": ({**record(), "00280010": {"vr": "US", "Value": [70000]}}, {}),
    "a number that is text": ({**record(), "00280010": {"vr": "US", "Value": ["x"]}}, {}),
    "binary as values": ({**record(), "00420011": {"vr": "OB", "Value": ["x"]}}, {}),
    "no base64": ({**record(), "00420011": {"vr": "OB", "InlineBinary": "%%%"}}, {}),
}


@pytest.mark.parametrize(("given", "parts"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_put_together_is_refused(given: Record, parts: dict[str, list[BulkPart]]) -> None:
    with pytest.raises(dicom.DicomError):
        assemble(given, parts)


FILES = {
    "JPGExtended.dcm": ("1.2.840.10008.1.2.4.51", 1024, 256, 12),
    "SC_rgb_jpeg_gdcm.dcm": ("1.2.840.10008.1.2.4.70", 100, 100, 8),
    "JPEGLSNearLossless_16.dcm": ("1.2.840.10008.1.2.4.81", 50, 10, 16),
    "MR_small_jpeg_ls_lossless.dcm": ("1.2.840.10008.1.2.4.80", 64, 64, 16),
    "JPEG2000.dcm": ("1.2.840.10008.1.2.4.91", 1024, 256, 16),
}


@pytest.mark.parametrize("name", FILES, ids=str)
def test_a_codestream_tells_its_syntax_and_size(name: str) -> None:
    file = dicom.read((PYDICOM_FILES / "test_files" / name).read_bytes())
    layout = pixel_layout.of(file)
    assert layout is not None
    facts = codestreams.facts_of(pixel_layout.frame_bytes(file.dataset, layout, 1))
    assert facts is not None
    assert (facts.transfer_syntax_uid, facts.rows, facts.columns, facts.bits) == FILES[name]


@pytest.mark.parametrize(
    ("progression", "transformation", "uid"),
    [(2, 1, "1.2.840.10008.1.2.4.202"), (0, 1, "1.2.840.10008.1.2.4.201"), (2, 0, "1.2.840.10008.1.2.4.203")],
    ids=["lossless, RPCL", "lossless", "lossy"],
)
def test_high_throughput_is_told_by_its_capabilities(progression: int, transformation: int, uid: str) -> None:
    size = struct.pack(">H8LHBBB", 0x4000, 7, 5, 0, 0, 7, 5, 0, 0, 1, 0x8B, 1, 1)
    capabilities = struct.pack(">LH", 0x00020000, 0)
    style = struct.pack(">BBHBBBBBB", 0, progression, 1, 0, 5, 4, 4, 0x40, transformation)
    segments = ((0xFF51, size), (0xFF50, capabilities), (0xFF52, style))
    header = b"".join(struct.pack(">HH", marker, len(content) + 2) + content for marker, content in segments)
    facts = codestreams.facts_of(b"\xff\x4f" + header)
    assert facts is not None
    assert (facts.transfer_syntax_uid, facts.rows, facts.columns, facts.bits, facts.signed) == (uid, 5, 7, 12, True)


@pytest.mark.parametrize("body", [b"", b"RIFF", b"\xff"], ids=["nothing", "something else", "one byte"])
def test_of_other_content_nothing_is_known(body: bytes) -> None:
    assert codestreams.facts_of(body) is None


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_a_header_that_breaks_off_anywhere_is_refused(kind: str) -> None:
    whole = codestreams.codestream_of(picture(kind, "L"))
    for end in range(2, min(len(whole), 120)):
        try:
            facts = codestreams.facts_of(whole[:end])
        except dicom.DicomError:
            continue
        assert facts == codestreams.facts_of(whole), "only a cut behind the header may pass"


def test_a_box_with_a_long_length_is_passed_over() -> None:
    long_box = struct.pack(">L4sQ", 1, b"free", 20) + b"skip"
    codestream = struct.pack(">L4s", 0, b"jp2c") + b"\xff\x4fdata"
    assert (
        codestreams.codestream_of(codestreams.JP2_SIGNATURE + b"\r\n\x87\n" + long_box + codestream) == b"\xff\x4fdata"
    )
