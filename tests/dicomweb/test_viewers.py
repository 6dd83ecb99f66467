"""What OHIF, 3D Slicer, Weasis and Slim send, by the letter, and every field of the answers that they read."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pydicom
import pytest
from PIL import Image
from pydicom.tag import Tag

from dicomweb.wado_samples import CT, PIXELS, SERIES, STUDY, ct, report, store
from doors import Door
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart

DICOM_JSON = "application/dicom+json"
ANY_FRAME = "multipart/related; type=application/octet-stream; transfer-syntax=*"
REPORT = f"/dicomweb/studies/{ROOT}.4/series/{ROOT}.4.1"
ECG = f"/dicomweb/studies/{ROOT}.5/series/{ROOT}.5.1"
OHIF_FIELDS = "includefield=00081030%2C00080060%2C00080090%2C00100030"
OHIF_STUDY = "0020000D 00080020 00080030 00080050 00080061 00080090 00081030 00100010 00100020 00100030 00201208"
OHIF_SERIES = "0020000D 0020000E 00080060 00200011 00080021 00080031 0008103E 00201209"
OHIF_METADATA = (
    "00080016 00080018 00080060 0020000D 0020000E 00200013 00280002 00280004 00280010 00280011 00280100 00280101 "
    "00280102 00280103 00281050 00281051 00281052 00281053"
)
# What its metadata providers read, beside OHIF_METADATA and the attributes of palettes, overlays and frames.
CORNERSTONE: dict[str, Any] = {
    "ImagePositionPatient": [1, 2, 3],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "FrameOfReferenceUID": f"{ROOT}.77",
    "PixelSpacing": [0.5, 0.5],
    "SliceThickness": 2,
    "SpacingBetweenSlices": 2,
    "SliceLocation": 3,
    "PixelAspectRatio": [1, 1],
    "SmallestImagePixelValue": 0,
    "LargestImagePixelValue": 255,
    "WindowCenter": 40,
    "WindowWidth": 400,
    "RescaleIntercept": -1024,
    "RescaleSlope": 1,
    "RescaleType": "HU",
    "WindowCenterWidthExplanation": "soft tissue",
    "VOILUTFunction": "LINEAR",
    "Units": "BQML",
    "CorrectedImage": ["ATTN", "DECY"],
    "DecayCorrection": "START",
    "FrameReferenceTime": 0,
    "FrameTime": 40,
    "FrameIncrementPointer": 0x00181063,
    "LossyImageCompression": "00",
    "PatientWeight": 70,
}
WEASIS_FIELDS = (
    "00080020,00080030,00080050,00080061,00080090,00081030,00100010,00100020,00100021,00100030,00100040,"
    "0020000D,00200010"
)


def ecg() -> bytes:
    made = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "test_files" / "waveform_ecg.dcm")
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{ROOT}.5", f"{ROOT}.5.1"
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}.5.1.1"
    buffer = io.BytesIO()
    made.save_as(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    dated = instance(6, SeriesDate="20200115", SeriesTime="101501")
    store(module_site.worlds.open(), ct(1), ct(2), report(), ecg(), dated)


def rows(door: Door, path: str, accept: str = DICOM_JSON) -> list[dict[str, Any]]:
    answer = door.get(path, {"Accept": accept})
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()
    return found


def below(door: Door, uri: str) -> str:
    """The path of an absolute address of the server."""
    assert uri.startswith(door.origin)
    return uri.removeprefix(door.origin)


# -- OHIF ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "PatientName=*doe*",
        "00100020=*P6*",
        "AccessionNumber=ACC6",
        "StudyDescription=*head*",
        "ModalitiesInStudy=CT,MR",
    ],
)
def test_ohifs_list_has_every_field_it_shows(door: Door, key: str) -> None:
    found = rows(door, f"/dicomweb/studies?limit=101&offset=0&fuzzymatching=true&{OHIF_FIELDS}&{key}")
    row = next(row for row in found if row["0020000D"]["Value"] == [f"{ROOT}.6"])
    assert all(row[tag]["Value"] for tag in OHIF_STUDY.split())


def test_ohif_sorts_the_series_of_a_study(door: Door) -> None:
    fields = "includefield=00080021%2C00080031%2C0008103E%2C00200011"
    (row,) = rows(door, f"/dicomweb/studies/{ROOT}.6/series?{fields}")
    assert all(row[tag]["Value"] for tag in OHIF_SERIES.split())


@pytest.mark.parametrize(
    "accept",
    [DICOM_JSON, f"{DICOM_JSON}, multipart/related; type=application/octet-stream; transfer-syntax=*"],
    ids=["today", "older 3.x"],
)
def test_ohif_reads_the_metadata_of_a_series(door: Door, accept: str) -> None:
    first, _ = rows(door, f"{SERIES}/metadata", accept)
    assert all(first[tag]["Value"] for tag in OHIF_METADATA.split())


def test_ohif_shows_a_frame(door: Door) -> None:
    answer = door.get(f"{CT}/frames/1", {"Accept": ANY_FRAME})
    assert answer.status == 200
    assert PIXELS.tobytes() in answer.body


def test_ohif_fetches_what_the_metadata_refers_to(door: Door) -> None:
    (document,) = rows(door, f"{REPORT}/metadata")
    nested = document["00082218"]["Value"][1]["00281201"]
    accept = 'multipart/related; type="application/octet-stream"'
    assert b"\1\2\3\4" in door.get(below(door, nested["BulkDataURI"]), {"Accept": accept}).body
    both = f'multipart/related; type="application/pdf", {accept}'
    assert b"%PDF-1.4" in door.get(below(door, document["00420011"]["BulkDataURI"]), {"Accept": both}).body


def test_ohif_draws_an_ecg_from_single_part_bulk_data(door: Door) -> None:
    (recording,) = rows(door, f"{ECG}/metadata")
    waveform = recording["54000100"]["Value"][0]["54001010"]
    answer = door.get(below(door, waveform["BulkDataURI"]), {"Accept": "application/octet-stream"})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/octet-stream")
    original = pydicom.dcmread(io.BytesIO(ecg()))
    assert answer.body == original.WaveformSequence[0].WaveformData


@pytest.mark.parametrize(
    ("resource", "accept"),
    [
        ("thumbnail?accept=image%2Fjpeg", 'multipart/related; type="application/octet-stream"'),
        ("rendered?viewport=256%2C256", "image/jpeg"),
        (
            "thumbnail?accept=image/jpeg",
            "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        ),
    ],
    ids=["thumbnail", "rendered", "thumbnailDirect"],
)
def test_ohif_has_a_thumbnail_in_each_way_it_asks(door: Door, resource: str, accept: str) -> None:
    answer = door.get(f"{CT}/{resource}", {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.body)).format == "JPEG"


def test_ohif_uploads_with_a_line_end_before_the_first_boundary(door: Door) -> None:
    body = b"\r\n--guid\r\nContent-Type: application/dicom\r\n\r\n" + instance(7) + b"\r\n--guid--"
    headers = {"Accept": "*/*", "Content-Type": 'multipart/related; type="application/dicom"; boundary="guid"'}
    answer = door.request("POST", "/dicomweb/studies", headers, body)
    assert answer.status == 200
    assert f"{ROOT}.7.1.1" in answer.text


@pytest.mark.parametrize("below_it", ["", "/instances/{instance}"], ids=["series", "instance"])
def test_ohif_rejects_what_was_stored_by_mistake(door: Door, below_it: str) -> None:
    body = multipart(instance(8), instance(8, 2))
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body).status == 200
    place = f"/dicomweb/studies/{ROOT}.8/series/{ROOT}.8.1{below_it.format(instance=f'{ROOT}.8.1.1')}"
    assert door.request("POST", f"{place}/reject/113001").status == 400
    assert door.request("POST", f"{place}/reject/113001%5EDCM").status == 204
    (series,) = rows(door, f"/dicomweb/studies/{ROOT}.8/series")
    assert series["0020000E"]["Value"] == [f"{ROOT}.8.2"]
    assert door.request("POST", f"{place}/reject/113001%5EDCM").status == 404


# -- cornerstone3D ---------------------------------------------------------------------------------------------------


def test_cornerstone_finds_what_it_looks_for_in_metadata(door: Door) -> None:
    made = dataset(9, **CORNERSTONE)
    made.PhotometricInterpretation, made.SamplesPerPixel, made.PixelRepresentation = "PALETTE COLOR", 1, 0
    for colour in ("Red", "Green", "Blue"):
        setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(made, f"{colour}PaletteColorLookupTableData", bytes(512))
    made.add_new(0x60000010, "US", 4)
    made.add_new(0x60003000, "OW", bytes(2))
    assert (
        door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(encoded(made))).status == 200
    )
    (found,) = rows(door, f"/dicomweb/studies/{ROOT}.9/metadata")
    named = [f"{Tag(keyword):08X}" for keyword in CORNERSTONE]
    palettes = [f"0028{element}" for element in ("1101", "1102", "1103", "1201", "1202", "1203")]
    assert all(
        "Value" in found[tag] or "BulkDataURI" in found[tag] for tag in (*named, *palettes, "60000010", "60003000")
    )
    asked_for = "includefield=AvailableTransferSyntaxUID,7FE00010"
    (more,) = rows(door, f"/dicomweb/studies/{ROOT}.9/metadata?{asked_for}")
    assert more["00083002"] == {"vr": "UI", "Value": ["1.2.840.10008.1.2.1"]}
    assert below(door, more["7FE00010"]["BulkDataURI"]).endswith("/bulk/7fe00010")


# -- 3D Slicer, Weasis, Slim -----------------------------------------------------------------------------------------


def test_3d_slicer_goes_from_a_study_to_the_files_of_its_series(door: Door) -> None:
    accept = "application/dicom+json, application/json"
    (series,) = rows(door, f"{STUDY}/series", accept)
    assert series["0020000E"]["Value"] == [f"{ROOT}.1.1"]
    assert len(rows(door, f"{SERIES}/metadata", accept)) == 2
    answer = door.get(SERIES, {"Accept": 'multipart/related; type="application/dicom"'})
    assert answer.body.count(b"DICM") == 2


def test_weasis_follows_retrieve_urls_from_a_patient_to_files(door: Door) -> None:
    (study,) = rows(door, f"/dicomweb/studies?00100020=P1&includefield={WEASIS_FIELDS}")
    assert all(tag in study for tag in WEASIS_FIELDS.split(",") if tag != "00100021")
    (series,) = rows(door, f"/dicomweb/series?0020000E={ROOT}.1.1")
    (object_,) = rows(door, f"/dicomweb/instances?00080018={ROOT}.1.1.2")
    accept = 'multipart/related;type="application/dicom";transfer-syntax=*'
    for row, count in (series, 2), (object_, 1):
        answer = door.get(below(door, row["00081190"]["Value"][0]), {"Accept": accept})
        assert (answer.status, len(re.findall(rb"\x00DICM", answer.body))) == (200, count)
    picture = door.get(f"{below(door, object_['00081190']['Value'][0])}/thumbnail", {"Accept": "image/jpeg"})
    assert picture.headers["Content-Type"] == "image/jpeg"


def test_slim_takes_frames_in_any_of_the_types_it_lists(door: Door) -> None:
    listed = ", ".join(
        f'multipart/related; type="{media_type}"; transfer-syntax={syntax}'
        for media_type, syntax in [
            ("application/octet-stream", "1.2.840.10008.1.2.1"),
            ("image/jpeg", "1.2.840.10008.1.2.4.50"),
            ("image/jls", "1.2.840.10008.1.2.4.80"),
            ("image/jp2", "1.2.840.10008.1.2.4.90"),
        ]
    )
    answer = door.get(f"{CT}/frames/1", {"Accept": listed})
    assert answer.status == 200
    assert PIXELS.tobytes() in answer.body
    (series,) = rows(door, f"{STUDY}/series?Modality=CT")
    assert series["00080060"]["Value"] == ["CT"]
