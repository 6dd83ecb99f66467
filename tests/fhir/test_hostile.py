"""Requests that mean harm: each is answered below 500, and the server goes on."""

from __future__ import annotations

import json

import pytest

from fhir_client import JSON, FhirClient, entry, patient

DEEP = 10_000
BODIES = {
    "nested lists": b'{"resourceType":"Patient","contained":' + b"[" * DEEP,
    "nested objects": b'{"resourceType":"Patient","contact":' + b'{"contact":' * DEEP,
    "nested extensions": b'{"resourceType":"Patient","extension":'
    + b'[{"url":"x","extension":' * 5000
    + b"[]"
    + b"}]" * 5000
    + b"}",
    "a long number": b'{"resourceType":"Observation","valueQuantity":{"value":' + b"9" * 100_000 + b"}}",
    "a huge exponent": b'{"resourceType":"Observation","valueQuantity":{"value":1e999999999}}',
    "a lone surrogate": b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
    "a null character": b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
    "not UTF-8": b'{"resourceType":"Patient","name":[{"family":"\xff"}]}',
    "a number as type": b'{"resourceType":7}',
    "a list as type": b'{"resourceType":["Patient"]}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_no_fault_of_ours(fhir: FhirClient, name: str) -> None:
    body = BODIES[name]
    path = "Observation" if b"Observation" in body else "Patient"
    for address in (path, f"{path}/$validate", ""):
        assert fhir.send("POST", address, body).status < 500
    assert fhir.get("metadata").status == 200


XML = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir">&c;</Patient>',
    "outer entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"/>',
    "nested": b'<Patient xmlns="http://hl7.org/fhir">' + b"<contact>" * DEEP,
    "no xml": b"<",
}


@pytest.mark.parametrize("name", XML)
def test_hostile_xml_is_refused(fhir: FhirClient, name: str) -> None:
    headers: dict[str, str | None] = {"Content-Type": "application/fhir+xml", "Accept": JSON}
    answer = fhir.door.request("POST", fhir.at("Patient"), headers, XML[name])
    assert answer.status == 400
    assert b"root:" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "Patient?" + "&".join(f"name=a{at}" for at in range(4000)),
        "Patient?_id=" + ",".join(str(at) for at in range(4000)),
        "ImagingStudy?patient" + ".link" * 50 + "=x",
        "Patient?" + "_has:Observation:patient:" * 50 + "code=x",
        "Patient?_filter=" + "(" * 2000,
        "Patient?_filter=name%20re%20%22(a%2B)%2B%24%22",
        "Patient?_include=" + "*" * 5000,
        "Patient?_sort=" + "name," * 2000,
        "Patient?_count=99999999999999999999",
        "Patient?_offset=99999999999999999999",
        "Patient/..%2f..%2fetc%2fpasswd",
        "Patient/%00",
        "Patient/x'%20OR%20'1'='1",
        "Patient?name=x'%20OR%20'1'='1",
        "Patient?birthdate=99999999999-99-99",
        "Patient?name:" + "x" * 5000 + "=y",
        "%F0%9F%92%A9",
        "Patient/_history?_since=" + "9" * 500,
        "?_getpages=" + "p" * 3000,
    ],
    ids=lambda path: path[:30],
)
def test_a_hostile_address_is_no_fault_of_ours(fhir: FhirClient, path: str) -> None:
    assert fhir.get(path).status < 500


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "add", "path": "/name" + "/0" * 5000, "value": 1}],
        [{"op": "copy", "from": "", "path": "/contained"}],
        [{"op": "replace", "path": "/resourceType", "value": "Observation"}],
        [{"op": "replace", "path": "/meta", "value": "x"}],
        [{"op": "remove", "path": "/resourceType"}],
        [{"op": "add", "path": {"x": 1}, "value": 1}],
    ],
    ids=lambda patch: json.dumps(patch)[:60],
)
def test_a_hostile_patch_changes_nothing(fhir: FhirClient, fresh: str, patch: object) -> None:
    before = fhir.put(patient(fresh)).json()
    answer = fhir.send("PATCH", f"Patient/{fresh}", patch, Content_Type="application/json-patch+json")
    assert answer.status < 500
    if answer.status >= 400:
        assert fhir.get(f"Patient/{fresh}").json() == before


@pytest.mark.parametrize(
    "entries",
    ["x", [None], ["x"], [{}], [{"request": "x"}], [{"request": {"method": "GET"}}], [{"request": {"url": 5}}]],
    ids=json.dumps,
)
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_of_nonsense_is_no_fault_of_ours(fhir: FhirClient, kind: str, entries: object) -> None:
    body = {"resourceType": "Bundle", "type": kind, "entry": entries}
    assert fhir.send("POST", "", body).status < 500


def test_a_bundle_in_a_bundle_does_not_run(fhir: FhirClient, fresh: str) -> None:
    inner = {"resourceType": "Bundle", "type": "batch", "entry": [entry("PUT", f"Patient/{fresh}", patient(fresh))]}
    answer = fhir.bundle("batch", entry("POST", "Bundle", inner), entry("POST", "", inner))
    assert answer.status == 200
    assert fhir.get(f"Patient/{fresh}").status == 404
