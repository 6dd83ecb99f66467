from __future__ import annotations

import base64
from typing import Any

import pytest

from fhir_client import FhirClient, Resource, codes, diagnostics, entry, patient

PERSON = {"resourceType": "Patient", "gender": "female"}
URN = "urn:uuid:00000001-0000-4000-8000-000000000000"


def observation(reference: str, **elements: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "tx"},
        "subject": {"reference": reference},
        **elements,
    }


def responses(answer: Any) -> list[Resource]:
    assert answer.status == 200, answer.text
    return [entry["response"] for entry in answer.json()["entry"]]


def created_id(response: Resource) -> str:
    return str(response["location"]).split("/")[1]


def test_entries_refer_to_each_other_whatever_their_order(fhir: FhirClient) -> None:
    answer = fhir.bundle(
        "transaction",
        entry("POST", "Observation", observation(URN)),
        entry("POST", "Patient", PERSON, fullUrl=URN),
    )
    first, second = responses(answer)
    assert (first["status"], first["etag"], codes(first["outcome"])) == ("201 Created", "1", ["SUCCESSFUL_CREATE"])
    assert "lastModified" in first
    stored = fhir.get(f"Observation/{created_id(first)}").json()
    assert stored["subject"]["reference"] == f"Patient/{created_id(second)}"


def test_the_answer_is_a_bundle_that_is_not_kept(fhir: FhirClient) -> None:
    answer = fhir.bundle("transaction", entry("POST", "Patient", PERSON))
    bundle = answer.json()
    assert bundle["type"] == "transaction-response"
    assert bundle["link"] == [{"relation": "self", "url": fhir.base}]
    assert answer.headers["Location"] == f"{fhir.base}/Bundle/{bundle['id']}"
    assert fhir.get(f"Bundle/{bundle['id']}").status == 404


@pytest.mark.parametrize(
    ("full_url", "own", "reference"),
    [
        ("urn:oid:1.2.3", {"id": "own"}, "urn:oid:1.2.3"),
        ("http://example.org/fhir/Patient/abc", {}, "Patient/abc"),
        ("http://example.org/fhir/Patient/abc", {"id": "own"}, "Patient/own"),
        ("Organization/abc", {}, "Organization/abc"),
        ("bogus", {"id": "own"}, "Patient/own"),
    ],
    ids=["an OID", "the end of an address", "an id beside an address", "a relative address", "an id"],
)
def test_every_kind_of_name_is_resolved(fhir: FhirClient, full_url: str, own: dict[str, str], reference: str) -> None:
    person = {**PERSON, **own}
    answer = fhir.bundle(
        "transaction",
        entry("POST", "Patient", person, fullUrl=full_url),
        entry("POST", "Observation", observation(reference)),
    )
    first, second = responses(answer)
    stored = fhir.get(f"Observation/{created_id(second)}").json()
    assert stored["subject"]["reference"] == f"Patient/{created_id(first)}"


def test_an_absolute_reference_leads_elsewhere_even_to_an_entry_of_that_address(fhir: FhirClient) -> None:
    address = "http://example.org/fhir/Patient/abc"
    created = entry("POST", "Patient", PERSON, fullUrl=address)
    answer = fhir.bundle("transaction", created, entry("POST", "Observation", observation(address)))
    assert (answer.status, diagnostics(answer)[:9]) == (400, "HAPI-0507")


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_get_may_ask_for_what_has_changed(fhir: FhirClient, fresh: str, kind: str) -> None:
    fhir.put(patient(fresh))
    asked = [entry("GET", f"Patient/{fresh}", ifNoneMatch=tag) for tag in ('W/"1"', 'W/"9"')]
    statuses = [response["status"] for response in responses(fhir.bundle(kind, *asked))]
    assert statuses == ["304 Not Modified", "200 OK"]


def test_a_get_that_leads_nowhere_fails_a_transaction_but_no_batch(fhir: FhirClient) -> None:
    assert fhir.bundle("transaction", entry("GET", "Foo/1")).status == 404
    assert responses(fhir.bundle("batch", entry("GET", "Foo/1")))[0]["status"] == "404 Not Found"


def test_uris_are_resolved_and_narratives_and_identifiers_stay(fhir: FhirClient) -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{URN}">x</a></div>'
    person = {
        **PERSON,
        "text": {"status": "generated", "div": div},
        "identifier": [{"value": URN}],
        "extension": [{"url": "http://e", "valueUri": URN}],
    }
    (response,) = responses(fhir.bundle("transaction", entry("POST", "Patient", person, fullUrl=URN)))
    stored = fhir.get(f"Patient/{created_id(response)}").json()
    assert (stored["text"]["div"], stored["identifier"]) == (div, [{"value": URN}])
    assert stored["extension"][0]["valueUri"] == f"Patient/{created_id(response)}"


