"""What HAPI FHIR 8.8.0 does where the specification leaves an operation open, or says something else (asked)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, Resource, diagnostics, patient


def parameters(*rows: Resource) -> Resource:
    return {"resourceType": "Parameters", "parameter": list(rows)}


def told(answer: Any) -> tuple[int, str]:
    """Status and HAPI's number, empty if it has none."""
    words = diagnostics(answer)
    return answer.status, words[5:9] if words.startswith("HAPI-") else ""


def meta_of(answer: Any) -> Resource:
    assert answer.status == 200, answer.text
    meta: Resource = answer.json()["parameter"][0]["valueMeta"]
    return meta


def ids(bundle: Resource) -> list[str]:
    return [row["fullUrl"].rpartition("/fhir")[2].partition("/")[2] for row in bundle.get("entry", [])]


@pytest.fixture
def visit(fhir: FhirClient, fresh: str) -> str:
    """An encounter of a patient of an organization that is part of another, with an observation and a list."""
    encounter: Resource = {"resourceType": "Encounter", "id": fresh, "status": "planned"}
    if fhir.root == "/fhir-r4":
        encounter["class"] = {"code": "AMB"}
    code = {"text": "x"}
    for resource in (
        {"resourceType": "Organization", "id": f"{fresh}-whole", "name": "x"},
        {"resourceType": "Organization", "id": fresh, "partOf": {"reference": f"Organization/{fresh}-whole"}},
        patient(f"{fresh}-other"),
        patient(
            fresh,
            managingOrganization={"reference": f"Organization/{fresh}"},
            link=[{"other": {"reference": f"Patient/{fresh}-other"}, "type": "seealso"}],
        ),
        {**encounter, "subject": {"reference": f"Patient/{fresh}"}},
        {
            "resourceType": "Observation",
            "id": fresh,
            "status": "final",
            "code": code,
            "encounter": {"reference": f"Encounter/{fresh}"},
            "subject": {"reference": f"Patient/{fresh}"},
        },
        {
            "resourceType": "List",
            "id": fresh,
            "status": "current",
            "mode": "working",
            "entry": [{"item": {"reference": f"{kind}/{fresh}"}} for kind in ("Patient", "Encounter")],
        },
    ):
        assert fhir.put(resource).status == 201
    return fresh


def test_everything_of_an_encounter_follows_references_to_the_end(fhir: FhirClient, visit: str) -> None:
    bundle = fhir.get(f"Encounter/{visit}/$everything?_type=Observation&_offset=1").json()
    kinds = [row["resource"]["resourceType"] for row in bundle["entry"]]
    assert kinds == ["Encounter", "Observation", "List", "Organization", "Organization", "Patient", "Patient"]
    assert bundle["total"] == 7


def test_everything_of_a_patient_leads_to_no_other_patient_and_no_list(fhir: FhirClient, visit: str) -> None:
    bundle = fhir.get(f"Patient/{visit}/$everything").json()
    kinds = [row["resource"]["resourceType"] for row in bundle["entry"]]
    assert kinds == ["Patient", "Encounter", "Observation", "Organization", "Organization"]


def test_types_narrow_whose_references_are_followed(fhir: FhirClient, visit: str) -> None:
    bundle = fhir.get(f"Patient/{visit}/$everything?_type=Observation").json()
    assert [row["resource"]["resourceType"] for row in bundle["entry"]] == ["Patient", "Observation", "Encounter"]
    assert told(fhir.get(f"Patient/{visit}/$everything?_type=Foo")) == (404, "2197")


def test_everything_of_a_type_is_that_of_the_ids_asked_for(fhir: FhirClient, visit: str) -> None:
    bundle = fhir.get(f"Patient/$everything?_id={visit},{visit}-other").json()
    assert [row["resource"]["resourceType"] for row in bundle["entry"]][:3] == ["Patient", "Patient", "Encounter"]
    assert told(fhir.get(f"Patient/$everything?_id={visit}-none")) == (404, "2841")


@pytest.mark.parametrize(
    ("query", "total", "shown", "relations"),
    [
        ("_count=0", 5, 0, []),
        ("_summary=count", 5, 0, []),
        ("_count=-1", 5, 0, ["self", "next"]),
        ("_offset=1", 5, 4, ["self", "before"]),
        ("_offset=1&_count=2", None, 2, ["self", "next", "before"]),
        ("_offset=-1", 5, 5, ["self"]),
    ],
)
def test_everything_is_counted_and_paged(
    fhir: FhirClient, visit: str, query: str, total: int | None, shown: int, relations: list[str]
) -> None:
    bundle = fhir.get(f"Patient/{visit}/$everything?{query}").json()
    before = "previous" if fhir.root == "/fhir-r4" else "prev"
    assert (bundle.get("total"), len(bundle.get("entry", []))) == (total, shown)
    named = [link["relation"] for link in bundle.get("link", [])]
    assert named == [before if relation == "before" else relation for relation in relations]
    assert ("tag" in bundle["meta"]) is (not relations)


def test_everything_of_a_deleted_patient_is_gone(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    fhir.send("DELETE", f"Patient/{fresh}")
    assert told(fhir.get(f"Patient/{fresh}/$everything")) == (410, "2572")


def test_a_document_of_nothing_is_empty(fhir: FhirClient) -> None:
    answer = fhir.get("Composition/none/$document")
    assert (answer.status, answer.json()["total"], answer.json().get("entry")) == (200, 0, None)


def test_the_labels_of_a_deleted_resource_are_told_and_changed(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, meta={"tag": [{"code": "a"}]}))
    fhir.send("DELETE", f"Patient/{fresh}")
    assert meta_of(fhir.get(f"Patient/{fresh}/$meta"))["versionId"] == "2"
    more = parameters({"name": "meta", "valueMeta": {"tag": [{"code": "b"}]}})
    assert meta_of(fhir.send("POST", f"Patient/{fresh}/$meta-add", more))["tag"] == [{"code": "a"}, {"code": "b"}]
    assert meta_of(fhir.get(f"Patient/{fresh}/$meta"))["tag"] == [{"code": "a"}, {"code": "b"}]
    assert fhir.get(f"Patient/{fresh}").status == 410
    assert fhir.found("Patient?_tag=b&_id=" + fresh) == []


