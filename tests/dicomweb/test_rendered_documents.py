"""What is no image is shown too: reports, documents, videos, waveforms."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID

from dicomweb.wado_samples import store
from doors import Answer, Door
from fhantom.site import Site
from instances import ROOT, dataset, encoded

MOVIE = bytes(range(256)) * 10
NO_PIXELS = dict.fromkeys(
    (
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelData",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PixelRepresentation",
    )
)


def place(study: int) -> str:
    return f"/dicomweb/studies/{ROOT}.{study}/series/{ROOT}.{study}.1/instances/{ROOT}.{study}.1.1"


def code(meaning: str) -> Sequence:
    made = Dataset()
    made.CodeMeaning = meaning
    return Sequence([made])


def item(value_type: str, name: str = "", **values: Any) -> Dataset:
    made = Dataset()
    made.ValueType = value_type
    if name:
        made.ConceptNameCodeSequence = code(name)
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def report() -> bytes:
    measured, reference = Dataset(), Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = "4.5", code("mm")
    reference.ReferencedSOPInstanceUID = "1.2.3.4"
    findings = Sequence(
        [
            item("TEXT", "Impression", TextValue="<script>alert(1)</script> & no fracture"),
            item("NUM", "Diameter", MeasuredValueSequence=Sequence([measured])),
            item("CODE", "Side", ConceptCodeSequence=code("Left")),
            item("TEXT", "Notes", TextValue="one line\r\nand another"),
            item("IMAGE", ReferencedSOPSequence=Sequence([reference])),
        ]
    )
    made = dataset(1, Modality="SR", **NO_PIXELS)
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    made.ConceptNameCodeSequence = code("Chest report")
    made.ContentSequence = Sequence(
        [item("CONTAINER", "Findings", ContentSequence=findings), item("PNAME", "Author", PersonName="House^G")]
    )
    return encoded(made)


def document() -> bytes:
    made = dataset(2, Modality="DOC", **NO_PIXELS)
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    made.EncapsulatedDocument, made.MIMETypeOfEncapsulatedDocument = b"%PDF-1.7\n\0", "application/pdf"
    made.EncapsulatedDocumentLength = 9  # the last byte is padding
    return encoded(made)


def video() -> bytes:
    made = dataset(3, SamplesPerPixel=3, PhotometricInterpretation="YBR_PARTIAL_420", NumberOfFrames=25)
    made.PixelData = encapsulate([MOVIE])
    encoded(made)
    made["PixelData"].VR = "OB"
    made.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.102")
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def ecg() -> bytes:
    made = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "test_files" / "waveform_ecg.dcm")
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{ROOT}.4", f"{ROOT}.4.1"
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}.4.1.1"
    buffer = io.BytesIO()
    made.save_as(buffer)
    return buffer.getvalue()


def presentation() -> bytes:
    made = dataset(5, Modality="PR", **NO_PIXELS)
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.11.1"
    return encoded(made)


def image() -> bytes:
    return encoded(dataset(6))


def state(study: int = 7, sop_class_uid: str = "1.2.840.10008.5.1.4.1.1.11.1") -> bytes:
    """Shows the image of study 6 inverted, windowed, turned by 90 degrees and mirrored."""
    reference, series, voi = Dataset(), Dataset(), Dataset()
    reference.ReferencedSOPInstanceUID = f"{ROOT}.6.1.1"
    series.ReferencedImageSequence = Sequence([reference])
    voi.WindowCenter, voi.WindowWidth = "8", "16"
    made = dataset(study, Modality="PR", **NO_PIXELS)
    made.SOPClassUID = sop_class_uid
    made.ReferencedSeriesSequence, made.SoftcopyVOILUTSequence = Sequence([series]), Sequence([voi])
    made.PresentationLUTShape, made.ImageRotation, made.ImageHorizontalFlip = "INVERSE", 90, "Y"
    return encoded(made)


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    states = state(), state(8, "1.2.840.10008.5.1.4.1.1.11.2")
    store(module_site.worlds.open(), report(), document(), video(), ecg(), presentation(), image(), *states)


def shown(door: Door, study: int, accept: str | None = None, resource: str = "rendered") -> Answer:
    answer = door.get(f"{place(study)}/{resource}", {"Accept": accept})
    assert answer.status == 200, answer.body
    return answer


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"])
def test_a_report_is_a_page_in_which_nothing_is_active(door: Door, accept: str | None) -> None:
    answer = shown(door, 1, accept)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Chest report</h1>" in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; no fracture" in answer.text
    assert "<script" not in answer.text
    assert answer.text.count("<ul>") == answer.text.count("</ul>")


def test_a_report_is_plain_text_for_who_asks(door: Door) -> None:
    answer = shown(door, 1, "text/plain")
    assert answer.text.startswith("Chest report\n")
    expected = ["Findings", "  Diameter: 4.5 mm", "  Side: Left", "  Notes: one line", "  and another"]
    expected += ["  image 1.2.3.4", "Author: House G"]
    assert [line for line in answer.text.splitlines() if line in expected] == expected


@pytest.mark.parametrize("accept", [None, "*/*", "application/pdf"])
def test_a_document_is_shown_as_it_is(door: Door, accept: str | None) -> None:
    answer = shown(door, 2, accept)
    assert (answer.headers["Content-Type"], answer.body) == ("application/pdf", b"%PDF-1.7\n")


@pytest.mark.parametrize("accept", [None, "*/*", "video/mp4", "video/*"])
def test_a_video_is_passed_on(door: Door, accept: str | None) -> None:
    answer = shown(door, 3, accept)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.body == MOVIE


@pytest.mark.parametrize(
    ("asked", "expected"), [("0-", MOVIE), ("0-1", MOVIE[:2]), ("1000-1999", MOVIE[1000:2000]), ("-5", MOVIE[-5:])]
)
def test_a_player_takes_a_video_in_ranges(door: Door, asked: str, expected: bytes) -> None:
    answer = door.get(f"{place(3)}/rendered", {"Accept": "*/*", "Range": f"bytes={asked}"})
    assert (answer.status, answer.body) == (206, expected)
    assert answer.headers["Content-Range"].endswith(f"/{len(MOVIE)}")


def test_a_video_is_retrieved_as_it_is_also_by_default(door: Door) -> None:
    assert video() in door.get(place(3)).body
    assert door.get(f"{place(3)}/rendered", {"Accept": "image/png"}).status == 400


@pytest.mark.parametrize("accept", ["image/png", "image/jpeg"])
def test_an_ecg_is_drawn(door: Door, accept: str) -> None:
    image = Image.open(io.BytesIO(shown(door, 4, accept).body))
    assert image.width == 1200
    assert image.convert("L").getextrema()[0] < 60


@pytest.mark.parametrize("study", [7, 8], ids=["grayscale", "color"])
def test_a_presentation_state_shows_its_image_as_it_says(door: Door, study: int) -> None:
    presented = np.asarray(Image.open(io.BytesIO(shown(door, study, "image/png").body)))
    windowed = door.get(f"{place(6)}/rendered?window=8,16,linear", {"Accept": "image/png"})
    grey = np.asarray(Image.open(io.BytesIO(windowed.body)))
    assert np.array_equal(presented, np.rot90(255 - grey, -1)[:, ::-1])


def test_an_object_with_nothing_to_see_is_400(door: Door) -> None:
    assert door.get(f"{place(5)}/rendered").status == 400


@pytest.mark.parametrize("study", [1, 2, 3, 4, 5, 7])
def test_everything_has_a_thumbnail(door: Door, study: int) -> None:
    image = Image.open(io.BytesIO(shown(door, study, "image/png", "thumbnail").body))
    assert max(image.size) == 128
