from __future__ import annotations

from typing import Any

import pytest

from fhantom.definitions.model import Coding
from fhantom.fhir.operations.listing import in_listing_order
from fhir_client import FhirClient, Resource, diagnostics, entry, patient

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDER_SET = "http://hl7.org/fhir/ValueSet/administrative-gender"


def values(answer: Any) -> dict[str, Any]:
    """Parameters by name; a parameter without a value is None."""
    assert answer.status == 200, answer.text
    return {
        row["name"]: next((value for key, value in row.items() if key != "name"), None)
        for row in answer.json().get("parameter", [])
    }


def observation(id: str, subject: str, **elements: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]},
        "subject": {"reference": subject},
        **elements,
    }


def parameters(**meta: Any) -> Resource:
    return {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}


@pytest.fixture
def record(fhir: FhirClient, fresh: str) -> str:
    """A patient with an organization, two observations of one code and a performer."""
    organization = {"resourceType": "Organization", "id": fresh, "name": "Org"}
    performer = {"resourceType": "Practitioner", "id": fresh}
    performed = {"performer": [{"reference": f"Practitioner/{fresh}"}]}
    answer = fhir.bundle(
        "transaction",
        entry("PUT", f"Organization/{fresh}", organization),
        entry("PUT", f"Practitioner/{fresh}", performer),
        entry(
            "PUT",
            f"Patient/{fresh}",
            patient(fresh, managingOrganization={"reference": f"Organization/{fresh}"}),
        ),
        *(
            entry(
                "PUT",
                f"Observation/{fresh}-{year}",
                observation(f"{fresh}-{year}", f"Patient/{fresh}", effectiveDateTime=year, **performed),
            )
            for year in ("2001", "2002")
        ),
    )
    assert answer.status == 200, answer.text
    return fresh


def test_everything_is_the_patient_then_its_record_then_what_that_refers_to(fhir: FhirClient, record: str) -> None:
    answer = fhir.get(f"Patient/{record}/$everything")
    bundle = answer.json()
    told = [(row["resource"]["resourceType"], row["search"]["mode"]) for row in bundle["entry"]]
    assert told == [
        ("Patient", "match"),
        ("Observation", "match"),
        ("Observation", "match"),
        ("Organization", "match"),
        ("Practitioner", "match"),
    ]
    assert bundle["total"] == 5
    assert answer.headers["Content-Location"] == f"{fhir.base}/Bundle/{bundle['id']}"


def test_everything_comes_in_pages_and_of_the_types_wanted(fhir: FhirClient, record: str) -> None:
    first = fhir.get(f"Patient/{record}/$everything?_count=3").json()
    url = first["link"][1]["url"].removeprefix(fhir.door.origin)
    second = fhir.door.get(url).json()
    assert [len(page["entry"]) for page in (first, second)] == [3, 2]
    wanted = fhir.get(f"Patient/{record}/$everything?_type=Observation").json()
    types = [row["resource"]["resourceType"] for row in wanted["entry"]]
    assert types == ["Patient", "Observation", "Observation", "Practitioner"]
    sent = {"resourceType": "Parameters", "parameter": [{"name": "_count", "valueInteger": 2}]}
    assert len(fhir.send("POST", f"Patient/{record}/$everything", sent).json()["entry"]) == 2
    every = fhir.get("Patient/$everything?_count=1").json()
    assert every["entry"][0]["resource"]["resourceType"] == "Patient"


def test_everything_of_nobody_is_told_by_number(fhir: FhirClient) -> None:
    answer = fhir.get("Patient/none/$everything")
    assert (answer.status, diagnostics(answer)[:9]) == (404, "HAPI-2841")


def test_lastn_sorts_all_observations_and_chooses_none(fhir: FhirClient, record: str) -> None:
    told = [fhir.found(f"Observation/$lastn?_count=500{more}") for more in ("&max=1", "&code=x", "")]
    dates = [id for id in told[0] if record in id]
    assert dates == [f"Observation/{record}-2002", f"Observation/{record}-2001"]
    assert told[0] == told[1] == told[2]
    assert fhir.get("Observation/$lastn?max=x").status == 400


def test_lastn_comes_in_pages_by_get_and_by_post(fhir: FhirClient, record: str) -> None:
    first = fhir.get("Observation/$lastn?_count=1").json()
    second = fhir.door.get(first["link"][1]["url"].removeprefix(fhir.door.origin)).json()
    assert first["entry"][0]["fullUrl"] != second["entry"][0]["fullUrl"]
    one = {"resourceType": "Parameters", "parameter": [{"name": "_count", "valueInteger": 1}]}
    posted = fhir.send("POST", "Observation/$lastn", one)
    assert posted.json()["entry"][0]["fullUrl"] == first["entry"][0]["fullUrl"]
    assert posted.headers["Location"] == f"{fhir.base}/Bundle/{posted.json()['id']}"
    assert "HAPI-0524" in diagnostics(fhir.get("Observation/$lastn?foo=bar"))


