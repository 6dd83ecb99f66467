"""Whole files in another transfer syntax, read back by pydicom."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image

from dicom.dicom_samples import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, dataset, written
from fhantom import dicom
from fhantom.dicom import syntaxes
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels.errors import NoCodec, UnreadablePixels
from fhantom.pixels.frame_types import candidates
from fhantom.pixels.rendering import Rendering, render
from fhantom.pixels.transcoding import default_target, transcode
from pixels.pixel_samples import colours, file_of, ramp

LOSSLESS_JPEG = [syntaxes.JPEG_LOSSLESS, syntaxes.JPEG_LOSSLESS_SV1]
COMPRESSED = [syntaxes.RLE_LOSSLESS, *LOSSLESS_JPEG, syntaxes.JPEG_LS_LOSSLESS, syntaxes.JPEG_2000_LOSSLESS]
PLAIN = [EXPLICIT, IMPLICIT, DEFLATED, BIG_ENDIAN]


def read(content: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(content))


@pytest.mark.parametrize("back", PLAIN)
@pytest.mark.parametrize("uid", COMPRESSED)
def test_a_file_survives_compression_and_back(uid: str, back: str) -> None:
    frames = ramp("u2"), ramp("u2", step=3)
    compressed = b"".join(transcode(file_of(*frames, PatientName="Doe^Jane"), transfer_syntax(uid)))
    assert read(compressed).file_meta.TransferSyntaxUID == uid
    found = read(b"".join(transcode(dicom.read(compressed), transfer_syntax(back))))
    assert found.file_meta.TransferSyntaxUID == back
    assert found.PatientName == "Doe^Jane"
    assert np.array_equal(found.pixel_array, np.stack(frames))


@pytest.mark.parametrize(("uid", "selection"), [(syntaxes.JPEG_LOSSLESS, 6), (syntaxes.JPEG_LOSSLESS_SV1, 1)])
def test_lossless_jpeg_says_how_it_was_made(uid: str, selection: int) -> None:
    frames = ramp("u2"), ramp("u2", step=3)
    found = read(b"".join(transcode(file_of(*frames), transfer_syntax(uid))))
    words, _, ratio = found.DerivationDescription.rpartition(" ")
    assert words == f"Lossless JPEG compression, selection value {selection}, point transform 0, compression ratio"
    encoded = sum(map(len, pydicom.encaps.generate_frames(found.PixelData, number_of_frames=2)))
    assert float(ratio) == pytest.approx(sum(frame.nbytes for frame in frames) / encoded, rel=1e-4)


@pytest.mark.parametrize("uid", [*COMPRESSED, syntaxes.JPEG_BASELINE])
def test_colours_in_ybr_stay_those_colours(uid: str) -> None:
    ybr = np.asarray(Image.fromarray(colours()).convert("YCbCr"))
    found = read(b"".join(transcode(file_of(ybr, PhotometricInterpretation="YBR_FULL"), transfer_syntax(uid))))
    assert found.PhotometricInterpretation == ("YBR_FULL_422" if uid == syntaxes.JPEG_BASELINE else "YBR_FULL")
    picture = Image.open(io.BytesIO(render(dicom.read(_bytes(found)), 1, Rendering("image/png"))))
    assert np.abs(np.asarray(picture).astype(int) - colours()).mean() < 5


@pytest.mark.parametrize("uid", [syntaxes.JPEG_BASELINE, syntaxes.JPEG_2000])
def test_a_lossy_file_says_so_and_how(uid: str) -> None:
    found = read(b"".join(transcode(file_of(colours()), transfer_syntax(uid))))
    assert found.LossyImageCompression == "01"
    assert found.LossyImageCompressionMethod in ("ISO_10918_1", "ISO_15444_1")
    assert found.PhotometricInterpretation in ("YBR_FULL_422", "YBR_ICT")
    plain = read(b"".join(transcode(dicom.read(_bytes(found)), transfer_syntax(EXPLICIT))))
    assert plain.PhotometricInterpretation == "RGB"
    assert plain.LossyImageCompression == "01"
    assert abs(plain.pixel_array.astype(int) - colours()).mean() < 5


def _bytes(content: pydicom.Dataset) -> bytes:
    buffer = io.BytesIO()
    content.save_as(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("uid", [*COMPRESSED, IMPLICIT, DEFLATED])
def test_an_object_without_pixels_goes_into_every_syntax(uid: str) -> None:
    file = dicom.read(written(dataset(PatientID="P1")))
    content = b"".join(transcode(file, transfer_syntax(uid)))
    assert dicom.read(content).transfer_syntax.uid == uid
    assert dicom.read(content).dataset.text(0x00100020) == "P1"


def test_what_cannot_be_written_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(NoCodec):
        transcode(file_of(ramp("u2")), transfer_syntax(syntaxes.JPEG_BASELINE))


def test_a_broken_frame_of_few_is_found_before_anything_is_sent() -> None:
    frames = ramp("u2"), ramp("u2", step=3)
    compressed = b"".join(transcode(file_of(*frames), transfer_syntax(syntaxes.RLE_LOSSLESS)))
    broken = read(compressed)
    first, second = pydicom.encaps.generate_frames(broken.PixelData, number_of_frames=2)
    broken.PixelData = pydicom.encaps.encapsulate([first, second[:100]])
    with pytest.raises(UnreadablePixels):
        transcode(dicom.read(_bytes(broken)), transfer_syntax(EXPLICIT))


def test_what_nothing_decodes_stays_as_it_is_by_default() -> None:
    video = transfer_syntax("1.2.840.10008.1.2.4.102")
    assert default_target(video) is video
    assert default_target(transfer_syntax(syntaxes.JPEG_2000)).uid == EXPLICIT


@pytest.mark.parametrize(
    ("name", "asked", "stored", "expected"),
    [
        ("application/octet-stream", "", syntaxes.JPEG_BASELINE, [("application/octet-stream", EXPLICIT)]),
        ("application/octet-stream", "*", syntaxes.JPEG_BASELINE, [("image/jpeg", syntaxes.JPEG_BASELINE)]),
        ("application/octet-stream", "*", DEFLATED, [("application/octet-stream", EXPLICIT)]),
        ("application/octet-stream", "*", IMPLICIT, [("application/octet-stream", IMPLICIT)]),
        ("application/octet-stream", BIG_ENDIAN, EXPLICIT, [("application/octet-stream", EXPLICIT)]),
        ("application/octet-stream", syntaxes.JPEG_2000, syntaxes.JPEG_2000, []),
        ("image/jpeg", "*", syntaxes.JPEG_2000, []),
        ("image/jpeg", syntaxes.JPEG_BASELINE, EXPLICIT, [("image/jpeg", syntaxes.JPEG_BASELINE)]),
        (
            "image/jpeg",
            "",
            syntaxes.JPEG_BASELINE,
            [("image/jpeg", syntaxes.JPEG_BASELINE), ("image/jpeg", syntaxes.JPEG_LOSSLESS_SV1)],
        ),
    ],
)
def test_the_forms_of_a_frame_follow_the_tables_of_the_standard(
    name: str, asked: str, stored: str, expected: list[tuple[str, str]]
) -> None:
    forms = candidates([name], asked, transfer_syntax(stored))
    assert [(form.media_type, form.target.uid) for form in forms] == expected
