"""$export, switched on: a job, its manifest, its files; and off, as on the real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from doors import Answer
from fhantom.settings import Settings
from fhir_client import FhirClient

ASYNC = {"prefer": "respond-async"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, bulk_export=True)


@pytest.fixture(autouse=True)
def stored(fhir: FhirClient) -> None:
    for id in ("one", "two"):
        assert fhir.send("PUT", f"Patient/{id}", {"resourceType": "Patient", "id": id}).status in (200, 201)
    observation = {
        "resourceType": "Observation",
        "id": "seen",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/one"},
    }
    assert fhir.send("PUT", "Observation/seen", observation).status in (200, 201)
    group = {"resourceType": "Group", "id": "g", "member": [{"entity": {"reference": "Patient/one"}}]}
    assert fhir.send("PUT", "Group/g", group).status in (200, 201)


def path_of(fhir: FhirClient, url: str) -> str:
    return url.removeprefix(f"{fhir.base}/")


def exported(fhir: FhirClient, path: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that a job yields, by type."""
    begun = fhir.get(path, **ASYNC)
    assert begun.status == 202, begun.text
    done = fhir.get(path_of(fhir, begun.headers["Content-Location"]))
    assert done.status == 200
    found: dict[str, list[dict[str, Any]]] = {}
    for file in done.json()["output"]:
        answer = fhir.get(path_of(fhir, file["url"]))
        assert answer.headers["Content-Type"].startswith("application/fhir+ndjson")
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert len(lines) == file["count"]
        found.setdefault(file["type"], []).extend(lines)
    return found


def test_everything_comes_by_type(fhir: FhirClient) -> None:
    found = exported(fhir, "$export")
    assert {one["id"] for one in found["Patient"]} >= {"one", "two"}
    assert found["Observation"][0]["subject"] == {"reference": "Patient/one"}
    assert found["Patient"][0]["meta"]["versionId"]


def test_types_can_be_chosen(fhir: FhirClient) -> None:
    assert set(exported(fhir, "$export?_type=Patient,Group")) == {"Patient", "Group"}


def test_patients_come_with_what_refers_to_them(fhir: FhirClient) -> None:
    assert {"Patient", "Observation"} <= set(exported(fhir, "Patient/$export"))


def test_a_group_limits_the_export_to_its_members(fhir: FhirClient) -> None:
    found = exported(fhir, "Group/g/$export")
    assert [one["id"] for one in found["Patient"]] == ["one"]


def test_since_leaves_out_what_is_older(fhir: FhirClient) -> None:
    assert exported(fhir, "$export?_since=2999-01-01T00:00:00Z") == {}


def test_a_job_can_be_given_up(fhir: FhirClient) -> None:
    begun = fhir.get("$export", **ASYNC)
    assert fhir.send("DELETE", path_of(fhir, begun.headers["Content-Location"])).status == 202


@pytest.mark.parametrize(
    "path", ["$export?_outputFormat=csv", "$export?_since=yesterday", "Observation/$export", "Group/nobody/$export"]
)
def test_what_cannot_be_exported_is_refused(fhir: FhirClient, path: str) -> None:
    assert 400 <= fhir.get(path, **ASYNC).status < 500


def test_an_export_must_be_asynchronous(fhir: FhirClient) -> None:
    answer: Answer = fhir.get("$export")
    assert (answer.status, "HAPI-0513" in answer.text) == (400, True)


@pytest.mark.parametrize("job", ["", "nonsense", "00000000-0000-0000-0000-000000000000-zzzz"])
def test_an_unknown_job_is_refused(fhir: FhirClient, job: str) -> None:
    assert 400 <= fhir.get(f"$export-poll-status?_jobId={job}").status < 500
