"""What public clients of the hackathon server send to FHIR; the numbers are those of the client inventory."""

from __future__ import annotations

from typing import Any

from fhir_client import JSON, FhirClient, entry, patient


def test_a7_a_tool_server_lives_through_a_resource(fhir: FhirClient, fresh: str) -> None:
    accept = {"Accept": JSON}
    assert fhir.get("metadata", **accept).json()["fhirVersion"] in ("4.0.1", "5.0.0")
    created = fhir.post({"resourceType": "Patient", "name": [{"family": fresh}]}, **accept)
    id = created.json()["id"]
    assert fhir.found(f"Patient?family={fresh}") == [f"Patient/{id}"]
    assert fhir.put({**created.json(), "active": True}, **accept).json()["active"] is True
    bundle = fhir.bundle("transaction", entry("POST", "Patient", {"resourceType": "Patient"}))
    assert bundle.json()["entry"][0]["response"]["status"] == "201 Created"
    assert fhir.send("DELETE", f"Patient/{id}", **accept).status in (200, 204)


def test_a8_a_report_is_read_with_a_content_type_edited_and_put_back(fhir: FhirClient, fresh: str) -> None:
    report = {"resourceType": "DiagnosticReport", "id": fresh, "status": "final", "code": {"text": "CT"}}
    fhir.put(report)
    read = fhir.door.request("GET", fhir.at(f"DiagnosticReport/{fresh}"), {"Content-Type": JSON})
    edited = {**read.json(), "conclusion": "No change."}
    assert fhir.put(edited).json()["conclusion"] == "No change."


def test_a9_a_letter_is_posted_as_plain_json(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    letter: dict[str, Any] = {
        "resourceType": "Communication",
        "status": "completed",
        "subject": {"reference": f"Patient/{fresh}"},
        "payload": [],
    }
    headers: dict[str, str | None] = {"Content-Type": "application/json"}
    body = b'{"resourceType":"Communication","status":"completed"}'
    assert fhir.door.request("POST", fhir.at("Communication"), headers, body).status == 201
    assert fhir.post(letter).json()["subject"]["reference"] == f"Patient/{fresh}"


def test_a14_a_post_with_a_slash_at_its_end_creates(fhir: FhirClient) -> None:
    answer = fhir.send("POST", "Communication/", {"resourceType": "Communication", "status": "completed"})
    assert answer.status == 201
    assert answer.headers["Location"].startswith(f"{fhir.base}/Communication/")


def test_a17_a_create_keeps_nothing_that_the_definition_lacks(fhir: FhirClient) -> None:
    sent = patient("mine", search={"mode": "match"}, pcp_email="x@example.org")
    answer = fhir.send("POST", "Patient/", sent)
    assert answer.status == 201
    assert set(answer.json()) == {"resourceType", "id", "meta"}
