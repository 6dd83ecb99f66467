from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from fhir_client import JSON, FhirClient, codes, diagnostics, patient


def observation(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


def test_a_create_assigns_a_number_and_ignores_the_clients_id_and_version(fhir: FhirClient) -> None:
    answer = fhir.post(patient("mine", meta={"versionId": "9"}, foo="bar"))
    created = answer.json()
    assert answer.status == 201
    assert created["id"].isdigit()
    assert created["meta"]["versionId"] == "1"
    assert "foo" not in created
    where = f"{fhir.base}/Patient/{created['id']}/_history/1"
    assert answer.headers["Location"] == answer.headers["Content-Location"] == where
    assert fhir.get(f"Patient/{created['id']}").json() == created


def test_a_put_creates_and_then_updates(fhir: FhirClient, fresh: str) -> None:
    assert fhir.put(patient(fresh)).status == 201
    answer = fhir.put(patient(fresh, gender="male"))
    assert (answer.status, answer.headers["ETag"]) == (200, 'W/"2"')
    assert "Location" not in answer.headers


def test_the_same_content_makes_no_version(fhir: FhirClient, fresh: str) -> None:
    first = fhir.put(patient(fresh, gender="male")).json()
    assert fhir.put(patient(fresh, gender="male")).json() == first


def test_what_was_read_can_be_put_back_with_its_meta(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, gender="male"))
    read = fhir.get(f"Patient/{fresh}").json()
    answer = fhir.put({**read, "gender": "female"})
    assert (answer.status, answer.json()["meta"]["versionId"]) == (200, "2")


def test_labels_add_up_over_versions(fhir: FhirClient, fresh: str) -> None:
    for code in ("one", "two"):
        tag = {"system": "http://x", "code": code}
        fhir.put(
            patient(fresh, meta={"tag": [tag, {"display": "of nothing"}], "profile": ["http://p", f"http://{code}"]})
        )
    meta = fhir.get(f"Patient/{fresh}").json()["meta"]
    assert [tag["code"] for tag in meta["tag"]] == ["one", "two"]
    assert meta["profile"] == ["http://p", "http://two"]


def test_tags_outlive_a_deletion(fhir: FhirClient, fresh: str) -> None:
    tag = {"system": "http://x", "code": "lasting"}
    fhir.put(patient(fresh, meta={"tag": [tag]}))
    fhir.send("DELETE", f"Patient/{fresh}")
    assert fhir.put(patient(fresh)).json()["meta"]["tag"] == [tag]


def test_a_compressed_body_is_unpacked(fhir: FhirClient, fresh: str) -> None:
    packed = gzip.compress(json.dumps(patient(fresh)).encode())
    assert fhir.send("PUT", f"Patient/{fresh}", packed, Content_Encoding="gzip").status == 201
    for broken in (packed[:-9], b"{}"):
        answer = fhir.send("PUT", f"Patient/{fresh}", broken, Content_Encoding="gzip")
        assert (answer.status, diagnostics(answer)[:9]) == (400, "HAPI-0308")


def test_the_body_may_name_its_id_by_an_address(fhir: FhirClient, fresh: str) -> None:
    assert fhir.send("PUT", f"Patient/{fresh}", patient(f"http://x/Patient/{fresh}/_history/3")).status == 201


def test_a_condition_finds_what_a_reference_means_whatever_its_type(fhir: FhirClient, fresh: str) -> None:
    fhir.put({"resourceType": "Organization", "id": fresh, "name": fresh})
    subject = {"reference": f"Organization?name={fresh}"}
    assert fhir.post(observation(subject=subject)).json()["subject"] == {"reference": f"Organization/{fresh}"}


def test_a_relative_canonical_must_lead_to_what_is_stored(fhir: FhirClient) -> None:
    answer = fhir.post({"resourceType": "PlanDefinition", "status": "active", "library": ["Library/none"]})
    assert (answer.status, diagnostics(answer)[:9]) == (400, "HAPI-1094")


def test_a_source_is_answered_and_not_kept(fhir: FhirClient, fresh: str) -> None:
    written = fhir.put(patient(fresh, meta={"source": "http://s#abc"}))
    assert written.json()["meta"]["source"] == "http://s#abc"
    assert "source" not in fhir.get(f"Patient/{fresh}").json()["meta"]
    assert fhir.put(patient(fresh, meta={"source": "http://other"})).headers["ETag"] == written.headers["ETag"]


@pytest.mark.parametrize(
    ("id", "body", "number"),
    [
        ("a", patient("b"), "HAPI-0420"),
        ("a", {"resourceType": "Patient"}, "HAPI-0419"),
        ("424242", patient("424242"), "HAPI-0960"),
        ("a_b", patient("a_b"), "HAPI-0521"),
        ("a", {"resourceType": "Observation", "id": "a"}, "HAPI-0450"),
    ],
    ids=["another id", "no id", "a number", "an ill-formed id", "another type"],
)
def test_an_update_must_name_what_it_writes(fhir: FhirClient, id: str, body: dict[str, Any], number: str) -> None:
    answer = fhir.send("PUT", f"Patient/{id}", body)
    assert answer.status == 400
    assert diagnostics(answer).startswith(number)