def test_the_labels_of_a_version_are_its_own(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    fhir.put(patient(fresh, active=True))
    more = parameters({"name": "meta", "valueMeta": {"tag": [{"code": fresh}]}})
    assert meta_of(fhir.send("POST", f"Patient/{fresh}/_history/1/$meta-add", more))["versionId"] == "1"
    assert "tag" in meta_of(fhir.get(f"Patient/{fresh}/_history/1/$meta"))
    assert "tag" not in meta_of(fhir.get(f"Patient/{fresh}/$meta"))
    assert fhir.found(f"Patient?_tag={fresh}") == []
    assert told(fhir.get(f"Patient/{fresh}/_history/9/$meta")) == (404, "0979")
    assert told(fhir.get(f"Patient/{fresh}/_history/x/$meta")) == (404, "0978")


@pytest.mark.parametrize(
    ("operation", "row", "expected"),
    [
        ("$meta-add", {"name": "meta"}, (400, "0554")),
        ("$meta-delete", {"name": "meta"}, (400, "0555")),
        ("$meta-add", {"name": "meta", "valueString": "x"}, (400, "0362")),
        ("$meta-delete", {"name": "meta", "valueCoding": {"code": "x"}}, (400, "0362")),
        ("$everything", {"name": "_count", "valueString": "1"}, (400, "0362")),
        ("$everything", {"name": "_type", "valueUri": "Patient"}, (400, "0362")),
        ("$diff", {"name": "fromVersion", "valueInteger": 1}, (400, "0362")),
        ("$expunge", {"name": "expungeDeletedResources", "valueString": "true"}, (400, "0362")),
    ],
)
def test_an_argument_of_another_type_is_refused(
    fhir: FhirClient, fresh: str, operation: str, row: Resource, expected: tuple[int, str]
) -> None:
    fhir.put(patient(fresh))
    assert told(fhir.send("POST", f"Patient/{fresh}/{operation}", parameters(row))) == expected


def test_a_meta_without_labels_changes_nothing(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, meta={"tag": [{"code": "a"}]}))
    for operation in ("$meta-add", "$meta-delete"):
        nothing = parameters({"name": "meta", "valueMeta": {}})
        assert meta_of(fhir.send("POST", f"Patient/{fresh}/{operation}", nothing))["tag"] == [{"code": "a"}]


def test_a_complex_argument_is_taken_from_no_address(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    for operation, name in (("$meta-add", "meta"), ("$validate", "resource")):
        answer = fhir.send("POST", f"Patient/{fresh}/{operation}?{name}=x")
        assert (*told(answer), answer.headers["Allow"]) == (405, "0363", "POST")


@pytest.mark.parametrize("path", ["$meta", "$everything", "$diff", "$document", "$lastn", "$get-resource-counts"])
def test_a_body_is_read_before_anything_else(fhir: FhirClient, path: str) -> None:
    on = {"$document": "Composition/none/", "$lastn": "Observation/", "$get-resource-counts": ""}
    answer = fhir.send("POST", on.get(path, "Patient/none/") + path, "{bad")
    assert told(answer) == (400, "0450")


def test_another_resource_gives_no_arguments(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.send("POST", f"Patient/{fresh}/$everything", patient(fresh)).json()["total"] == 1
    assert told(fhir.send("POST", f"Patient/{fresh}/$meta-add", patient(fresh))) == (400, "0554")


def test_diff_tells_meta_where_it_is_asked_for(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    fhir.put(patient(fresh, active=True))
    rows = fhir.get(f"Patient/{fresh}/$diff?includeMeta=true").json()["parameter"]
    paths = [row["part"][1]["valueString"] for row in rows]
    assert (paths[0], paths[-1]) == ("Patient.meta.versionId", "Patient.active")
    assert fhir.get(f"Patient/{fresh}/$diff?includeMeta=x").status == 400


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Patient/{id}/$diff?fromVersion=9", (404, "0979")),
        ("Patient/{id}/_history/9/$diff", (404, "0979")),
        ("$diff?from=Patient/{id}&to=Organization/x", (400, "1129")),
        ("$diff?from=Patient&to=Patient/{id}", (400, "1129")),
        ("$diff?from=x&to=y", (400, "0572")),
        ("$diff?from=Patient/{id}&to=Patient/{id}/_history/x", (404, "0978")),
        ("$diff?from=Patient/{id}&to=Patient/none", (404, "2001")),
        ("$diff?from=http://elsewhere.org/Patient/{id}/_history/1&to=Patient/{id}", (200, "")),
    ],
)
def test_diff_finds_what_it_compares(fhir: FhirClient, fresh: str, path: str, expected: tuple[int, str]) -> None:
    fhir.put(patient(fresh))
    answer = fhir.get(path.format(id=fresh))
    assert ((answer.status == 200 and (200, "")) or told(answer)) == expected


def test_an_operation_of_a_history_is_none(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert told(fhir.get("Patient/_history/$meta")) == (400, "0299")
    assert told(fhir.get(f"Patient/{fresh}/_history/$meta")) == (404, "0978")
    assert meta_of(fhir.get(f"Patient/{fresh}/x/$meta"))["versionId"] == "1"