def test_a_put_may_choose_its_id_and_ignores_that_of_the_body(fhir: FhirClient, fresh: str) -> None:
    bundle = [entry("PUT", f"Patient/{fresh}", patient("another"))]
    (first,) = responses(fhir.bundle("transaction", *bundle))
    (second,) = responses(fhir.bundle("transaction", *bundle))
    assert (first["status"], codes(first["outcome"])) == ("201 Created", ["SUCCESSFUL_UPDATE_AS_CREATE"])
    assert (second["status"], codes(second["outcome"])) == ("200 OK", ["SUCCESSFUL_UPDATE_NO_CHANGE"])
    assert "lastModified" not in second


def test_deletes_are_judged_on_the_final_state(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    fhir.put({**observation(f"Patient/{fresh}"), "id": fresh})
    alone = fhir.bundle("transaction", entry("DELETE", f"Patient/{fresh}"))
    assert alone.status == 409
    both = [entry("DELETE", f"Patient/{fresh}"), entry("DELETE", f"Observation/{fresh}")]
    assert [row["status"] for row in responses(fhir.bundle("transaction", *both))] == ["204 No Content"] * 2
    assert fhir.get(f"Patient/{fresh}").status == 410


def test_deleting_what_never_was_is_no_error(fhir: FhirClient, fresh: str) -> None:
    (response,) = responses(fhir.bundle("transaction", entry("DELETE", f"Patient/{fresh}")))
    assert (response["status"], codes(response["outcome"])) == ("204 No Content", ["SUCCESSFUL_DELETE_NOT_FOUND"])
    assert "location" not in response


def test_conditions_of_entries(fhir: FhirClient, fresh: str) -> None:
    person = {**PERSON, "identifier": [{"system": "http://t", "value": fresh}]}
    condition = f"identifier=http://t|{fresh}"
    create = entry("POST", "Patient", person, fullUrl=URN, ifNoneExist=condition)
    told = [
        [codes(row["outcome"])[0] for row in responses(fhir.bundle("transaction", *entries))]
        for entries in (
            [create, entry("POST", "Observation", observation(URN))],
            [create, entry("POST", "Observation", observation(URN))],
            [entry("PUT", f"Patient?{condition}", {**person, "active": True})],
            [entry("POST", "Observation", observation(f"Patient?{condition}"))],
        )
    ]
    assert told == [
        ["SUCCESSFUL_CREATE_NO_CONDITIONAL_MATCH", "SUCCESSFUL_CREATE"],
        ["SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH", "SUCCESSFUL_CREATE"],
        ["SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH"],
        ["SUCCESSFUL_CREATE"],
    ]
    assert len(fhir.found(f"Patient?{condition}")) == 1


def test_gets_see_what_the_writes_made_and_may_fail_alone(fhir: FhirClient, fresh: str) -> None:
    answer = fhir.bundle(
        "transaction",
        entry("GET", f"Patient/{fresh}"),
        entry("GET", "Patient/none"),
        entry("GET", f"Patient?_id={fresh}"),
        entry("PUT", f"Patient/{fresh}", patient(fresh)),
    )
    read, missing, search, _ = answer.json()["entry"]
    assert read["resource"]["id"] == fresh
    assert missing["response"]["status"] == "404 Not Found"
    assert missing["response"]["outcome"]["issue"][0]["code"] == "exception"
    assert search["resource"]["total"] == 1


def test_patches_in_both_languages_change_what_the_transaction_wrote(fhir: FhirClient, fresh: str) -> None:
    json_patch = base64.b64encode(b'[{"op":"add","path":"/active","value":true}]').decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": json_patch}
    parts = [
        {"name": "type", "valueCode": "add"},
        {"name": "path", "valueString": "Patient"},
        {"name": "name", "valueString": "birthDate"},
        {"name": "value", "valueDate": "1980-02-03"},
    ]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    fhir.put(patient(fresh))
    answer = fhir.bundle(
        "transaction",
        entry("PATCH", f"Patient/{fresh}", parameters),
        entry("PUT", f"Patient/{fresh}", patient(fresh, gender="male")),
    )
    assert codes(responses(answer)[0]["outcome"]) == ["SUCCESSFUL_PATCH"]
    responses(fhir.bundle("transaction", entry("PATCH", f"Patient/{fresh}", binary)))
    stored = fhir.get(f"Patient/{fresh}").json()
    assert (stored["gender"], stored["birthDate"], stored["active"]) == ("male", "1980-02-03", True)


def test_prefer_representation_shows_what_was_written(fhir: FhirClient) -> None:
    answer = fhir.bundle("transaction", entry("POST", "Patient", PERSON), Prefer="return=representation")
    assert answer.json()["entry"][0]["resource"]["gender"] == "female"


WRONG: dict[str, tuple[list[Resource], int, str]] = {
    "unknown target": ([entry("POST", "Observation", observation("Patient/none"))], 400, "HAPI-1094"),
    "numeric id": ([entry("PUT", "Patient/123", patient("123"))], 400, "HAPI-0960"),
    "unknown placeholder": ([entry("POST", "Observation", observation(URN))], 400, "HAPI-0541"),
    "fullUrl twice": ([entry("POST", "Patient", PERSON, fullUrl=URN)] * 2, 400, "HAPI-0534"),
    "id twice": ([entry("PUT", "Patient/twice", patient("twice"))] * 2, 400, "HAPI-0535"),
    "no method": ([{"resource": PERSON}], 400, "HAPI-0529"),
    "no resource": ([entry("POST", "Patient")], 400, "HAPI-0543"),
    "no id": ([entry("PUT", "Patient", PERSON)], 400, "HAPI-0518"),
    "unknown type": ([entry("POST", "Foo", PERSON)], 400, "HAPI-2006"),
    "no patch": ([entry("PATCH", "Patient/x", PERSON)], 400, "HAPI-0537"),
    "bad code": ([entry("POST", "Patient", {**PERSON, "gender": "banana"})], 400, "HAPI-0450"),
    "bad method": ([entry("FOO", "Patient", PERSON)], 400, "HAPI-0450"),
    "no match": ([entry("POST", "Observation", observation("Patient?_id=none"))], 404, "HAPI-1091"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_transaction_that_fails_leaves_no_trace(fhir: FhirClient, fresh: str, name: str) -> None:
    entries, status, number = WRONG[name]
    good = entry("PUT", f"Patient/{fresh}", patient(fresh))
    answer = fhir.bundle("transaction", good, *entries)
    assert (answer.status, diagnostics(answer)[:9]) == (status, number)
    assert fhir.get(f"Patient/{fresh}").status == 404


def test_if_match_of_an_entry_fails_the_whole(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    stale = entry("PUT", f"Patient/{fresh}", patient(fresh, active=True), ifMatch='W/"7"')
    answer = fhir.bundle("transaction", entry("POST", "Patient", PERSON), stale)
    assert (answer.status, diagnostics(answer)[:22]) == (409, "HAPI-0550: HAPI-0989: ")


@pytest.mark.parametrize("kind", ["collection", "searchset"])
def test_other_bundles_are_no_requests(fhir: FhirClient, kind: str) -> None:
    assert diagnostics(fhir.bundle(kind)).startswith("HAPI-0527")


def test_a_bundle_without_type_is_a_transaction_and_may_be_empty(fhir: FhirClient) -> None:
    answer = fhir.send("POST", "", {"resourceType": "Bundle"})
    assert (answer.json()["type"], "entry" in answer.json()) == ("transaction-response", False)


def test_the_entries_of_a_batch_succeed_and_fail_alone(fhir: FhirClient, fresh: str) -> None:
    answer = fhir.bundle(
        "batch",
        entry("GET", "Patient/none"),
        entry("PUT", f"Patient/{fresh}", patient(fresh)),
        entry("POST", "Observation", observation(URN)),
        entry("GET", "Patient?foo=bar"),
        entry("GET", "Foo"),
        entry("DELETE", "Patient/none"),
        entry("GET", "metadata"),
        entry("GET", f"/Patient/{fresh}/_history"),
        entry("GET", f"Patient/{fresh}/$meta"),
        {"resource": PERSON},
    )
    told = [row["status"][:3] for row in responses(answer)]
    assert told == ["404", "201", "400", "400", "404", "204", "200", "200", "200", "400"]
    assert answer.json()["type"] == "batch-response"
    assert fhir.get(f"Patient/{fresh}").status == 200


def test_a_batch_in_xml_is_answered_in_xml(fhir: FhirClient) -> None:
    body = (
        b'<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><request><method value="GET"/>'
        b'<url value="Patient?_count=1"/></request></entry></Bundle>'
    )
    headers: dict[str, str | None] = {"Content-Type": "application/fhir+xml"}
    answer = fhir.door.request("POST", fhir.root, headers, body)
    assert answer.status == 200
    assert '<type value="batch-response"/>' in answer.text