@pytest.mark.parametrize(
    ("content_type", "body", "numbers"),
    [
        (None, b"{}", ["HAPI-0448"]),
        ("application/x-www-form-urlencoded", b"{}", ["HAPI-0446"]),
        ("text/plain", b"{}", ["HAPI-0449"]),
        (JSON, b"", ["HAPI-0450", "HAPI-1861", "HAPI-1857"]),
        (JSON, b"{", ["HAPI-0450", "HAPI-1861"]),
        (JSON, b"[]", ["HAPI-0450", "HAPI-1861", "HAPI-1859"]),
        (JSON, b'{"name":[]}', ["HAPI-0450", "HAPI-1838"]),
        (JSON, b'{"resourceType":"Foo"}', ["HAPI-0450", "HAPI-1814"]),
        (JSON, b'{"resourceType":"Patient","gender":"banana"}', ["HAPI-0450", "HAPI-1821", "gender", "banana"]),
        ("application/fhir+xml", b"<Patient", ["HAPI-0450", "HAPI-1852"]),
    ],
)
def test_a_body_is_refused_for_the_reason_that_the_real_server_numbers(
    fhir: FhirClient, content_type: str | None, body: bytes, numbers: list[str]
) -> None:
    headers: dict[str, str | None] = {"Accept": JSON, "Content-Type": content_type}
    answer = fhir.door.request("POST", fhir.at("Patient"), headers, body)
    assert answer.status == 400
    assert all(number in diagnostics(answer) for number in numbers)


def test_post_to_an_address_with_an_id_is_refused(fhir: FhirClient) -> None:
    assert diagnostics(fhir.send("POST", "Patient/x", patient("x"))).startswith("HAPI-0365")


@pytest.mark.parametrize(
    ("reference", "status", "number"),
    [
        ("Patient/none-such", 400, "HAPI-1094"),
        ("Foo/1", 422, "HAPI-0931"),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", 400, "HAPI-0505"),
        ("bogus", 400, "HAPI-0505"),
        ("https://elsewhere.example", 400, "HAPI-0505"),
        ("Patient/", 400, "HAPI-0508"),
        ("Patient/not_an_id", 400, "HAPI-1094"),
        ("Patient/a/b", 422, "HAPI-0931"),
        ("patient/1", 422, "HAPI-0931"),
        ("http://elsewhere.example/fhir/Foo/1", 422, "HAPI-0931"),
        ("Foo?name=x", 400, "HAPI-1684"),
        ("Patient?", 400, "HAPI-0518"),
        ("http://elsewhere.example/fhir/Patient/1", 400, "HAPI-0507"),
        ("Patient?identifier=none|none", 404, "HAPI-1091"),
    ],
)
def test_a_reference_must_lead_to_what_is_stored(fhir: FhirClient, reference: str, status: int, number: str) -> None:
    answer = fhir.post(observation(subject={"reference": reference}))
    assert answer.status == status
    assert diagnostics(answer).startswith(number)


def test_references_are_kept_relative_and_without_a_version(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, identifier=[{"system": "http://refs", "value": fresh}]))
    for reference in (
        f"{fhir.base}/Patient/{fresh}",
        f"Patient/{fresh}/_history/1",
        f"Patient?identifier=http://refs|{fresh}",
    ):
        answer = fhir.post(observation(subject={"reference": reference}))
        assert answer.json()["subject"]["reference"] == f"Patient/{fresh}"


@pytest.mark.parametrize(
    "subject", [{"display": "text"}, {"identifier": {"system": "s", "value": "v"}}, {"reference": "#in"}]
)
def test_references_that_are_no_addresses_are_fine(fhir: FhirClient, subject: dict[str, Any]) -> None:
    assert fhir.post(observation(subject=subject)).status == 201


