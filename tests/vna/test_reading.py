"""What is told beyond lists: requested tags, ordered finds, archives, stored values, the log of changes."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest

from doors import Answer, Door, InProcess
from fhantom.app import create_app
from fhantom.site import Site
from instances import MULTIPART, ROOT, dataset, encoded, instance, multipart
from vna.test_rest import INSTANCE, PATIENT, SERIES, STUDY, orthanc_id

UPWARDS = {"OrderBy": [{"Type": "DicomTag", "Key": "StudyDate", "Direction": "ASC"}]}
OTHER = orthanc_id("P1", f"{ROOT}.2")


@pytest.fixture(scope="module")
def filled(door: Door) -> Door:
    files = [instance(1, 1, number) for number in (1, 2, 3)]
    files += [instance(1, 2, 1, Modality="MR"), instance(2, 1, 1, StudyDate="20190101", PatientID="P1")]
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*files)).status == 200
    return door


def find(door: Door, **body: Any) -> Answer:
    return door.request("POST", "/vna/tools/find", {}, json.dumps({"Level": "Study", "Query": {}, **body}).encode())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            f"/studies/{STUDY}?requestedTags=PatientID;ModalitiesInStudy",
            {"PatientID": "P1", "ModalitiesInStudy": "CT\\MR"},
        ),
        (f"/studies/{STUDY}?requestedTags=NumberOfStudyRelatedInstances", {"NumberOfStudyRelatedInstances": "4"}),
        (
            f"/series/{SERIES}?requestedTags=NumberOfSeriesRelatedInstances;Rows",
            {"NumberOfSeriesRelatedInstances": "3", "Rows": "4"},
        ),
        (f"/patients/{PATIENT}?requested-tags=NumberOfPatientRelatedStudies", {"NumberOfPatientRelatedStudies": "2"}),
        (f"/instances/{INSTANCE}?requestedTags=0028,0010", {"Rows": "4"}),
        (f"/instances/{INSTANCE}?requestedTags=PatientSpeciesDescription", {}),
    ],
    ids=["two", "count of a study", "series", "patient", "number", "not there"],
)
def test_tags_that_are_asked_for_are_told_beside_the_main_ones(
    filled: Door, path: str, expected: dict[str, str]
) -> None:
    assert filled.get(f"/vna{path}").json()["RequestedTags"] == expected


def test_they_are_told_in_lists_too_and_in_the_form_of_the_others(filled: Door) -> None:
    (told, *_) = filled.get("/vna/studies?expand&short&requestedTags=PatientID").json()
    assert told["RequestedTags"] == {"0010,0020": "P1"}
    assert told["MainDicomTags"]["0020,000d"] == f"{ROOT}.1"


def test_a_tag_that_is_none_is_refused(filled: Door) -> None:
    answer = filled.get("/vna/studies?expand&requestedTags=Nonsense")
    assert (answer.status, answer.json()["OrthancStatus"]) == (400, 27)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (UPWARDS, [OTHER, STUDY]),
        ({"OrderBy": [{"Type": "DicomTag", "Key": "StudyDate", "Direction": "DESC"}], "Limit": 1}, [STUDY]),
        ({**UPWARDS, "Since": 1, "Limit": 5}, [STUDY]),
        ({**UPWARDS, "ParentPatient": PATIENT}, [OTHER, STUDY]),
        ({"Level": "Series", "ParentStudy": OTHER}, [orthanc_id("P1", f"{ROOT}.2", f"{ROOT}.2.1")]),
        ({"Labels": ["urgent"]}, []),
        ({**UPWARDS, "Labels": ["urgent"], "LabelsConstraint": "None"}, [OTHER, STUDY]),
    ],
    ids=["upwards", "downwards", "since", "patient", "study", "label", "without a label"],
)
def test_a_find_can_be_ordered_and_narrowed(filled: Door, body: dict[str, Any], found: list[str]) -> None:
    assert find(filled, **body).json() == found


def test_a_find_tells_the_tags_that_are_asked_for(filled: Door) -> None:
    told = find(filled, **UPWARDS, Expand=True, RequestedTags=["NumberOfStudyRelatedSeries"]).json()
    assert [one["RequestedTags"] for one in told] == [{"NumberOfStudyRelatedSeries": count} for count in "12"]


@pytest.mark.parametrize(
    "body",
    [
        {"OrderBy": "StudyDate"},
        {"OrderBy": [{"Type": "Metadata", "Key": "LastUpdate", "Direction": "ASC"}]},
        {"OrderBy": [{"Type": "DicomTag", "Key": "StudyDate", "Direction": "up"}]},
        {"RequestedTags": [1]},
        {"RequestedTags": ["Nonsense"]},
        {"ParentPatient": 7},
        {"Full": "yes"},
    ],
    ids=["no list", "metadata", "direction", "number", "no tag", "no text", "no Boolean"],
)
def test_an_option_that_cannot_be_understood_is_refused(filled: Door, body: dict[str, Any]) -> None:
    assert find(filled, **body).status == 400


@pytest.mark.parametrize("path", [f"/studies/{STUDY}", f"/series/{SERIES}", f"/patients/{PATIENT}"])
def test_an_archive_holds_the_stored_bytes_in_folders(filled: Door, path: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(filled.get(f"/vna{path}/archive").body))
    assert archive.testzip() is None
    assert archive.read("P1 Doe John 1/ACC1 CT Head/CT Axial/CT000000.dcm") == instance(1, 1, 1)


def test_an_archive_of_nothing_known_is_refused(filled: Door) -> None:
    for body in (b"", b"{}", b"[1]", b'{"Resources": "x"}'):
        assert filled.request("POST", "/vna/tools/create-archive", {}, body).status == 400
    assert filled.request("POST", "/vna/tools/create-archive", {}, b'["nothing"]').status == 404


@pytest.mark.parametrize("name", ["raw", "image-uint8", "image-uint16", "image-int16", "preview", "rendered"])
def test_a_frame_can_be_had_in_each_form_that_is_listed(filled: Door, name: str) -> None:
    assert name in filled.get(f"/vna/instances/{INSTANCE}/frames/0").json()
    assert filled.get(f"/vna/instances/{INSTANCE}/frames/0/{name}").status == 200
    assert filled.get(f"/vna/instances/{INSTANCE}/frames/1/{name}").status == (400 if name == "raw" else 404)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("uint8", [0, 0, 5, 255]), ("uint16", [0, 0, 5, 300]), ("int16", [65535, 0, 5, 300])],
    ids=["uint8", "uint16", "int16"],
)
def test_stored_values_are_cut_off_to_what_the_picture_holds(site: Site, kind: str, expected: list[int]) -> None:
    import numpy
    from PIL import Image

    door = InProcess(create_app(site))
    pixels = struct.pack("<4h", -1, 0, 5, 300)
    words = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 1}
    file = instance(1, 1, 1, Rows=2, Columns=2, PixelData=pixels, **words)
    place = door.request("POST", "/vna/instances", {}, file).json()["Path"]
    picture = Image.open(io.BytesIO(door.get(f"/vna{place}/image-{kind}").body))
    assert numpy.asarray(picture).ravel().tolist() == expected


def test_the_log_of_changes_survives_deletions(site: Site) -> None:
    door = InProcess(create_app(site))
    for number in (1, 2):
        door.request("POST", "/vna/instances", {}, instance(1, 1, number))
    first = door.get("/vna/changes").json()
    assert [one["ChangeType"] for one in first["Changes"]] == [
        *("NewInstance", "NewSeries", "NewStudy", "NewPatient"),
        "NewInstance",
    ]
    door.request("DELETE", f"/vna/instances/{INSTANCE}")
    door.request("POST", "/vna/instances", {}, instance(1, 1, 3))
    later = door.get(f"/vna/changes?since={first['Last']}").json()
    assert [one["ChangeType"] for one in later["Changes"]] == ["NewInstance"]
    assert later["Last"] > first["Last"] and later["Done"]
    assert door.get(f"/vna/changes?since={later['Last']}").json() == {
        "Changes": [],
        "Done": True,
        "Last": later["Last"],
    }


@pytest.mark.parametrize("query", ["since=x", "limit=x", "since=-1", "limit=0", "since=99999999999999999999"])
def test_a_number_that_is_none_is_passed_over_as_by_orthanc(filled: Door, query: str) -> None:
    assert filled.get(f"/vna/changes?{query}").json() == filled.get("/vna/changes").json()


def test_nothing_is_told_of_an_empty_archive(site: Site) -> None:
    door = InProcess(create_app(site))
    assert door.get("/vna/changes").json() == {"Changes": [], "Done": True, "Last": 0}
    assert door.get("/vna/changes?last").json() == {"Changes": [], "Done": True, "Last": 0}


def test_a_patient_whose_identifier_has_several_values_is_known_by_the_first(site: Site) -> None:
    door = InProcess(create_app(site))
    files = [instance(at, 1, 1, PatientID=value) for at, value in ((1, "A\\B"), (2, "A"), (3, "\\B"), (4, "AB"))]
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*files)).status == 200
    counts = {}
    for study in door.get("/vna/studies?expand&requestedTags=NumberOfPatientRelatedStudies").json():
        patient = study["PatientMainDicomTags"]["PatientID"]
        counts[patient] = study["RequestedTags"]["NumberOfPatientRelatedStudies"]
        assert door.get(f"/vna/studies/{study['ID']}/archive").status == 200
    assert counts == {"A\\B": "2", "A": "2", "\\B": "1", "AB": "1"}
    told = [one["ChangeType"] for one in door.get("/vna/changes").json()["Changes"]]
    assert (told.count("NewPatient"), told.count("NewStudy")) == (3, 4)


def test_a_patient_whose_identifier_is_said_to_be_a_date_has_its_study(site: Site) -> None:
    made = dataset(1)
    made.add_new(0x00100020, "DA", "20200101")
    body = multipart(encoded(made))
    door = InProcess(create_app(site))
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body).status == 200
    [study] = door.get("/vna/studies").json()
    assert door.get(f"/vna/studies/{study}/patient").json()["Studies"] == [study]
    assert door.get(f"/vna/studies/{study}/archive").status == 200
