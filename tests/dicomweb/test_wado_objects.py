"""DICOM objects by WADO-RS: forms, transfer syntaxes, refusals."""

from __future__ import annotations

import io
import zipfile

import pydicom
import pytest

from dicomweb.wado_samples import (
    CT,
    JPEG,
    MISSING,
    MULTI,
    SERIES,
    SR,
    STUDY,
    ct,
    jpeg,
    multi_frame,
    parts,
    report,
    retrieved,
    store,
)
from doors import Door
from fhantom.site import Site
from instances import MULTIPART, ROOT, instance, multipart

EXPLICIT = "1.2.840.10008.1.2.1"
SLICES = [ct(number) for number in (1, 2, 3)]
PHOTOGRAPH = jpeg()


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), *SLICES, multi_frame(), PHOTOGRAPH, report())


def read(content: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(content))


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "multipart/related",
        'multipart/related; type="application/dicom"',
        "multipart/related; type=application/dicom",
        'Multipart/Related; Type="Application/DICOM"',
        "multipart/related; type=application/dicom; transfer-syntax=*",
        f"multipart/related; type=application/dicom; transfer-syntax={EXPLICIT}",
        "text/html, multipart/related; type=application/dicom; transfer-syntax=*, application/dicom;q=0.5",
    ],
)
@pytest.mark.parametrize(("path", "count"), [(CT, 1), (SERIES, 3), (STUDY, 3)], ids=["one", "series", "study"])
def test_objects_come_as_they_were_stored(door: Door, path: str, count: int, accept: str | None) -> None:
    found = retrieved(door, path, accept)
    assert [body for _, body in found] == SLICES[:count]
    assert all(headers["content-type"] == "application/dicom" for headers, _ in found)
    assert [int(headers["content-length"]) for headers, _ in found] == [len(body) for _, body in found]


def test_the_answer_names_its_type_in_quotes_and_its_length(door: Door) -> None:
    answer = door.get(SERIES)
    assert answer.headers["Content-Type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert int(answer.headers["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize("accept", ["application/dicom", "application/dicom; transfer-syntax=*"])
def test_one_instance_comes_without_multipart_for_who_asks(door: Door, accept: str) -> None:
    answer = door.get(CT, {"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/dicom")
    assert answer.body == SLICES[0]
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_compressed_objects_are_decoded_unless_any_syntax_is_taken(door: Door) -> None:
    [(_, plain)] = retrieved(door, JPEG)
    [(_, stored)] = retrieved(door, JPEG, "multipart/related; type=application/dicom; transfer-syntax=*")
    assert stored == PHOTOGRAPH
    assert read(plain).file_meta.TransferSyntaxUID == EXPLICIT
    assert read(plain).PhotometricInterpretation == "RGB"
    assert read(plain).SOPInstanceUID == read(stored).SOPInstanceUID


@pytest.mark.parametrize("suffix", ["", ".1.99", ".2", ".5", ".4.70", ".4.80", ".4.90"])
def test_an_object_is_put_in_the_syntax_asked_for(door: Door, suffix: str) -> None:
    uid = f"1.2.840.10008.1.2{suffix}"
    [(_, body)] = retrieved(door, CT, f"multipart/related; type=application/dicom; transfer-syntax={uid}")
    assert read(body).file_meta.TransferSyntaxUID == uid
    assert read(body).pixel_array.max() == 4095


def test_several_objects_are_put_in_the_syntax_asked_for(door: Door) -> None:
    accept = "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.5"
    found = retrieved(door, SERIES, accept)
    assert [read(body).InstanceNumber for _, body in found] == [1, 2, 3]


def test_a_zip_holds_one_file_an_instance(door: Door) -> None:
    answer = door.get(STUDY, {"Accept": "application/zip"})
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
        assert file.namelist() == [f"{ROOT}.1.1/{ROOT}.1.1.{number}.dcm" for number in (1, 2, 3)]
        assert [file.read(name) for name in file.namelist()] == SLICES


@pytest.mark.parametrize(
    ("query", "accept"),
    [("", "application/zip; dicomdir=true"), ("?dicomdir=true", "application/zip")],
    ids=["media type parameter", "query"],
)
def test_a_zip_has_a_dicomdir_on_request(door: Door, query: str, accept: str) -> None:
    answer = door.get(STUDY + query, {"Accept": f"{accept}; transfer-syntax=*"})
    with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
        directory = read(file.read("DICOMDIR"))
        names = [name for name in file.namelist() if name != "DICOMDIR"]
        stored = {name: read(file.read(name)) for name in names}
    referring = [record for record in directory.DirectoryRecordSequence if "ReferencedFileID" in record]
    found = {"/".join(record.ReferencedFileID): record for record in referring}
    assert set(found) == set(names) and len(names) == 3
    for name, one in stored.items():
        assert found[name].ReferencedSOPInstanceUIDInFile == one.SOPInstanceUID
        assert found[name].ReferencedTransferSyntaxUIDInFile == one.file_meta.TransferSyntaxUID


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (SERIES, "application/dicom"),
        (STUDY, "application/dicom; transfer-syntax=*"),
        (CT, "application/dicom+json"),
        (CT, "image/jpeg"),
        (CT, "text/html"),
        (CT, ""),
        (CT, 'multipart/related; type="application/octet-stream"'),
        (CT, "multipart/related; type=application/dicom; transfer-syntax=1.2.3"),
    ],
)
def test_a_form_that_there_is_not_is_400_as_orthanc_has_it(door: Door, path: str, accept: str) -> None:
    answer = door.get(path, {"Accept": accept})
    assert answer.status == 400
    assert answer.json()["OrthancStatus"] == 8
    assert "Details" in answer.json()