def test_if_match_guards_an_update(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.put(patient(fresh, gender="male"), If_Match='W/"1"').status == 200
    stale = fhir.put(patient(fresh, gender="other"), If_Match='W/"1"')
    assert (stale.status, diagnostics(stale)[:22]) == (409, "HAPI-0550: HAPI-0989: ")
    assert fhir.put(patient(fresh, gender="other"), If_Match="2").status == 200
    assert fhir.put(patient(fresh), If_Match="bogus").status == 400


def test_prefer_chooses_what_a_write_answers(fhir: FhirClient) -> None:
    minimal = fhir.post(patient("x"), Prefer="return=minimal")
    assert (minimal.status, minimal.body, "Content-Type" in minimal.headers) == (201, b"", False)
    told = fhir.post(patient("x"), Prefer="return=OperationOutcome").json()
    assert codes(told) == ["SUCCESSFUL_CREATE"]
    assert fhir.post(patient("x"), Prefer="return=bogus").json()["resourceType"] == "Patient"


def test_a_delete_can_be_repeated_and_undone_by_an_update(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    answers = [fhir.send("DELETE", f"Patient/{fresh}") for _ in range(2)]
    assert [codes(answer.json()) for answer in answers] == [
        ["SUCCESSFUL_DELETE"],
        ["SUCCESSFUL_DELETE_ALREADY_DELETED"],
    ]
    assert fhir.found(f"Patient?_id={fresh}") == []
    assert fhir.put(patient(fresh)).status == 201
    assert fhir.get(f"Patient/{fresh}").json()["meta"]["versionId"] == "3"


def test_deleting_what_never_was_is_no_error(fhir: FhirClient) -> None:
    answer = fhir.send("DELETE", "Patient/never")
    assert (answer.status, codes(answer.json())) == (200, ["SUCCESSFUL_DELETE_NOT_FOUND"])


def test_a_resource_that_others_refer_to_stays(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    created = fhir.post(observation(subject={"reference": f"Patient/{fresh}"})).json()
    refused = fhir.send("DELETE", f"Patient/{fresh}")
    assert refused.status == 409
    assert f"Observation/{created['id']}" in diagnostics(refused)
    fhir.send("DELETE", f"Observation/{created['id']}")
    assert fhir.send("DELETE", f"Patient/{fresh}").status == 200
    again = fhir.post(observation(subject={"reference": f"Patient/{fresh}"}))
    assert diagnostics(again).startswith("HAPI-1096")


def test_a_binary_is_raw_unless_fhir_is_asked_for(fhir: FhirClient) -> None:
    created = fhir.door.request("POST", fhir.at("Binary"), {"Content-Type": "application/pdf"}, b"%PDF")
    assert (created.status, created.headers["Content-Type"], created.body) == (201, "application/pdf", b"%PDF")
    path = created.headers["Location"].removeprefix(fhir.base + "/").partition("/_history")[0]
    assert fhir.get(path, Accept="application/pdf").body == b"%PDF"
    resource = fhir.get(path, Accept=JSON).json()
    assert (resource["contentType"], base64.b64decode(resource["data"])) == ("application/pdf", b"%PDF")


@pytest.mark.parametrize("kind", ["transaction", "batch", "searchset"])
def test_a_bundle_that_is_a_request_or_an_answer_is_not_kept(fhir: FhirClient, kind: str) -> None:
    answer = fhir.post({"resourceType": "Bundle", "type": kind})
    assert (answer.status, diagnostics(answer)[:9]) == (422, "HAPI-0522")
    assert fhir.post({"resourceType": "Bundle", "type": "collection"}).status == 201


def test_a_value_set_has_a_url_of_its_own(fhir: FhirClient, fresh: str) -> None:
    value_set = {"resourceType": "ValueSet", "status": "active", "url": f"http://vs/{fresh}"}
    assert fhir.post(value_set).status == 201
    assert diagnostics(fhir.post(value_set)).startswith("HAPI-0902")
    assert diagnostics(fhir.post({"resourceType": "ValueSet"})).startswith("HAPI-1766")


def test_a_search_parameter_that_cannot_be_followed_is_refused(fhir: FhirClient, fresh: str) -> None:
    parameter = {
        "resourceType": "SearchParameter",
        "id": fresh,
        "url": f"http://sp/{fresh}",
        "name": "eye",
        "status": "active",
        "code": "eye",
        "base": ["Patient"],
        "type": "token",
    }
    assert diagnostics(fhir.put(parameter)).startswith("HAPI-1114")
    assert diagnostics(fhir.put({**parameter, "expression": "Patient.((("})).startswith("HAPI-1120")
    assert fhir.put({**parameter, "expression": "Patient.extension('http://eye')"}).status == 201
    without = {key: value for key, value in parameter.items() if key != "status"}
    assert diagnostics(fhir.put(without)).startswith("HAPI-1112")
    without = {key: value for key, value in parameter.items() if key != "base"}
    assert diagnostics(fhir.put(without)).startswith("HAPI-1113")


def test_a_search_parameter_that_is_not_active_need_not_be_usable_yet(fhir: FhirClient, fresh: str) -> None:
    draft = {"resourceType": "SearchParameter", "id": fresh, "status": "draft", "code": "ear", "type": "token"}
    assert fhir.put(draft).status == 201
    assert diagnostics(fhir.put({**draft, "status": "active"})).startswith("HAPI-1113")


def test_xml_is_taken_and_answered_in_xml(fhir: FhirClient) -> None:
    body = b'<Patient xmlns="http://hl7.org/fhir"><name><family value="Xml"/></name></Patient>'
    headers: dict[str, str | None] = {"Content-Type": "application/fhir+xml"}
    answer = fhir.door.request("POST", fhir.at("Patient"), headers, body)
    assert answer.status == 201
    assert answer.headers["Content-Type"] == "application/fhir+xml;charset=UTF-8"
    assert '<family value="Xml"/>' in answer.text
