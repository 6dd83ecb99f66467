"""One FHIR version shows what is written in the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doors import InProcess
from fhantom.app import create_app
from fhantom.bridge.converting import convert
from fhantom.definitions.canonical import canonical
from fhantom.site import Site
from fhantom.world.worlds import Worlds

JSON = {"Content-Type": "application/fhir+json"}


@pytest.fixture
def server(site: Site) -> Iterator[InProcess]:
    settings = replace(site.settings, mirror_versions=True)
    mirrored = Site(settings, Worlds(site.worlds.folder, settings, site.clock), site.clock)
    yield InProcess(create_app(mirrored))
    mirrored.worlds.close()


def put(server: InProcess, root: str, resource: dict[str, Any]) -> None:
    path = f"{root}/{resource['resourceType']}/{resource['id']}"
    answer = server.request("PUT", path, JSON, json.dumps(resource).encode())
    assert answer.status in (200, 201), answer.text


@pytest.mark.parametrize(("here", "there"), [("/fhir", "/fhir-r4"), ("/fhir-r4", "/fhir")])
def test_a_resource_is_read_and_found_in_the_other_version(server: InProcess, here: str, there: str) -> None:
    put(server, here, {"resourceType": "Patient", "id": "a", "name": [{"family": "Both"}], "gender": "female"})
    shown = server.get(f"{there}/Patient/a").json()
    assert (shown["name"], shown["gender"]) == ([{"family": "Both"}], "female")
    assert shown["meta"]["tag"][0]["code"] == "mirrored"
    assert server.get(f"{there}/Patient?name=Both").json()["total"] == 1
    assert server.get(f"{here}/Patient/a").json()["meta"]["versionId"] == "1"


def test_a_change_and_a_deletion_follow(server: InProcess) -> None:
    put(server, "/fhir", {"resourceType": "Patient", "id": "a", "gender": "female"})
    assert server.get("/fhir-r4/Patient/a").status == 200
    put(server, "/fhir", {"resourceType": "Patient", "id": "a", "gender": "male"})
    assert server.get("/fhir-r4/Patient/a").json()["gender"] == "male"
    server.request("DELETE", "/fhir/Patient/a")
    assert server.get("/fhir-r4/Patient/a").status == 410


def test_what_is_written_after_an_expunge_follows(server: InProcess) -> None:
    put(server, "/fhir", {"resourceType": "Patient", "id": "a"})
    assert server.get("/fhir-r4/Patient/a").status == 200
    everything = {"resourceType": "Parameters", "parameter": [{"name": "expungeEverything", "valueBoolean": True}]}
    assert server.request("POST", "/fhir-r4/$expunge", JSON, json.dumps(everything).encode()).status == 200
    put(server, "/fhir", {"resourceType": "Patient", "id": "b"})
    assert server.get("/fhir-r4/Patient/b").status == 200


def test_what_a_client_wrote_in_the_other_version_stays(server: InProcess) -> None:
    put(server, "/fhir-r4", {"resourceType": "Patient", "id": "a", "gender": "male"})
    put(server, "/fhir", {"resourceType": "Patient", "id": "b"})
    assert server.get("/fhir/Patient/a").json()["gender"] == "male"
    put(server, "/fhir", {"resourceType": "Patient", "id": "a", "gender": "female"})
    assert server.get("/fhir-r4/Patient/a").json()["gender"] == "male"


def test_numbers_of_both_servers_are_told_apart(server: InProcess) -> None:
    patient = server.request("POST", "/fhir/Patient", JSON, b'{"resourceType":"Patient"}').json()["id"]
    subject = json.dumps({"resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"}}).encode()
    condition = server.request("POST", "/fhir/Condition", JSON, subject).json()["id"]
    shown = server.get(f"/fhir-r4/Condition/r5-{condition}").json()
    assert shown["subject"]["reference"] == f"Patient/r5-{patient}"
    own = server.request("POST", "/fhir-r4/Patient", JSON, b'{"resourceType":"Patient"}').json()["id"]
    assert server.get(f"/fhir/Patient/r4-{own}").status == 200


# R5 as it is written, and R4 as it shows; both ways where `back` says so.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (
        {
            "resourceType": "ImagingStudy",
            "modality": [{"coding": [{"code": "CT"}]}],
            "reason": [{"concept": {"text": "pain"}}],
            "procedure": [{"reference": {"reference": "Procedure/p"}}],
            "series": [{"uid": "1.2", "bodySite": {"concept": {"coding": [{"code": "816094009"}]}}}],
        },
        {
            "resourceType": "ImagingStudy",
            "modality": [{"code": "CT"}],
            "reasonCode": [{"text": "pain"}],
            "procedureReference": {"reference": "Procedure/p"},
            "series": [{"uid": "1.2", "bodySite": {"code": "816094009"}}],
        },
        True,
    ),
    (
        {"resourceType": "DiagnosticReport", "study": [{"reference": "ImagingStudy/a"}], "conclusion": "text"},
        {"resourceType": "DiagnosticReport", "imagingStudy": [{"reference": "ImagingStudy/a"}], "conclusion": "text"},
        True,
    ),
    (
        {"resourceType": "Endpoint", "connectionType": [{"coding": [{"code": "dicom-wado-rs"}]}], "address": "x"},
        {"resourceType": "Endpoint", "connectionType": {"code": "dicom-wado-rs"}, "address": "x"},
        True,
    ),
    (
        {"resourceType": "MedicationRequest", "medication": {"reference": {"reference": "Medication/m"}}},
        {"resourceType": "MedicationRequest", "medicationReference": {"reference": "Medication/m"}},
        True,
    ),
    (
        {"resourceType": "MedicationRequest", "medication": {"concept": {"text": "aspirin"}}},
        {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "aspirin"}},
        True,
    ),
    (
        {
            "resourceType": "AllergyIntolerance",
            "type": {"coding": [{"system": "http://hl7.org/fhir/allergy-intolerance-type", "code": "allergy"}]},
            "reaction": [{"manifestation": [{"concept": {"text": "rash"}}]}],
        },
        {"resourceType": "AllergyIntolerance", "type": "allergy", "reaction": [{"manifestation": [{"text": "rash"}]}]},
        True,
    ),
    (
        {"resourceType": "Procedure", "occurrenceDateTime": "2020-01-01", "status": "completed"},
        {"resourceType": "Procedure", "status": "completed", "performedDateTime": "2020-01-01"},
        True,
    ),
    (
        {
            "resourceType": "Encounter",
            "class": [{"coding": [{"code": "AMB"}]}],
            "participant": [{"actor": {"reference": "Practitioner/p"}}],
            "actualPeriod": {"start": "2020-01-01"},
        },
        {
            "resourceType": "Encounter",
            "class": {"code": "AMB"},
            "participant": [{"individual": {"reference": "Practitioner/p"}}],
            "period": {"start": "2020-01-01"},
        },
        True,
    ),
    (
        {"resourceType": "Observation", "code": {"text": "x"}, "valueQuantity": {"value": 1}, "bodyStructure": {}},
        {"resourceType": "Observation", "code": {"text": "x"}, "valueQuantity": {"value": 1}},
        False,
    ),
]


@pytest.mark.parametrize(("five", "four", "back"), PAIRS, ids=[pair[0]["resourceType"] for pair in PAIRS])
def test_elements_take_the_places_and_types_of_the_other_version(
    five: dict[str, Any], four: dict[str, Any], back: bool
) -> None:
    made = convert("R5", five)
    assert made is not None
    assert canonical("R4", made) == canonical("R4", four)
    if back:
        again = convert("R4", four)
        assert again is not None
        assert canonical("R5", again) == canonical("R5", five)


def test_a_type_that_only_one_version_has_is_not_shown(server: InProcess) -> None:
    assert convert("R5", {"resourceType": "ImagingSelection"}) is None
    put(server, "/fhir", {"resourceType": "ImagingSelection", "id": "a", "status": "available"})
    assert server.get("/fhir-r4/Patient").status == 200


def test_every_file_of_the_hackathon_data_set_keeps_what_both_versions_name_alike(shared: Path) -> None:
    count = 0
    for path in sorted((shared / "hackathon-dataset").rglob("*.json")):
        five = canonical("R5", json.loads(path.read_text()))
        four = convert("R5", five)
        if four is None:
            continue
        count += 1
        kept = canonical("R4", four)
        assert kept["id"] == five["id"]
        assert kept.get("identifier") == five.get("identifier")
    assert count > 130
