"""The calls that the hackathon's documentation teaches and that its public clients make, headers and all.

The numbers A1 to A17 are those of the client inventory that fhantom was built from.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from doors import Socket
from fhantom.settings import BUILT_IN_KEY
from instances import instance
from running import serving

FHIR_JSON = {"Accept": "application/fhir+json"}
DICOM_JSON = {"Accept": "application/dicom+json"}
PLAIN_JSON = {"Accept": "application/json"}

STUDY = "1.3.6.1.4.1.14519.5.2.1.4792.2001.103189108764313019491934667255"
SERIES = "1.3.6.1.4.1.14519.5.2.1.4792.2001.104616474240757574154876423123"
INSTANCE = "1.3.6.1.4.1.14519.5.2.1.4792.2001.267212981954448819074140522716"
CT_STUDY = "1.3.6.1.4.1.14519.5.2.1.7777.9002.198875685720513246512710453733"
CR_STUDY = "1.3.6.1.4.1.14519.5.2.1.6279.6001.300027087262813745730072134723"


def instances_of(server: Socket, study: str) -> list[str]:
    """The paths of a study's instances."""
    rows = server.get(f"/dicomweb/studies/{study}/instances", DICOM_JSON).json()
    return [
        f"/dicomweb/studies/{study}/series/{row['0020000E']['Value'][0]}/instances/{row['00080018']['Value'][0]}"
        for row in rows
    ]


