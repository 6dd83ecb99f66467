"""The journal tells of an empty search what it nearly found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doors import Door
from fhantom.wire import near_misses
from fhantom.wire.near_misses import Search, told
from instances import dataset, encoded

HERE = {"Host": "localhost"}
DICOM = {"Content-Type": "application/dicom"}
FHIR = {"Content-Type": "application/fhir+json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module", autouse=True)
def filled(door: Door) -> None:
    """Three studies and two patients."""
    for number, modality in enumerate(("CT", "MR", "MR"), 1):
        made = dataset(
            number=number,
            StudyInstanceUID=f"1.2.{number}",
            SeriesInstanceUID=f"1.2.{number}.1",
            SOPInstanceUID=f"1.2.{number}.1.1",
            PatientName="Siim^Sally",
            PatientID=f"P{number}",
            Modality=modality,
        )
        assert door.request("POST", "/dicomweb/studies", DICOM, encoded(made)).status == 200
    for id, given in (("a", "Sally"), ("b", "Ravi")):
        patient = {
            "resourceType": "Patient",
            "id": id,
            "name": [{"family": "Siim", "given": [given]}],
            "gender": "female",
            "birthDate": "1950-04-12",
            "identifier": [{"system": "http://example.org", "value": f"MRN-{id}"}],
        }
        assert door.request("PUT", f"/fhir/Patient/{id}", FHIR, json.dumps(patient).encode()).status in (200, 201)
    observation = {
        "resourceType": "Observation",
        "id": "weight",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "AB-1", "display": "weight"}]},
        "subject": {"reference": "Patient/a"},
    }
    answer = door.request("PUT", "/fhir/Observation/weight", FHIR, json.dumps(observation).encode())
    assert answer.status in (200, 201)


def asked(door: Door, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    """Send a search, which finds nothing; what the journal shows of it."""
    answer = door.request(method, path, FORM if body else {}, body)
    assert answer.status == 200
    newest = door.get("/_fhantom/requests?limit=1", HERE).json()["requests"][0]["id"]
    entry: dict[str, Any] = door.get(f"/_fhantom/requests/{newest}", HERE).json()
    return entry


NEAR = {
    "/dicomweb/studies?PatientName=Siim*&ModalitiesInStudy=US": ["3 studies would match without ModalitiesInStudy=US"],
    "/dicomweb/studies?PatientName=Sally%20Siim&PatientID=P1": ["1 study would match with PatientName=*Siim*Sally*"],
    "/dicomweb/studies?PatientName=siim": ["3 studies would match with PatientName=*siim*"],
    "/dicomweb/studies?StudyDate=1900&ModalitiesInStudy=US": [
        "StudyDate=1900 matches nothing by itself",
        "ModalitiesInStudy=US matches nothing by itself",
    ],
    "/dicomweb/studies/1.2.9/series?Modality=MR": ["2 series would match without StudyInstanceUID=1.2.9"],
    "/dicom-web/instances/?limit=2&offset=7": ["3 instances would match without offset=7"],
    "/dicomweb/instances?00081140.00081155=1.2": ["3 instances would match without *=1.2"],
    "/fhir/Patient?name=siim&gender=Female": ["2 Patient resources would match with gender=female"],
    "/fhir/Patient?name=Sally%20Siim": ["1 Patient resource would match with name=Sally&name=Siim"],
    "/fhir/Patient?name=ally": ["1 Patient resource would match with name:contains=ally"],
    "/fhir/Patient?birthdate=ge1950&birthdate=lt1951": [
        "2 Patient resources would match with birthdate=ge1950-01-01",
    ],
    "/fhir/Patient?birthdate=le1950-04&gender=female": ["2 Patient resources would match with birthdate=le1950-04-30"],
    "/fhir/Patient?gender=male&birthdate=1950": ["2 Patient resources would match without gender=male"],
    "/fhir/Observation?subject=Sally": ["1 Observation resource would match with subject.name=Sally"],
    "/fhir/Observation?subject=MRN-a": ["1 Observation resource would match with subject.identifier=MRN-a"],
    "/fhir/Observation?code=http://loinc.org|ab-1": ["1 Observation resource would match with code=AB-1"],
    "/fhir/Observation?code=weight": ["1 Observation resource would match with code:text=weight"],
    "/fhir-r4/Patient?name=siim": ["2 would match at /fhir/Patient", "there are no Patient resources at all"],
    "/fhir/Encounter?status=finished": ["there are no Encounter resources at all"],
    "/fhir/Patient?name=x&gender=male": [
        "name=x matches nothing by itself",
        "gender=male matches nothing by itself",
    ],
}


@pytest.mark.parametrize("path", NEAR)
def test_an_empty_search_is_journaled_with_what_it_nearly_found(door: Door, path: str) -> None:
    found = [_without_keyword(sentence) for sentence in asked(door, "GET", path)["nearMisses"]]
    assert found == NEAR[path]


def _without_keyword(sentence: str) -> str:
    """The keywords of a path within sequences are long."""
    return sentence.replace("ReferencedImageSequence.ReferencedSOPInstanceUID", "*")


def test_a_search_that_came_as_a_form_is_tried_again_too(door: Door) -> None:
    entry = asked(door, "POST", "/fhir/Patient/_search?name=siim", b"gender=FEMALE")
    assert entry["nearMisses"] == ["2 Patient resources would match with gender=female"]


@pytest.mark.parametrize(
    "path",
    ["/dicomweb/studies?PatientName=Siim*", "/fhir/Patient?name=siim", "/fhir/Patient/a", "/fhir/metadata"],
    ids=["QIDO that found something", "FHIR search that found something", "a read", "no search"],
)
def test_what_is_no_empty_search_has_no_near_misses(door: Door, path: str) -> None:
    assert "nearMisses" not in asked(door, "GET", path)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/dicomweb/studies?PatientsName=Siim*", "there is no PatientsName, but PatientName"),
        ("/dicomweb/studies?patientid=P1&limit=1", "there is no patientid, but PatientID"),
        ("/dicomweb/studies?ofset=1", "there is no ofset, but offset"),
        ("/fhir/Patient?birthDate=1950", "there is no birthDate, but birthdate"),
        ("/fhir/Patient?famly:exact=Siim", "there is no famly, but family"),
        ("/fhir/Patients?name=Siim", "there is no Patients, but Patient"),
    ],
)
def test_a_name_that_is_not_known_is_told_with_those_that_it_is_like(door: Door, path: str, hint: str) -> None:
    door.get(path)
    newest = door.get("/_fhantom/requests?limit=1&explain=true", HERE).json()["requests"][0]
    assert any(sentence.startswith(hint) for sentence in newest["nearMisses"])


def test_a_resource_that_is_on_the_other_server_is_told(door: Door) -> None:
    door.get("/fhir-r4/Patient/a")
    door.get("/fhir-r4/Patient/nobody")
    door.get("/fhir-r4/Nothing/a")
    listed = door.get("/_fhantom/requests?limit=3&explain=true", HERE).json()["requests"]
    near = [entry.get("nearMisses") for entry in listed]
    assert near == [["Patient/a is there at /fhir/Patient/a"], None, None]


@pytest.mark.parametrize(
    "path",
    [
        "/fhir/Nope?name=x",
        "/fhir/$x",
        "/fhir/_history/x?%00=%00",
        "/fhir-r4/Patient/%00",
        "/fhir/Patient?_has:=x&near=1|2|3&_filter=name%20eq&_query=x",
        "/dicomweb/studies?%=%&offset=99999999999&00400275.00400007=x",
        "/dicomweb/studies//series?limit=x&foo=1",
        "/dicomweb/x/y/studies?foo=1",
        "/nowhere?foo=1",
    ],
)
def test_whatever_was_asked_the_journal_can_be_explained(door: Door, path: str) -> None:
    door.get(path)
    assert door.get("/_fhantom/requests?limit=1&explain=true", HERE).status == 200
    assert door.get("/_fhantom/", HERE).status == 200


def test_a_refused_request_is_journaled_with_the_reason(door: Door) -> None:
    for path, reason in (
        ("/fhir/Patient?shoe=7", "HAPI-0524: "),
        ("/fhir/Patient/nobody", "HAPI-2001: "),
        ("/dicomweb/studies?limit=few", "limit is a number"),
        ("/wadouri?requestType=WADO&objectUID=1.2.1.1.1&rows=x", "WADO-URI: rows must be"),
    ):
        door.get(path)
        newest = door.get("/_fhantom/requests?limit=1", HERE).json()["requests"][0]
        assert newest["refusal"].startswith(reason)


def test_a_list_of_requests_is_explained_when_asked(door: Door) -> None:
    door.get("/fhir/Patient?gender=Female")
    plain = door.get("/_fhantom/requests?limit=1", HERE).json()["requests"]
    told = door.get("/_fhantom/requests?limit=1&explain=true", HERE).json()["requests"]
    assert "nearMisses" not in plain[0]
    assert told[0]["nearMisses"] == ["2 Patient resources would match with gender=female"]


def test_trying_again_ends_when_patience_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_misses, "PATIENCE", -1.0)
    tried: list[Any] = []
    search = Search((("a", "1"), ("b", "2")), lambda pairs: tried.append(pairs) or 0, lambda pair: (), ("x", "xs"))  # type: ignore[func-returns-value]
    assert told(search) == ["there are no xs at all"]
    assert tried == [()]
