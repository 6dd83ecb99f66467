"""Operations and transactions that ask for too little, too much or something else, with HAPI's numbers."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, diagnostics, entry, patient

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDER_SET = "http://hl7.org/fhir/ValueSet/administrative-gender"
Resource = dict[str, Any]


def parameters(**given: Any) -> Resource:
    """Parameters of which each name tells its type too: `coding__valueCoding`."""
    rows = [{"name": name.partition("__")[0], name.partition("__")[2]: value} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": rows}


MALE = {"system": GENDER, "code": "male"}


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("ValueSet/$expand", "1133"),
        (f"ValueSet/$validate-code?url={GENDER_SET}", "0899"),
        ("ValueSet/$validate-code?code=male", "0901"),
        (f"CodeSystem/$validate-code?url={GENDER}", "0906"),
        ("CodeSystem/$validate-code?code=male", "0908"),
        ("CodeSystem/$lookup?code=male", "1126"),
        ("ConceptMap/$translate", "1154"),
    ],
)
def test_what_an_operation_lacks_is_told(fhir: FhirClient, path: str, number: str) -> None:
    answer = fhir.get(path)
    assert (answer.status, f"HAPI-{number}: " in diagnostics(answer)) == (400, True)


@pytest.mark.parametrize(
    ("path", "body", "number"),
    [
        (
            "ValueSet/$expand",
            parameters(url__valueUri=GENDER_SET, valueSet__resource={"resourceType": "ValueSet"}),
            "1134",
        ),
        (
            "ValueSet/$validate-code",
            parameters(url__valueUri=GENDER_SET, code__valueCode="male", coding__valueCoding=MALE),
            "0900",
        ),
        (
            "CodeSystem/$validate-code",
            parameters(url__valueUri=GENDER, code__valueCode="male", coding__valueCoding=MALE),
            "0907",
        ),
        (
            "CodeSystem/$lookup",
            parameters(system__valueUri=GENDER, code__valueCode="male", coding__valueCoding=MALE),
            "1127",
        ),
        (
            "CodeSystem/$subsumes",
            parameters(codingA__valueCoding=MALE, codingB__valueCoding={"system": "http://other", "code": "x"}),
            "0903",
        ),
    ],
)
def test_what_is_too_much_for_an_operation_is_told(fhir: FhirClient, path: str, body: Resource, number: str) -> None:
    answer = fhir.send("POST", path, body)
    assert (answer.status, f"HAPI-{number}: " in diagnostics(answer)) == (400, True)


def test_codes_that_are_not_known_cannot_be_compared(fhir: FhirClient) -> None:
    assert fhir.get(f"CodeSystem/$subsumes?system={GENDER}&codeA=male&codeB=unicorn").status == 400


def test_a_code_is_judged_by_no_value_set_that_is_not_there(fhir: FhirClient) -> None:
    answer = fhir.get("ValueSet/$validate-code?url=http://none&code=x&system=http://y")
    assert (answer.status, answer.json()["parameter"][0]) == (200, {"name": "result", "valueBoolean": False})


def test_resources_of_different_types_have_no_difference(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    fhir.put({"resourceType": "Basic", "id": fresh, "code": {"text": "x"}})
    answer = fhir.get(f"$diff?from=Patient/{fresh}&to=Basic/{fresh}")
    assert (answer.status, "HAPI-1129" in diagnostics(answer)) == (400, True)


def test_deleting_for_good_is_off(fhir: FhirClient) -> None:
    answer = fhir.send("DELETE", "Patient?name=nobody&_expunge=true")
    assert (answer.status, "HAPI-0963" in diagnostics(answer)) == (405, True)


def identified(value: str) -> Resource:
    return {"resourceType": "Patient", "identifier": [{"system": "http://p", "value": value}]}


def test_entries_that_ask_for_the_same_on_the_same_condition_are_one(fhir: FhirClient, fresh: str) -> None:
    condition = f"identifier=http://p|{fresh}"
    twice = [
        entry(
            "POST",
            "Patient",
            identified(fresh),
            fullUrl=f"urn:uuid:0000000{at}-0000-4000-8000-000000000000",
            ifNoneExist=condition,
        )
        for at in (1, 2)
    ]
    seen = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "urn:uuid:00000002-0000-4000-8000-000000000000"},
    }
    answer = fhir.bundle("transaction", *twice, entry("POST", "Observation", seen))
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["201 Created", "201 Created"]
    [found] = fhir.found(f"Patient?{condition}")
    assert fhir.found(f"Observation?subject={found}") != []


def test_updates_on_the_same_condition_are_one(fhir: FhirClient, fresh: str) -> None:
    url = f"Patient?identifier=http://p|{fresh}"
    twice = [
        entry("PUT", url, identified(fresh), fullUrl=f"urn:uuid:0000000{at}-0000-4000-8000-000000000000")
        for at in (1, 2)
    ]
    assert len(fhir.bundle("transaction", *twice).json()["entry"]) == 1
    assert len(fhir.found(url)) == 1


@pytest.mark.parametrize(
    ("entries", "status", "number"),
    [
        ([entry("POST", "Patient", identified("x"), ifNoneExist="identifier=http://p|x")] * 2, 400, "2008"),
        ([entry("POST", "Patient", identified("x"), fullUrl="cid:one")], 400, "0533"),
        ([entry("POST", "Patient", identified("x"), fullUrl="urn:foo:one")], 400, "0533"),
        ([entry("POST", "Patient", identified("x"), ifNoneExist="identifier=http://p|y")], 412, "0539"),
        ([entry("PUT", "Patient?identifier=http://p|y", identified("x"))], 412, "0539"),
        (
            [
                entry(
                    "PATCH",
                    "Patient/x",
                    {"resourceType": "Binary", "contentType": "application/fhir+json", "data": "e30="},
                )
            ],
            400,
            "0536",
        ),
        (
            [entry("PATCH", "Patient/x", {"resourceType": "Binary", "contentType": "application/json-patch+json"})],
            400,
            "0537",
        ),
        ([entry("POST", "Patient", patient("x")), entry("POST", "Patient", patient("x"))], 400, "0535"),
        ([entry("HEAD", "Patient/x")], 400, "0538"),
        ([entry("PUT", "", identified("x"))], 400, "1101"),
        ([entry("DELETE", "")], 400, "0545"),
    ],
    ids=[
        "anonymous repeats",
        "cid",
        "other urn",
        "create not fulfilled",
        "update not fulfilled",
        "FHIR in a Binary",
        "empty",
        "one id twice",
        "HEAD",
        "PUT nowhere",
        "DELETE nothing",
    ],
)
def test_a_transaction_that_cannot_be_meant_is_refused(
    fhir: FhirClient, entries: list[Resource], status: int, number: str
) -> None:
    if number.startswith("053") and entries[0]["request"]["method"] == "PATCH":
        fhir.put(patient("x"))
    answer = fhir.bundle("transaction", *entries)
    assert (answer.status, f"HAPI-{number}: " in diagnostics(answer)) == (status, True)