def test_a_document_holds_what_the_composition_refers_to(fhir: FhirClient, record: str) -> None:
    subject: Any = {"reference": f"Patient/{record}"}
    composition = {
        "resourceType": "Composition",
        "id": record,
        "status": "final",
        "type": {"text": "x"},
        "subject": subject if fhir.root == "/fhir-r4" else [subject],
        "date": "2020",
        "author": [{"reference": f"Practitioner/{record}"}],
        "title": "x",
    }
    assert fhir.put(composition).status == 201
    bundle = fhir.get(f"Composition/{record}/$document").json()
    assert bundle["type"] == "document"
    assert [row["fullUrl"].removeprefix(fhir.base + "/") for row in bundle["entry"]] == [
        f"Composition/{record}",
        f"Organization/{record}",
        f"Practitioner/{record}",
        f"Patient/{record}",
    ]
    assert [row["search"]["mode"] for row in bundle["entry"]] == ["match", "include", "include", "include"]
    assert (bundle["total"], bundle["link"][0]["relation"]) == (1, "self")
    assert fhir.send("POST", f"Composition/{record}/$document", {"resourceType": "Parameters"}).json()["total"] == 1


def test_labels_change_without_a_version(fhir: FhirClient, record: str) -> None:
    path = f"Patient/{record}"
    tag = {"system": "http://t", "code": record}
    added = values(fhir.send("POST", f"{path}/$meta-add", parameters(tag=[tag], profile=["http://p"])))
    assert (added["return"]["versionId"], added["return"]["tag"]) == ("1", [tag])
    assert fhir.found(f"Patient?_tag=http://t|{record}") == [path]
    assert tag in values(fhir.get("Patient/$meta"))["return"]["tag"]
    left = values(fhir.send("POST", f"{path}/$meta-delete", parameters(tag=[tag])))
    assert (left["return"]["profile"], "tag" in left["return"]) == (["http://p"], False)
    assert fhir.found(f"Patient?_tag=http://t|{record}") == []
    assert values(fhir.get(f"{path}/$meta")) == left
    assert fhir.send("POST", f"{path}/$meta-add", {"resourceType": "Parameters"}).status == 400


def test_diff_tells_what_an_update_changed(fhir: FhirClient, fresh: str) -> None:
    name = [{"family": "A", "given": ["x", "y"]}]
    fhir.put(patient(fresh, name=name, gender="male"))
    changed = [{"family": "B", "given": ["x"]}, {"family": "C"}]
    fhir.put(patient(fresh, name=changed, birthDate="2000-01-01"))
    rows = fhir.get(f"Patient/{fresh}/$diff").json()["parameter"]
    told = [
        {part["name"]: next(value for key, value in part.items() if key != "name") for part in row["part"]}
        for row in rows
    ]
    assert [(row["type"], row["path"]) for row in told] == [
        ("replace", "Patient.name[0].family"),
        ("delete", "Patient.name[0].given[1]"),
        ("insert", "Patient.name"),
        ("delete", "Patient.gender"),
        ("insert", "Patient.birthDate"),
    ]
    assert (told[0]["previousValue"], told[0]["value"]) == ("A", "B")


