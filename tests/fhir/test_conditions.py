from __future__ import annotations

from typing import Any

import pytest

from fhantom.fhir.conditions import match_url
from fhir_client import FhirClient, codes, diagnostics, entry, patient


def identified(value: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": "http://c", "value": value}], **elements}


def url(value: str) -> str:
    return f"Patient?identifier=http://c|{value}"


@pytest.mark.parametrize(
    "text", ["identifier=a|b", "Patient?identifier=a|b", "identifier%3Da%7Cb", "Patient%3Fidentifier%3Da%7Cb"]
)
def test_a_condition_is_understood_in_every_spelling(text: str) -> None:
    assert match_url("Patient", text) == "Patient?identifier=a|b"


def test_a_create_on_a_condition_happens_once(fhir: FhirClient, fresh: str) -> None:
    condition = f"identifier=http://c|{fresh}"
    first = fhir.post(identified(fresh), If_None_Exist=condition)
    second = fhir.post(identified(fresh, gender="male"), If_None_Exist=condition)
    assert (first.status, second.status) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]


def test_a_new_resource_must_fulfil_its_own_condition(fhir: FhirClient, fresh: str) -> None:
    answer = fhir.post(identified("other"), If_None_Exist=f"identifier=http://c|{fresh}")
    assert diagnostics(answer).startswith("HAPI-0929")
    assert fhir.found(url(fresh)) == []


@pytest.mark.parametrize(
    ("method", "number"),
    [("POST", "HAPI-0958"), ("PUT", "HAPI-0988"), ("PATCH", "HAPI-0972"), ("DELETE", "HAPI-0962")],
)
def test_a_condition_that_several_fulfil_is_refused(fhir: FhirClient, fresh: str, method: str, number: str) -> None:
    fhir.post(identified(fresh))
    fhir.post(identified(fresh))
    if method == "POST":
        answer = fhir.post(identified(fresh), If_None_Exist=f"identifier=http://c|{fresh}")
    elif method == "PATCH":
        answer = fhir.send("PATCH", url(fresh), b"[]", Content_Type="application/json-patch+json")
    else:
        answer = fhir.send(method, url(fresh), identified(fresh) if method == "PUT" else b"")
    assert answer.status == 412
    assert diagnostics(answer).startswith(number)
    assert len(fhir.found(url(fresh))) == 2


def test_an_update_on_a_condition_creates_then_updates(fhir: FhirClient, fresh: str) -> None:
    first = fhir.send("PUT", url(fresh), identified(fresh))
    second = fhir.send("PUT", url(fresh), identified(fresh, id="ignored", gender="male"))
    assert (first.status, second.status) == (201, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["meta"]["versionId"] == "2"


def test_a_delete_on_a_condition_tells_when_nothing_fulfils_it(fhir: FhirClient, fresh: str) -> None:
    fhir.post(identified(fresh))
    assert codes(fhir.send("DELETE", url(fresh)).json()) == ["SUCCESSFUL_DELETE"]
    issue = fhir.send("DELETE", url(fresh)).json()["issue"][0]
    assert (issue["severity"], issue["code"]) == ("warning", "not-found")


@pytest.mark.parametrize(
    ("method", "path", "number"),
    [
        ("DELETE", "Patient", "HAPI-0967"),
        ("DELETE", "Patient?foo=bar", "HAPI-0488"),
        ("PUT", "Patient", "HAPI-0418"),
        ("PUT", "Patient?foo=bar", "HAPI-0488"),
        ("PUT", "Patient?identifier=", "HAPI-0518"),
        ("PATCH", "Patient?_id=none", "HAPI-0973"),
    ],
)
def test_a_condition_must_be_one(fhir: FhirClient, method: str, path: str, number: str) -> None:
    if method == "PATCH":
        answer = fhir.send(method, path, b"[]", Content_Type="application/json-patch+json")
    else:
        answer = fhir.send(method, path, patient("x"))
    assert answer.status == (404 if method == "PATCH" else 400)
    assert diagnostics(answer).startswith(number)


@pytest.mark.parametrize(
    "condition",
    ["organization.name=@", "_has:Observation:patient:code=@", "family:exact=@", "_lastUpdated=lt1990&_tag=@"],
)
def test_nobody_creates_twice_on_a_condition_that_cannot_be_judged(
    fhir: FhirClient, fresh: str, condition: str
) -> None:
    url = f"Patient?{condition.replace('@', fresh)}"
    first = fhir.send("PUT", url, {"resourceType": "Patient"})
    assert first.status == 201
    second = fhir.send("PUT", url, {"resourceType": "Patient"})
    assert (second.status, diagnostics(second)[:20]) == (409, "HAPI-0550: HAPI-2745")
    in_bundle = fhir.bundle("transaction", entry("PUT", url, {"resourceType": "Patient"}))
    assert in_bundle.status == 409
    fhir.send("DELETE", "Patient/" + first.headers["Content-Location"].split("/")[-3])
    assert fhir.send("PUT", url, {"resourceType": "Patient"}).status == 201


@pytest.mark.parametrize(("condition", "number"), [("_list=x", "HAPI-1223"), ("_language=de", "HAPI-0488")])
def test_a_condition_takes_no_list_and_no_language(fhir: FhirClient, condition: str, number: str) -> None:
    assert diagnostics(fhir.post({"resourceType": "Patient"}, If_None_Exist=condition)).startswith(number)