def parts_of(body: bytes, content_type: str) -> list[bytes]:
    """Multipart split by hand, as several clients do it."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = str(header.get_param("boundary")).encode()
    chunks = body.split(b"--" + boundary)[1:-1]
    return [chunk.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for chunk in chunks]


# -- A1, A6, A17: reading FHIR ------------------------------------------------------------------------------------


def test_a1_patients_by_name_and_their_imaging_studies(hackathon: Socket) -> None:
    patients = hackathon.get("/fhir/Patient?name=SIIM", FHIR_JSON).json()
    names = {entry["resource"]["id"]: entry["resource"]["name"] for entry in patients["entry"]}
    assert patients["total"] == len(names) == 10
    assert all("SIIM" in {name.get("family") for name in of_one} for of_one in names.values())
    assert names["siimandy"][0]["given"] == ["Andy"]
    studies = hackathon.get("/fhir/ImagingStudy?patient=siimandy", FHIR_JSON).json()
    assert studies.get("total", 0) >= 9
    assert {entry["resource"]["subject"]["reference"] for entry in studies["entry"]} == {"Patient/siimandy"}


@pytest.mark.parametrize(
    "kind", ["Condition", "AllergyIntolerance", "MedicationRequest", "DiagnosticReport", "ImagingStudy"]
)
def test_a6_summary_resources_of_a_patient_come_as_json_unasked(hackathon: Socket, kind: str) -> None:
    answer = hackathon.get(f"/fhir/{kind}?patient=siimsally")
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert answer.json()["entry"][0]["resource"]["resourceType"] == kind


def test_a6_a_patient_and_the_images_of_a_study(hackathon: Socket) -> None:
    listed = hackathon.get("/fhir/Patient?_count=50").json()
    assert {"siimjoe", "siimneela"} <= {entry["resource"]["id"] for entry in listed["entry"]}
    patient = hackathon.get("/fhir/Patient/siimsally").json()
    assert patient["gender"] == "female" and patient["birthDate"] == "1950-04-12"
    study = hackathon.get("/fhir/ImagingStudy/a889127246021897").json()
    uid = next(one["value"] for one in study["identifier"] if one["system"] == "urn:dicom:uid")
    uid = uid.removeprefix("urn:oid:")
    series = hackathon.get(f"/dicomweb/studies/{uid}/series", PLAIN_JSON).json()
    assert series[0]["00080060"]["Value"] == ["MG"]
    path = instances_of(hackathon, uid)[0]
    image = hackathon.get(f"{path}/rendered", {"Accept": "image/jpeg"})
    assert (image.status, image.headers["Content-Type"]) == (200, "image/jpeg")
    dicom = hackathon.get(path, {"Accept": "application/dicom"})
    assert pydicom.dcmread(io.BytesIO(dicom.body)).StudyInstanceUID == uid


def test_a17_a_search_with_a_slash_and_a_create_with_an_unknown_element(hackathon: Socket) -> None:
    found = hackathon.get("/fhir/Patient/?gender=male&_id=siimjoe")
    assert (found.status, found.json()["entry"][0]["resource"]["id"]) == (200, "siimjoe")
    body = {"resourceType": "Patient", "id": "mine", "name": [{"family": "Doe"}], "search": {"mode": "match"}}
    made = hackathon.request("POST", "/fhir/Patient/", {"Content-Type": "application/json"}, json.dumps(body).encode())
    assert made.status == 201
    assert made.json()["id"].isdecimal()
    assert "search" not in made.json()
    appointment = {"resourceType": "Appointment", "status": "booked"}
    sent = hackathon.request(
        "POST", "/fhir/Appointment", {"Content-Type": "application/json"}, json.dumps(appointment).encode()
    )
    assert sent.status == 201
    assert hackathon.get("/fhir/Appointment").json()["total"] >= 1


# -- A4: the upload script -------------------------------------------------------------------------------------------


def test_a4_the_upload_script_asks_puts_and_posts(hackathon: Socket) -> None:
    upload = {"Content-Type": "application/json+fhir"}
    assert hackathon.get("/fhir/Patient?_format=application/json").json()["resourceType"] == "Bundle"
    patient = {"resourceType": "Patient", "id": "siimupload", "name": [{"family": "SIIM", "given": ["Upload"]}]}
    put = hackathon.request(
        "PUT", "/fhir/Patient/siimupload?_format=application/json", upload, json.dumps(patient).encode()
    )
    assert put.status in (200, 201)
    assert put.json()["id"] == "siimupload"
    posted = hackathon.request("POST", "/fhir/Patient", upload, json.dumps({**patient, "id": "random"}).encode())
    assert posted.status == 201 and posted.json()["resourceType"] == "Patient"
    hackathon.request("DELETE", f"/fhir/Patient/{posted.json()['id']}")
    hackathon.request("DELETE", "/fhir/Patient/siimupload")


def test_a4_every_file_of_the_dataset_is_taken_from_its_loader(shared: Path, tmp_path: Path) -> None:
    """The loader runs as it is, in a process of its own, against a server that has nothing yet."""
    loader, told = shared / "golden" / "hapi" / "load_data.py", tmp_path / "told.jsonl"
    with serving(tmp_path / "home", "--ephemeral", "--seed", "none") as server:
        base, key = f"{server.ready.split()[1]}/fhir", f"apikey={BUILT_IN_KEY}"
        call = [sys.executable, str(loader), base, "r5", str(told), "--header", key]
        said = subprocess.run(call, capture_output=True, text=True, check=True, timeout=300).stdout
    answers = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    assert said == "153 stored, 0 refused\n"
    seen: set[str] = set()
    for answer in answers:
        assert answer["status"] == (200 if answer["path"] in seen else 201)  # two files may share an id
        seen.add(answer["path"])
        stored = json.loads(answer["body"])
        assert f"{stored['resourceType']}/{stored['id']}" == answer["path"].partition("?")[0]


# -- A10: a page in a browser ----------------------------------------------------------------------------------------


def test_a10_a_page_of_another_origin_may_ask_and_post(hackathon: Socket) -> None:
    origin = {"Origin": "http://localhost:3000"}
    preflight = hackathon.request(
        "OPTIONS",
        "/fhir/Patient/",
        {
            **origin,
            "apikey": None,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "apikey,content-type",
        },
    )
    assert preflight.status in (200, 204)
    assert "apikey" in preflight.headers["Access-Control-Allow-Headers"].lower()
    answer = hackathon.get("/fhir/ImagingStudy?_sort=-started&patient=siimjoe", origin)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    studies = [entry["resource"] for entry in answer.json()["entry"]]
    started = [study["started"] for study in studies]
    assert started == sorted(started, reverse=True)
    ct = next(study for study in studies if study["id"] == "a257132503242682")
    assert ct["identifier"][0]["value"][8:] == CT_STUDY
    assert ct["numberOfSeries"] >= 1 and ct["numberOfInstances"] >= 1
    body = {"resourceType": "ImagingStudy", "status": "available", "subject": {"reference": "Patient/siimjoe"}}
    posted = hackathon.request(
        "POST",
        "/fhir-overview/fhir/ImagingStudy",
        {**origin, "Content-Type": "application/json"},
        json.dumps(body).encode(),
    )
    assert posted.status == 201


def test_a10_an_empty_search_has_no_entry(hackathon: Socket) -> None:
    assert "entry" not in hackathon.get("/fhir/ImagingStudy?patient=nobody").json()


# -- A14: following references ---------------------------------------------------------------------------------------


def test_a14_reports_their_references_and_new_resources(hackathon: Socket) -> None:
    reports = [entry["resource"] for entry in hackathon.get("/fhir/DiagnosticReport", FHIR_JSON).json()["entry"]]
    assert len(reports) == 20
    for reference in {report["subject"]["reference"] for report in reports}:
        assert hackathon.get(f"/fhir/{reference}", FHIR_JSON).json()["resourceType"] == "Patient"
    writing = {"Content-Type": "application/fhir+json", **FHIR_JSON}
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "Follow-up"},
        "subject": {"reference": "Patient/siimjoe"},
    }
    assert hackathon.request("POST", "/fhir/DiagnosticReport", writing, json.dumps(report).encode()).status == 201
    letter = {"resourceType": "Communication", "status": "completed", "subject": {"reference": "Patient/siimjoe"}}
    assert hackathon.request("POST", "/fhir/Communication/", writing, json.dumps(letter).encode()).status == 201


# -- A2, A3, A12 and the DICOMweb examples -----------------------------------------------------------------------------


def test_a2_studies_by_name_and_one_study_whole(hackathon: Socket) -> None:
    studies = hackathon.get("/dicomweb/studies/?00100010=SIIM*", DICOM_JSON).json()
    patients = {study["00100010"]["Value"][0]["Alphabetic"] for study in studies}
    assert len(patients) == 10 and all(name.startswith("SIIM") for name in patients)
    assert STUDY in {study["0020000D"]["Value"][0] for study in studies}
    answer = hackathon.get(f"/dicomweb/studies/{STUDY}", {"Accept": "multipart/related; type=application/dicom"})
    assert answer.status == 200
    parts = parts_of(answer.body, answer.headers["Content-Type"])
    assert [pydicom.dcmread(io.BytesIO(part)).StudyInstanceUID for part in parts] == [STUDY] * len(parts)
    assert parts


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("path", ["/dicomweb/studies", "/dicom-web/studies/"])
def test_a3_the_documented_curl_call_stores_a_file(hackathon: Socket, tmp_path: Path, path: str) -> None:
    file = tmp_path / "x.dcm"
    uid = f"2.25.{99 + len(path)}"
    file.write_bytes(instance(StudyInstanceUID=uid))
    command = ["curl", "-sS", "-X", "POST", "-H", f"APIKey: {BUILT_IN_KEY}"]
    command += ["-H", "Content-Type: multipart/related; type=application/dicom"]
    command += ["-F", f"file=@{file};type=application/dicom", "-F", f"file=@{file};type=application/dicom"]
    command += ["-w", "%{http_code}", f"{hackathon.origin}{path}", "-v"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("200")
    assert len(hackathon.get(f"/dicomweb/studies/{uid}/instances", DICOM_JSON).json()) == 1


def test_a12_an_image_picker_walks_from_studies_to_a_picture(hackathon: Socket) -> None:
    studies = hackathon.get("/dicomweb/studies/", DICOM_JSON).json()
    assert studies
    instances = hackathon.get(f"/dicom-web/studies/{CR_STUDY}/instances", DICOM_JSON).json()
    uid = instances[0]["00080018"]["Value"][0]
    picture = hackathon.get(f"/wadouri/?requestType=WADO&objectUID={uid}", {"Accept": "image/jpeg"})
    assert picture.status == 200
    assert Image.open(io.BytesIO(picture.body)).format == "JPEG"


def test_an_instance_of_the_documentation_comes_as_one_dicom_file(hackathon: Socket) -> None:
    path = f"/dicomweb/studies/{STUDY}/series/{SERIES}/instances/{INSTANCE}"
    answer = hackathon.get(path, {"Accept": "application/dicom"})
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, "application/dicom")
    assert pydicom.dcmread(io.BytesIO(answer.body)).SOPInstanceUID == INSTANCE


@pytest.mark.parametrize(("media_type", "form"), [("image/jpeg", "JPEG"), ("image/png", "PNG")])
def test_frames_and_instances_of_the_documentation_are_rendered(hackathon: Socket, media_type: str, form: str) -> None:
    frame = hackathon.get(f"{instances_of(hackathon, CT_STUDY)[0]}/frames/1/rendered", {"Accept": media_type})
    assert (frame.status, Image.open(io.BytesIO(frame.body)).format) == (200, form)
    unasked = hackathon.get(f"{instances_of(hackathon, CR_STUDY)[0]}/rendered")
    assert unasked.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("content_type", "form"),
    [("", "JPEG"), ("&contentType=image/jpeg", "JPEG"), ("&contentType=image/png", "PNG")],
    ids=["as Orthanc without a type", "jpeg", "png"],
)
def test_wado_uri_of_the_documentation_gives_a_picture(hackathon: Socket, content_type: str, form: str) -> None:
    query = f"requestType=WADO&studyUID={STUDY}&seriesUID={SERIES}&objectUID={INSTANCE}{content_type}"
    answer = hackathon.get(f"/wadouri/?{query}")
    assert (answer.status, Image.open(io.BytesIO(answer.body)).format) == (200, form)


def test_wado_uri_gives_the_object_to_who_asks_for_dicom(hackathon: Socket) -> None:
    query = f"requestType=WADO&studyUID={STUDY}&seriesUID={SERIES}&objectUID={INSTANCE}"
    for path, accept in ((f"{query}&contentType=application/dicom", "*/*"), (query, "application/dicom")):
        answer = hackathon.get(f"/wadouri/?{path}", {"Accept": accept})
        assert pydicom.dcmread(io.BytesIO(answer.body)).SOPInstanceUID == INSTANCE


@pytest.mark.parametrize("modality", ["XC", "OP", "SM"])
def test_studies_by_modality_of_the_documentation(hackathon: Socket, modality: str) -> None:
    studies = hackathon.get(f"/dicomweb/studies?ModalitiesInStudy={modality}", DICOM_JSON).json()
    assert studies
    assert all(modality in study["00080061"]["Value"] for study in studies)


def test_xml_comes_in_multipart_form(hackathon: Socket) -> None:
    answer = hackathon.get(f"/dicomweb/studies/{STUDY}/instances", {"Accept": "text/xml"})
    assert answer.headers["Content-Type"].startswith("multipart/related")
    assert b"<NativeDicomModel" in answer.body