def test_diff_of_the_first_version_is_its_insertion(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    (row,) = fhir.get(f"Patient/{fresh}/$diff").json()["parameter"]
    assert row["part"][0]["valueCode"] == "insert"
    assert fhir.get("$diff").status == 400
    between = fhir.get(f"$diff?from=Patient/{fresh}&to=Patient/{fresh}")
    assert "parameter" not in between.json()


@pytest.mark.parametrize(
    ("resource", "severities"),
    [
        ({"resourceType": "Patient", "gender": "male"}, ["warning"]),
        ({"resourceType": "Patient", "foo": 1}, ["error", "warning"]),
        ({"resourceType": "Patient", "name": [{"foo": 1}]}, ["error", "warning"]),
        ({"resourceType": "Basic"}, ["error", "warning"]),
    ],
)
def test_validate_finds_what_is_wrong(fhir: FhirClient, resource: Resource, severities: list[str]) -> None:
    kind = resource["resourceType"]
    named = {**resource, "id": "x"}
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": named}]}
    for body in (resource, wrapped):
        answer = fhir.send("POST", f"{kind}/$validate", body)
        assert answer.status == 200
        assert [issue["severity"] for issue in answer.json()["issue"]] == severities


def test_validate_tells_an_unknown_profile_and_refuses_what_it_cannot_read(fhir: FhirClient) -> None:
    answer = fhir.send("POST", "Patient/$validate?profile=http://none", {"resourceType": "Patient"})
    assert answer.json()["issue"][-1]["severity"] == "error"
    assert fhir.send("POST", "Patient/$validate", {"resourceType": "Patient", "gender": "x"}).status == 400
    assert fhir.send("POST", "Patient/$validate", {"resourceType": "Basic"}).status == 200
    assert fhir.send("POST", "Patient/$validate").status == 400


@pytest.mark.parametrize(
    ("mode", "on_type", "on_instance"),
    [
        ("create", "", "HAPI-0997"),
        ("update", "HAPI-0998", ""),
        ("delete", "HAPI-0991", ""),
        ("bogus", "HAPI-0364", "HAPI-0364"),
    ],
)
def test_validate_heeds_its_mode(fhir: FhirClient, fresh: str, mode: str, on_type: str, on_instance: str) -> None:
    fhir.put(patient(fresh))
    for path, body, number in (
        ("Patient", {"resourceType": "Patient"}, on_type),
        (f"Patient/{fresh}", {}, on_instance),
    ):
        sent = body or patient(fresh)
        answer = fhir.send("POST", f"{path}/$validate?mode={mode}", sent)
        assert (answer.status == 200) is not number.startswith("HAPI")
        assert number in diagnostics(answer)


def test_a_value_set_is_expanded_in_the_real_servers_order(fhir: FhirClient) -> None:
    answer = fhir.get(f"ValueSet/$expand?url={GENDER_SET}&filter=fem").json()
    assert [row["code"] for row in answer["expansion"]["contains"]] == ["other", "male", "female", "unknown"]
    missing = fhir.get("ValueSet/$expand?url=http://none")
    assert (missing.status, diagnostics(missing)[:9]) == (404, "HAPI-2788")


def test_the_listing_order_is_a_hash_tables() -> None:
    codings = [Coding("s", str(at)) for at in range(40)]
    ordered = in_listing_order(codings)
    assert sorted(ordered, key=lambda coding: int(coding.code)) == codings
    assert in_listing_order(codings[::-1][::-1]) == ordered


def test_a_stored_value_set_is_expanded_and_searched_with(fhir: FhirClient, fresh: str) -> None:
    include = [{"system": "http://loinc.org", "concept": [{"code": "1-8", "display": "One"}]}]
    value_set = {
        "resourceType": "ValueSet",
        "id": fresh,
        "url": f"http://vs/{fresh}",
        "status": "active",
        "compose": {"include": include},
    }
    assert fhir.put(value_set).status == 201
    for path in (f"ValueSet/{fresh}/$expand", f"ValueSet/$expand?url=http://vs/{fresh}"):
        expansion = fhir.get(path).json()["expansion"]["contains"]
        assert expansion == [{"system": "http://loinc.org", "code": "1-8", "display": "One"}]
    fhir.put(patient(fresh))
    fhir.put(observation(fresh, f"Patient/{fresh}"))
    found = fhir.found(f"Observation?code:in=http://vs/{fresh}&subject=Patient/{fresh}")
    assert found == [f"Observation/{fresh}"]


@pytest.mark.parametrize(("code", "result"), [("male", True), ("bogus", False)])
def test_codes_are_validated_against_sets_and_systems(fhir: FhirClient, code: str, result: bool) -> None:
    in_set = values(fhir.get(f"ValueSet/$validate-code?url={GENDER_SET}&system={GENDER}&code={code}"))
    in_system = values(fhir.get(f"CodeSystem/$validate-code?url={GENDER}&code={code}"))
    assert in_set["result"] is in_system["result"] is result
    assert fhir.get(f"ValueSet/$validate-code?url={GENDER_SET}").status == 400


def test_a_code_is_looked_up(fhir: FhirClient) -> None:
    found = values(fhir.get(f"CodeSystem/$lookup?system={GENDER}&code=male"))
    assert (found["name"], found["display"], found["abstract"]) == ("AdministrativeGender", "Male", False)
    assert fhir.get(f"CodeSystem/$lookup?system={GENDER}&code=x").status == 404
    assert fhir.get("CodeSystem/$lookup").status == 400


def test_a_code_is_translated_by_a_stored_map(fhir: FhirClient, fresh: str) -> None:
    relation = "equivalence" if fhir.root == "/fhir-r4" else "relationship"
    target = {"code": "b", relation: "equivalent"}
    group = {"source": "http://a", "target": "http://b", "element": [{"code": "a", "target": [target]}]}
    concept_map = {
        "resourceType": "ConceptMap",
        "id": fresh,
        "url": f"http://map/{fresh}",
        "status": "active",
        "group": [group],
    }
    assert fhir.put(concept_map).status == 201
    found = values(fhir.get(f"ConceptMap/$translate?url=http://map/{fresh}&system=http://a&code=a"))
    assert found["result"] is True
    assert {"name": "concept", "valueCoding": {"system": "http://b", "code": "b"}} in found["match"]
    assert values(fhir.get("ConceptMap/$translate?system=http://a&code=zz"))["result"] is False


def test_expunge_forgets_a_deleted_resource(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    confirm = {
        "resourceType": "Parameters",
        "parameter": [{"name": "expungeDeletedResources", "valueBoolean": True}],
    }
    kept = values(fhir.send("POST", f"Patient/{fresh}/$expunge", confirm))
    fhir.send("DELETE", f"Patient/{fresh}")
    gone = values(fhir.send("POST", f"Patient/{fresh}/$expunge", confirm))
    assert (kept["count"], gone["count"]) == (0, 2)
    assert fhir.get(f"Patient/{fresh}").status == 404


def test_an_operation_takes_the_methods_that_it_names(fhir: FhirClient) -> None:
    answer = fhir.get("Patient/x/$expunge")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert fhir.get("$get-resource-counts").json() == {"resourceType": "Parameters"}
    assert fhir.get("$reindex").status == 405
