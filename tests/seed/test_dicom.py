"""The DICOM side of the seed: names, marks, kinds, transfer syntaxes, geometry, and pixels that decode."""

from __future__ import annotations

import io
from collections import defaultdict

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID

from fhantom_seed import open_seed

KINDS = {
    *("CT", "PT", "CR", "MR", "MG", "US", "NM", "XC", "OP", "OPT", "SM"),
    *("SEG", "RTSTRUCT", "SR", "KO", "PR", "DOC", "ECG"),
}
SYNTAXES = {
    "1.2.840.10008.1.2": "implicit",
    "1.2.840.10008.1.2.1": "explicit",
    "1.2.840.10008.1.2.1.99": "deflated",
    "1.2.840.10008.1.2.2": "big endian",
    "1.2.840.10008.1.2.4.50": "JPEG baseline",
    "1.2.840.10008.1.2.4.57": "JPEG lossless, any predictor",
    "1.2.840.10008.1.2.4.70": "JPEG lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.102": "MPEG-4",
    "1.2.840.10008.1.2.4.201": "HTJ2K lossless",
    "1.2.840.10008.1.2.5": "RLE",
}
# What the base install decodes: pydicom itself, and Pillow
DECODABLE = {
    uid
    for uid, name in SYNTAXES.items()
    if name in {"implicit", "explicit", "deflated", "big endian", "RLE", "JPEG baseline", "JPEG 2000 lossless"}
}


def test_the_studies_of_all_ten_patients_are_found_by_siim_and_a_wildcard(
    headers: list[pydicom.Dataset],
) -> None:
    names = {str(header.PatientName) for header in headers}
    assert len(names) == 10
    assert all(name.startswith("SIIM^") for name in names)


def test_no_two_objects_share_a_uid_and_every_uid_is_valid(headers: list[pydicom.Dataset]) -> None:
    uids = [header.SOPInstanceUID for header in headers]
    assert len(set(uids)) == len(uids)
    for header in headers:
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            assert UID(header[keyword].value).is_valid


def test_every_object_says_that_it_is_synthetic(headers: list[pydicom.Dataset]) -> None:
    assert {header.PatientComments for header in headers} == {"Synthetic, made by fhantom; not a person"}
    assert {header.Manufacturer for header in headers} == {"fhantom"}


def test_every_kind_of_object_that_a_viewer_must_draw_is_there(headers: list[pydicom.Dataset]) -> None:
    assert {header.Modality for header in headers} == KINDS


def test_every_transfer_syntax_of_the_table_is_used(headers: list[pydicom.Dataset]) -> None:
    assert {str(header.file_meta.TransferSyntaxUID) for header in headers} == set(SYNTAXES)


def test_file_meta_and_data_set_agree(headers: list[pydicom.Dataset]) -> None:
    for header in headers:
        assert header.file_meta.MediaStorageSOPInstanceUID == header.SOPInstanceUID
        assert header.file_meta.MediaStorageSOPClassUID == header.SOPClassUID


def test_patient_and_study_attributes_are_the_same_throughout_a_study(headers: list[pydicom.Dataset]) -> None:
    seen: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for header in headers:
        attributes = ("PatientID", "PatientName", "StudyDate", "AccessionNumber", "StudyDescription")
        seen[header.StudyInstanceUID].add(tuple(str(header[keyword].value) for keyword in attributes))
    assert all(len(variants) == 1 for variants in seen.values())


def test_axial_stacks_are_evenly_spaced_and_long_enough_to_scroll(headers: list[pydicom.Dataset]) -> None:
    stacks: dict[str, list[float]] = defaultdict(list)
    for header in headers:
        localizer = "LOCALIZER" in header.get("ImageType", [])
        if header.Modality in {"CT", "PT", "MR"} and not localizer:
            stacks[header.SeriesInstanceUID].append(float(header.SliceLocation))
    lengths = [len(positions) for positions in stacks.values()]
    for positions in stacks.values():
        gaps = np.abs(np.diff(sorted(positions)))
        assert np.allclose(gaps, gaps[0], atol=1e-3)
    assert sum(length >= 20 for length in lengths) >= 12


def test_pet_and_ct_of_one_study_share_a_frame_of_reference(headers: list[pydicom.Dataset]) -> None:
    frames: dict[str, set[str]] = defaultdict(set)
    fused = {header.StudyInstanceUID for header in headers if header.Modality == "PT"}
    for header in headers:
        if header.StudyInstanceUID in fused and header.Modality in {"CT", "PT"}:
            frames[header.StudyInstanceUID].add(header.FrameOfReferenceUID)
    assert len(frames) == 5
    assert all(len(uids) == 1 for uids in frames.values())


def test_derived_objects_refer_to_objects_of_the_seed(headers: list[pydicom.Dataset]) -> None:
    stored = {header.SOPInstanceUID for header in headers}
    referring = 0
    for header in headers:
        if header.Modality in {"SEG", "RTSTRUCT", "SR", "KO", "PR"}:
            found = {
                str(element.value) for element in header.iterall() if element.keyword == "ReferencedSOPInstanceUID"
            }
            # An RTSTRUCT names its study too, by the study's UID
            assert found - {header.StudyInstanceUID} <= stored
            referring += bool(found)
    assert referring == 5


@pytest.mark.parametrize("syntax", sorted(DECODABLE), ids=lambda uid: SYNTAXES[uid])
def test_pixels_decode_to_the_shape_of_the_header(syntax: str) -> None:
    pytest.importorskip("numpy")
    decoded = 0
    for data in open_seed().instances():
        if syntax.encode() + b"\0" * (len(syntax) % 2) not in data[:400]:
            continue
        dataset = pydicom.dcmread(io.BytesIO(data))
        if dataset.file_meta.TransferSyntaxUID != syntax or "PixelData" not in dataset:
            continue
        try:
            pixels = dataset.pixel_array
        except (RuntimeError, NotImplementedError) as refused:
            pytest.skip(f"no decoder here: {refused}")
        frames = int(dataset.get("NumberOfFrames", 1) or 1)
        assert pixels.size == dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * frames
        assert pixels.max() > pixels.min()
        decoded += 1
        if decoded == 3:
            break
    assert decoded


def test_whole_slides_have_three_levels_that_halve(headers: list[pydicom.Dataset]) -> None:
    levels: dict[str, list[int]] = defaultdict(list)
    for header in headers:
        if header.Modality == "SM" and header.ImageType[2] == "VOLUME":
            assert header.DimensionOrganizationType == "TILED_FULL"
            levels[header.StudyInstanceUID].append(int(header.TotalPixelMatrixColumns))
    assert len(levels) == 10
    for columns in levels.values():
        smallest, middle, largest = sorted(columns)
        assert (middle, largest) == (2 * smallest, 4 * smallest)


def test_the_video_is_an_mp4_of_the_frames_that_the_header_counts() -> None:
    for data in open_seed().instances("siimthierry.zip"):
        dataset = pydicom.dcmread(io.BytesIO(data))
        if dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.102":
            assert dataset.PixelData.find(b"ftyp") > 0
            assert dataset.NumberOfFrames == 50
            return
    pytest.fail("no video")
