"""A small world for the pages: two patients, one of them with everything, and images of both."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doors import Door
from instances import MULTIPART, ROOT, instance, multipart

SCRIPT = "<script>alert('stored')</script>"

PATIENTS: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": "ada",
        "identifier": [{"value": "MRN-1"}],
        "name": [{"family": "Lovelace", "given": ["Ada"]}],
        "birthDate": "1815-12-10",
        "gender": "female",
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ada, in words</p></div>'},
    },
    {"resourceType": "Patient", "id": "evil", "name": [{"family": SCRIPT, "given": ["<b>Bold</b>"]}]},
]
OTHERS: list[dict[str, Any]] = [
    {
        "resourceType": "ImagingStudy",
        "id": "study1",
        "status": "available",
        "subject": {"reference": "Patient/ada"},
        "started": "2020-01-15T10:15:00Z",
        "description": f"Head {SCRIPT}",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{ROOT}.1"}],
    },
    {
        "resourceType": "DiagnosticReport",
        "id": "report1",
        "status": "final",
        "code": {"text": f"CT report {SCRIPT}"},
        "subject": {"reference": "Patient/ada"},
        "conclusion": SCRIPT,
    },
    {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"text": "Weight"},
        "subject": {"reference": "Patient/ada"},
    },
]


@pytest.fixture(scope="module")
def filled(door: Door) -> Door:
    """The door to a server with that data."""
    for resource in PATIENTS + OTHERS:
        path = f"/fhir/{resource['resourceType']}/{resource['id']}"
        body = json.dumps(resource).encode()
        assert door.request("PUT", path, {"Content-Type": "application/fhir+json"}, body).status in (200, 201)
    r4 = json.dumps({key: PATIENTS[0][key] for key in ("resourceType", "id", "name")}).encode()
    fhir = {"Content-Type": "application/fhir+json"}
    assert door.request("PUT", "/fhir-r4/Patient/ada", fhir, r4).status in (200, 201)
    files = [instance(1, 1, number, PatientID="MRN-1") for number in (1, 2)]
    files.append(instance(2, 1, 1, PatientName=SCRIPT, StudyDescription=SCRIPT, PatientID="MRN-1"))
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(*files)).status == 200
    return door
