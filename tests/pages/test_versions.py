"""Patients that only one of the two FHIR versions has, on the pages."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from doors import Door

HTML = {"Accept": "text/html"}

R5_ONLY = {"resourceType": "Patient", "id": "five", "name": [{"family": "Five"}]}
R4_ONLY = {"resourceType": "Patient", "id": "four", "name": [{"family": "Four"}], "birthDate": "1944-04-04"}
BOTH = {"resourceType": "Patient", "id": "both", "name": [{"family": "Both"}]}


def report(patient: str, id: str, words: str) -> dict[str, object]:
    return {
        "resourceType": "DiagnosticReport",
        "id": id,
        "status": "final",
        "code": {"text": words},
        "subject": {"reference": f"Patient/{patient}"},
    }


@pytest.fixture(scope="module")
def versions(door: Door) -> Door:
    """Three patients, one in R5, one in R4, one in both, and reports of theirs."""
    stored = {
        "/fhir": (R5_ONLY, BOTH, report("both", "shared", "Told twice"), report("both", "new", "Told in R5")),
        "/fhir-r4": (R4_ONLY, BOTH, report("both", "shared", "Told twice"), report("four", "old", "Told in R4")),
    }
    for root, resources in stored.items():
        for resource in resources:
            path = f"{root}/{resource['resourceType']}/{resource['id']}"
            body = json.dumps(resource).encode()
            assert door.request("PUT", path, {"Content-Type": "application/fhir+json"}, body).status in (200, 201)
    return door


def links(door: Door, path: str, below: str = "/r") -> set[str]:
    answer = door.get(path, HTML)
    assert answer.status == 200
    return {unescape(one) for one in re.findall(r'href="([^"]+)"', answer.text) if one.startswith(below)}


def test_each_list_leads_to_the_versions_in_which_a_patient_is_there(versions: Door) -> None:
    assert links(versions, "/?fhir=r5") == {"/r5/Patient/five", "/r5/Patient/both", "/r4/Patient/both"}
    assert links(versions, "/?fhir=r4") == {"/r4/Patient/four", "/r5/Patient/both", "/r4/Patient/both"}


def test_the_list_tells_how_many_each_version_has(versions: Door) -> None:
    text = re.sub(r"<[^>]+>", "", versions.get("/?name=four", HTML).text)
    assert "FHIR R5 0" in text and "FHIR R4 1" in text


def test_a_name_that_only_r4_knows_is_found_unasked(versions: Door) -> None:
    assert "/patients/four" in links(versions, "/?name=four", "/patients/")
    assert "/search?kind=patient-r4&value=four" in links(versions, "/?name=four", "/search?")


def test_the_version_that_is_asked_for_stays_when_it_has_nobody(versions: Door) -> None:
    assert "FHIR R5 knows no patient called" in versions.get("/?name=four&fhir=r5", HTML).text


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("five", {"/r5/Patient/five", "/r5/Patient/five/history"}),
        (
            "four",
            {
                "/r4/Patient/four",
                "/r4/Patient/four/history",
                "/r4/DiagnosticReport/old",
                "/r4/DiagnosticReport/old/history",
            },
        ),
        (
            "both",
            {
                *("/r5/Patient/both", "/r4/Patient/both", "/r5/Patient/both/history"),
                *("/r5/DiagnosticReport/shared", "/r4/DiagnosticReport/shared"),
                *("/r5/DiagnosticReport/new", "/r5/DiagnosticReport/new/history"),
                "/r5/DiagnosticReport/shared/history",
            },
        ),
    ],
    ids=["R5 alone", "R4 alone", "both"],
)
def test_a_patients_page_leads_to_what_is_there_in_either_version(
    versions: Door, patient: str, expected: set[str]
) -> None:
    found = links(versions, f"/patients/{patient}")
    assert found == expected
    assert [one for one in found if versions.get(one, HTML).status != 200] == []


def test_what_is_there_in_both_versions_is_listed_once(versions: Door) -> None:
    assert versions.get("/patients/both", HTML).text.count('<td data-label="What" class="long">Told twice') == 1
