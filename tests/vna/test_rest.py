"""Orthanc's REST API, as its documentation describes it; `test_beside_orthanc` compares all of it with a real one."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest

from doors import Answer, Door
from fhantom.site import Site
from instances import MULTIPART, ROOT, instance, multipart

SCRIPT = "<script>alert('stored')</script>"


def orthanc_id(*parts: str) -> str:
    digest = hashlib.sha1("|".join(parts).encode()).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


PATIENT = orthanc_id("P1")
STUDY = orthanc_id("P1", f"{ROOT}.1")
SERIES = orthanc_id("P1", f"{ROOT}.1", f"{ROOT}.1.1")
INSTANCE = orthanc_id("P1", f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.1.1.1")


@pytest.fixture(scope="module")
def filled(door: Door) -> Door:
    files = [instance(1, 1, number) for number in (1, 2, 3)]
    files += [instance(1, 2, 1), instance(2, 1, 1, PatientName=SCRIPT)]
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*files)).status == 200
    return door


def post(door: Door, path: str, body: Any) -> Answer:
    return door.request("POST", path, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("plural", "identifier", "kind"),
    [
        ("patients", PATIENT, "Patient"),
        ("studies", STUDY, "Study"),
        ("series", SERIES, "Series"),
        ("instances", INSTANCE, "Instance"),
    ],
)
def test_identifiers_are_the_sha_1_of_patient_id_and_uids(
    filled: Door, plural: str, identifier: str, kind: str
) -> None:
    assert identifier in filled.get(f"/vna/{plural}").json()
    told = filled.get(f"/vna/{plural}/{identifier}").json()
    assert (told["ID"], told["Type"]) == (identifier, kind)
    assert list(told) == sorted(told)


def test_a_study_tells_its_patient_and_its_series(filled: Door) -> None:
    told = filled.get(f"/vna/studies/{STUDY}").json()
    assert told["ParentPatient"] == PATIENT
    assert told["Series"][0] == SERIES
    assert told["MainDicomTags"]["StudyInstanceUID"] == f"{ROOT}.1"
    assert told["PatientMainDicomTags"]["PatientID"] == "P1"


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (f"/patients/{PATIENT}/studies", 1),
        (f"/patients/{PATIENT}/instances", 4),
        (f"/studies/{STUDY}/series", 2),
        (f"/studies/{STUDY}/instances", 4),
        (f"/series/{SERIES}/instances", 3),
        ("/instances?expand", 5),
        ("/instances?since=1&limit=2", 2),
        ("/instances?since=4&limit=9", 1),
        ("/series?since=3&limit=1", 0),
    ],
)
def test_lists_hold_what_is_below_or_the_part_that_is_asked_for(filled: Door, path: str, count: int) -> None:
    assert len(filled.get(f"/vna{path}").json()) == count


def test_the_file_comes_back_and_its_tags_are_named(filled: Door) -> None:
    file = filled.get(f"/vna/instances/{INSTANCE}/file")
    assert (file.headers["Content-Type"], file.body) == ("application/dicom", instance(1, 1, 1))
    simplified = filled.get(f"/vna/instances/{INSTANCE}/simplified-tags").json()
    assert (simplified["PatientID"], simplified["Rows"], simplified["PixelData"]) == ("P1", "4", None)
    full = filled.get(f"/vna/instances/{INSTANCE}/tags").json()
    assert full["0010,0020"] == {"Name": "PatientID", "Type": "String", "Value": "P1"}


@pytest.mark.parametrize(("accept", "kind"), [("*/*", "PNG"), ("image/png", "PNG"), ("image/jpeg", "JPEG")])
def test_a_preview_is_a_picture_in_the_form_that_is_accepted(filled: Door, accept: str, kind: str) -> None:
    from PIL import Image

    answer = filled.get(f"/vna/instances/{INSTANCE}/preview", {"Accept": accept})
    picture = Image.open(io.BytesIO(answer.body))
    assert (picture.format, picture.size) == (kind, (4, 4))
    assert answer.headers["Content-Type"] == f"image/{kind.lower()}"


def test_there_is_no_preview_of_a_frame_that_is_not_there(filled: Door) -> None:
    assert filled.get(f"/vna/instances/{INSTANCE}/frames/0/preview").status == 200
    assert filled.get(f"/vna/instances/{INSTANCE}/frames/1/preview").status == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"PatientName": "doe*"}, [STUDY]),
        ({"PatientName": "doe*", "StudyDate": "20200101-20200131"}, [STUDY]),
        ({"0010,0020": "P1"}, [STUDY]),
        ({"PatientID": "P1\\P9"}, [STUDY]),
        ({"StudyDate": "2021-"}, []),
        ({"StudyInstanceUID": f"{ROOT}.1"}, [STUDY]),
    ],
    ids=["pattern", "two", "tag", "list", "date", "uid"],
)
def test_find_matches_tags(filled: Door, query: dict[str, str], found: list[str]) -> None:
    assert post(filled, "/vna/tools/find", {"Level": "Study", "Query": query}).json() == found


def test_find_can_mind_the_case(filled: Door) -> None:
    body = {"Level": "Study", "Query": {"PatientName": "doe*"}, "CaseSensitive": True}
    assert post(filled, "/vna/tools/find", body).json() == []
    body["Query"] = {"PatientName": "Doe*"}
    assert post(filled, "/vna/tools/find", body).json() == [STUDY]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        {"Query": {}},
        {"Level": "Study", "Query": {"Nonsense": "x"}},
        {"Level": "Study", "Query": {"PatientID": 1}},
        {"Level": "Study", "Query": {}, "Limit": -1},
        {"Level": "Study", "Query": {}, "Expand": "yes"},
    ],
    ids=["empty", "list", "no level", "unknown tag", "number", "negative", "no Boolean"],
)
def test_a_find_that_cannot_be_understood_is_refused(filled: Door, body: Any) -> None:
    answer = post(filled, "/vna/tools/find", body)
    assert (answer.status, answer.json()["HttpStatus"]) == (400, 400)


def test_lookup_finds_identifiers_of_every_level(filled: Door) -> None:
    for text, kind, identifier in (("P1", "Patient", PATIENT), (f"{ROOT}.1.1.1", "Instance", INSTANCE)):
        (found,) = post(filled, "/vna/tools/lookup", text.encode()).json()
        assert (found["Type"], found["ID"]) == (kind, identifier)


@pytest.mark.parametrize(
    "path",
    ["/studies/nothing", f"/studies/{SERIES}", f"/instances/{INSTANCE[:-1]}", "/instances/zz", "/patients/x", "/none"],
)
def test_what_is_not_there_is_not_found(filled: Door, path: str) -> None:
    assert filled.get(f"/vna{path}").status == 404


def test_a_wrong_method_is_told_which_ones_are_right(filled: Door) -> None:
    answer = filled.request("PUT", f"/vna/studies/{STUDY}")
    assert (answer.status, answer.headers["Allow"]) == (405, "DELETE, GET")


def test_deleting_takes_out_what_is_below_and_tells_what_is_left(site: Site) -> None:
    from doors import InProcess
    from fhantom.app import create_app

    door = InProcess(create_app(site))
    for file in [instance(1, 1, number) for number in (1, 2)] + [instance(1, 2, 1, Modality="MR")]:
        assert post(door, "/vna/instances", file).json()["Status"] == "Success"
    assert post(door, "/vna/instances", instance(1, 1, 1)).json()["Status"] == "AlreadyStored"
    left = door.request("DELETE", f"/vna/instances/{INSTANCE}").json()["RemainingAncestor"]
    assert (left["Type"], left["ID"]) == ("Series", SERIES)
    assert door.get(f"/vna/instances/{INSTANCE}").status == 404
    left = door.request("DELETE", f"/vna/series/{SERIES}").json()["RemainingAncestor"]
    assert (left["Type"], left["ID"]) == ("Study", STUDY)
    (study,) = door.get("/dicomweb/studies").json()
    assert (study["00201206"]["Value"], study["00201208"]["Value"], study["00080061"]["Value"]) == ([1], [1], ["MR"])
    assert door.request("DELETE", f"/vna/patients/{PATIENT}").json() == {"RemainingAncestor": None}
    assert door.get("/vna/statistics").json()["CountInstances"] == 0
    assert post(door, "/vna/instances", instance(1, 1, 1)).json()["Status"] == "Success"
    assert door.get(f"/vna/instances/{INSTANCE}").status == 200


@pytest.mark.parametrize("body", [b"", b"x", b"\0" * 200], ids=["empty", "one byte", "zeros"])
def test_what_is_no_dicom_is_not_stored(filled: Door, body: bytes) -> None:
    answer = post(filled, "/vna/instances", body)
    assert (answer.status, answer.json()["OrthancStatus"]) == (400, 15)


def test_every_answer_that_holds_data_says_that_it_is_json(filled: Door) -> None:
    answer = filled.get("/vna/patients?expand", {"Accept": "text/html"})
    assert SCRIPT in answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
