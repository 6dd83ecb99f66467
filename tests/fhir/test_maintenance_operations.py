"""Operations that a server does to itself: $reindex, $expunge, and those that are refused for what they lack."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, Resource, diagnostics, patient


def parameters(**given: Any) -> Resource:
    """Parameters of booleans, integers and strings."""
    kinds = {bool: "Boolean", int: "Integer", str: "String"}
    rows = [{"name": name, f"value{kinds[type(value)]}": value} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": rows}


def told(answer: Any) -> tuple[int, str]:
    """Status and HAPI's number, empty if it has none."""
    words = diagnostics(answer)
    return answer.status, words[5:9] if words.startswith("HAPI-") else ""


def removed(fhir: FhirClient, path: str, **given: Any) -> int:
    answer = fhir.send("POST", f"{path}/$expunge", parameters(**given))
    assert answer.status == 200, answer.text
    count: int = answer.json()["parameter"][0]["valueInteger"]
    return count


@pytest.fixture
def versions(fhir: FhirClient, fresh: str) -> str:
    """The address of a patient of three versions."""
    for born in ("2001", "2002", "2003"):
        fhir.put(patient(fresh, birthDate=born))
    return f"Patient/{fresh}"


def left(fhir: FhirClient, path: str) -> list[str]:
    entries = fhir.get(f"{path}/_history").json().get("entry", [])
    return [row["resource"]["meta"]["versionId"] for row in entries if "resource" in row]


def test_earlier_versions_are_removed_oldest_first(fhir: FhirClient, versions: str) -> None:
    total = fhir.get("Patient/_history").json()["total"]
    assert removed(fhir, versions, expungePreviousVersions=True, limit=1) == 1
    assert left(fhir, versions) == ["3", "2"]
    assert removed(fhir, versions, expungePreviousVersions=True) == 1
    assert left(fhir, versions) == ["3"]
    assert fhir.get("Patient/_history").json()["total"] == total - 2
    assert told(fhir.get(f"{versions}/_history/1")) == (404, "0979")


def test_one_version_is_removed_unless_it_is_the_current_one(fhir: FhirClient, versions: str) -> None:
    assert removed(fhir, f"{versions}/_history/2") == 0
    assert removed(fhir, f"{versions}/_history/2", expungePreviousVersions=True) == 1
    assert left(fhir, versions) == ["3", "1"]
    current = fhir.send("POST", f"{versions}/_history/3/$expunge", parameters(expungePreviousVersions=True))
    absent = fhir.send("POST", f"{versions}/_history/9/$expunge", parameters(expungePreviousVersions=True))
    assert (told(current), told(absent)) == ((412, "0969"), (404, "0979"))


def test_a_deleted_resource_is_removed_as_far_as_the_limit_goes(fhir: FhirClient, versions: str) -> None:
    assert removed(fhir, versions, expungeDeletedResources=True) == 0
    fhir.send("DELETE", versions)
    assert removed(fhir, versions, expungeDeletedResources=True, limit=2) == 2
    assert fhir.get(versions).status == 410
    assert removed(fhir, versions, expungeDeletedResources=True) == 2
    assert told(fhir.get(versions)) == (404, "2001")
    assert told(fhir.send("POST", f"{versions}/$expunge", parameters())) == (404, "2001")


def test_what_is_deleted_of_a_type_is_removed(fhir: FhirClient, fresh: str) -> None:
    for id in (fresh, f"{fresh}-kept"):
        fhir.put({"resourceType": "Basic", "id": id, "code": {"text": "x"}})
    fhir.send("DELETE", f"Basic/{fresh}")
    assert removed(fhir, "Basic", expungeDeletedResources=True) == 2
    assert (fhir.get(f"Basic/{fresh}").status, fhir.get(f"Basic/{fresh}-kept").status) == (404, 200)


@pytest.mark.parametrize("path", ["", "Patient/"])
def test_nothing_is_removed_without_a_limit_above_zero_or_a_confirmation(fhir: FhirClient, path: str) -> None:
    assert told(fhir.send("POST", f"{path}$expunge", parameters(limit=0))) == (400, "1087")
    assert fhir.send("POST", f"{path}$expunge", parameters()).json()["parameter"][0]["valueInteger"] == 0


def test_reindexing_is_accepted_under_an_address_that_tells_how_it_stands(fhir: FhirClient) -> None:
    answer = fhir.send("POST", "$reindex", parameters(url="Patient?"))
    issues = [(issue["severity"], issue["code"]) for issue in answer.json()["issue"]]
    assert (answer.status, issues) == (202, [("information", "informational"), ("warning", "required")])
    where = answer.headers["Content-Location"].removeprefix(fhir.base + "/")
    assert fhir.get(where).status == 200
    assert told(fhir.get(where[:-20])) == (404, "2787")


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("$reindex", {"url": "Foo?"}, (400, "1684")),
        ("$reindex", {"url": "Patient?foo=1"}, (400, "0488")),
        ("$reindex", {"url": 1}, (400, "0362")),
        ("$hapi.fhir.reindex-status", {}, (400, "1769")),
        ("$hapi.fhir.replace-references", {}, (400, "2583")),
        ("$hapi.fhir.replace-references", {"source-reference-id": "Patient/x"}, (400, "2584")),
        ("CodeSystem/$upload-external-code-system", {}, (400, "1137")),
        ("CodeSystem/$apply-codesystem-delta-add", {}, (400, "1139")),
        ("CodeSystem/$apply-codesystem-delta-remove", {"system": "http://x"}, (400, "1140")),
        ("Subscription/$trigger-subscription", {}, (412, "0022")),
        ("Subscription/x/$trigger-subscription", {}, (412, "0022")),
        ("StructureDefinition/$snapshot", {}, (400, "1770")),
        ("StructureDefinition/$snapshot", {"url": "http://none"}, (404, "1162")),
        ("StructureDefinition/none/$snapshot", {}, (404, "2001")),
    ],
)
def test_what_is_lacking_is_told_by_number(
    fhir: FhirClient, path: str, given: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert told(fhir.send("POST", path, parameters(**given))) == expected


def test_a_merge_of_nothing_tells_what_it_needs_in_r4_alone(r4: FhirClient, r5: FhirClient) -> None:
    answer = r4.send("POST", "Patient/$hapi.fhir.merge", parameters())
    rows = {row["name"]: row.get("resource") for row in answer.json()["parameter"]}
    assert (answer.status, [issue["code"] for issue in rows["outcome"]["issue"]]) == (400, ["required", "required"])
    assert told(r5.send("POST", "Patient/$hapi.fhir.merge", parameters())) == (501, "2834")


@pytest.mark.parametrize("path", ["$export", "Patient/$export", "Group/x/$export", "$export-poll-status", "$foo"])
def test_what_is_off_or_unknown_fits_nothing(fhir: FhirClient, path: str) -> None:
    for answer in (fhir.get(path), fhir.send("POST", path, parameters()), fhir.send("DELETE", path)):
        assert (answer.status, answer.json()["issue"][0]["code"]) == (400, "not-supported")