@pytest.mark.parametrize("suffix", ["50", "51", "92", "102"])
def test_a_syntax_that_cannot_be_written_is_406(door: Door, suffix: str) -> None:
    uid = f"1.2.840.10008.1.2.4.{suffix}"
    answer = door.get(CT, {"Accept": f"multipart/related; type=application/dicom; transfer-syntax={uid}"})
    assert answer.status == 406


@pytest.mark.parametrize(
    ("path", "details"),
    [
        ("/dicomweb/studies/1.2.3", "Accessing an inexistent study with WADO-RS: 1.2.3"),
        ("/dicomweb/studies/not-a-uid", "Accessing an inexistent study with WADO-RS: not-a-uid"),
        (f"{STUDY}/series/1.2.3", "Accessing an inexistent series with WADO-RS: 1.2.3"),
        (MISSING, "Accessing an inexistent instance with WADO-RS: 1.2.3"),
        (f"{STUDY}/series/{ROOT}.2.1", f"No series {ROOT}.2.1 in study {ROOT}.1"),
        (
            MULTI.replace(f"studies/{ROOT}.2/", f"studies/{ROOT}.1/"),
            f"Instance {ROOT}.2.1.1 is not both in study {ROOT}.1 and in series {ROOT}.2.1",
        ),
    ],
)
@pytest.mark.parametrize("suffix", ["", "/metadata", "/rendered"])
def test_a_place_that_does_not_exist_is_404_and_says_why(door: Door, path: str, details: str, suffix: str) -> None:
    answer = door.get(path + suffix)
    assert (answer.status, answer.json()["Details"]) == (404, details)
    assert answer.json()["OrthancStatus"] == 7


def test_head_answers_as_get_without_the_body(door: Door) -> None:
    answer = door.request("HEAD", CT)
    assert (answer.status, answer.body) == (200, b"")
    assert "application/dicom" in answer.headers["Content-Type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [CT, f"{CT}/metadata", f"{CT}/frames/1"])
def test_another_method_is_405_with_allow_and_no_body(door: Door, path: str, method: str) -> None:
    answer = door.request(method, path)
    assert (answer.status, answer.body) == (405, b"")
    assert "GET" in answer.headers["Allow"]


def test_an_object_without_pixels_comes_in_every_syntax(door: Door) -> None:
    accept = "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.4.70"
    [(_, body)] = retrieved(door, SR, accept)
    assert read(body).Modality == "SR"


def test_accept_in_the_query_wins(door: Door) -> None:
    answer = door.get(f"{CT}?accept=application/dicom", {"Accept": "multipart/related"})
    assert answer.headers["Content-Type"] == "application/dicom"
    assert parts(door.get(f"{CT}?accept=multipart/related", {"Accept": "application/dicom"}))


def test_a_study_comes_in_the_order_of_orthanc(door: Door) -> None:
    slices = [instance(70, *place) for place in ((1, 1), (2, 1), (1, 2), (3, 1), (2, 2))]
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*slices)).status == 200
    study = f"/dicomweb/studies/{ROOT}.70"
    sent = [str(read(body).SOPInstanceUID)[-3:] for _, body in retrieved(door, study)]
    assert sent == ["3.1", "2.1", "2.2", "1.1", "1.2"]
    described = [one["00080018"]["Value"][0][-3:] for one in door.get(f"{study}/metadata").json()]
    assert described == ["1.1", "1.2", "2.1", "2.2", "3.1"]
