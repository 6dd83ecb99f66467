"""What HAPI 8.8.0 does with entries that the specification leaves open, as it was asked."""

from __future__ import annotations

import json

import pytest

from fhir_client import FhirClient, Resource, diagnostics, entry, patient

PATCH = {"resourceType": "Parameters", "parameter": []}


def told(fhir: FhirClient, kind: str, *entries: Resource) -> list[Resource]:
    return [row["response"] for row in fhir.bundle(kind, *entries).json()["entry"]]


def test_what_a_transaction_deletes_it_can_write_anew(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    put, delete = told(
        fhir,
        "transaction",
        entry("PUT", f"Patient/{fresh}", patient(fresh, active=True)),
        entry("DELETE", f"Patient/{fresh}"),
    )
    assert (put["status"], put["etag"], "lastModified" in put) == ("201 Created", "3", False)
    assert delete["etag"] == "2"
    assert fhir.get(f"Patient/{fresh}").json()["active"] is True


def test_what_a_transaction_deletes_it_cannot_patch(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    sent = entry("DELETE", f"Patient/{fresh}"), entry("PATCH", f"Patient/{fresh}", PATCH)
    assert fhir.bundle("transaction", *sent).status == 410
    assert fhir.get(f"Patient/{fresh}").status == 200


def test_what_a_transaction_deletes_fulfils_no_condition(fhir: FhirClient, fresh: str) -> None:
    value = {"identifier": [{"system": "http://s", "value": fresh}]}
    fhir.put(patient(fresh, **value))
    condition = f"identifier=http://s|{fresh}"
    created = entry("POST", "Patient", {"resourceType": "Patient", **value}, ifNoneExist=condition)
    _, answer = told(fhir, "transaction", entry("DELETE", f"Patient/{fresh}"), created)
    assert answer["status"] == "201 Created"
    assert len(fhir.found(f"Patient?{condition}")) == 1


def test_a_second_delete_of_one_resource_is_told_nothing_of(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    delete = entry("DELETE", f"Patient/{fresh}")
    assert told(fhir, "transaction", delete, delete)[1] == {"status": "204 No Content"}


def test_deletes_by_id_go_before_those_on_a_condition(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    by_condition, by_id = told(
        fhir, "transaction", entry("DELETE", f"Patient?_id={fresh}"), entry("DELETE", f"Patient/{fresh}")
    )
    assert by_condition["outcome"]["issue"][0]["severity"] == "warning"
    assert by_id["etag"] == "2"


@pytest.mark.parametrize(
    ("request_", "number"),
    [
        pytest.param(entry("PUT", "Observation/@", patient("@")), "HAPI-2616", id="another type than the address"),
        pytest.param(entry("PUT", "Observation?code=x", patient("@")), "HAPI-0539", id="another type on a condition"),
        pytest.param(entry("PUT", "Patient/@/x", patient("@")), "HAPI-1742", id="a third segment"),
        pytest.param(entry("PUT", "Patient/@?foo=bar", patient("@")), "HAPI-0488", id="an unknown parameter"),
        pytest.param(entry("PATCH", "Patient/@", PATCH, ifMatch='W/"9"'), "HAPI-0550: HAPI-0974", id="a stale patch"),
        pytest.param(entry("GET", "Patient?birthdate=bad"), "HAPI-1940", id="a date that is none"),
        pytest.param(entry("GET", "?_type=Patient"), "HAPI-0287", id="a search of all types"),
    ],
)
def test_an_entry_is_refused_by_its_number(fhir: FhirClient, fresh: str, request_: Resource, number: str) -> None:
    fhir.put(patient(fresh))
    sent = json.loads(json.dumps(request_).replace("@", fresh))
    assert diagnostics(fhir.bundle("transaction", sent)).startswith(number)
    (answer,) = told(fhir, "batch", sent)
    assert answer["outcome"]["issue"][0]["diagnostics"].startswith(number)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        pytest.param(entry("GET", "Patient/$x"), "HAPI-0303: ", id="no interaction"),
        pytest.param(entry("DELETE", "Organization/@"), "HAPI-0550: HAPI-0515: ", id="still referred to"),
        pytest.param(entry("POST", "Patient", patient("x"), fullUrl="mailto:x"), "HAPI-0533", id="no placeholder"),
    ],
)
def test_an_entry_of_a_batch_has_numbers_of_its_own(fhir: FhirClient, fresh: str, sent: Resource, number: str) -> None:
    fhir.put({"resourceType": "Organization", "id": fresh})
    fhir.put(patient(fresh, managingOrganization={"reference": f"Organization/{fresh}"}))
    if "fullUrl" in sent:
        sent = {**sent, "resource": {"resourceType": "Patient"}}
    (answer,) = told(fhir, "batch", json.loads(json.dumps(sent).replace("@", fresh)))
    assert answer["outcome"]["issue"][0]["diagnostics"].startswith(number)


def test_a_batch_reads_what_it_has_written(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    sent = entry("GET", f"Patient/{fresh}"), entry("PUT", f"Patient/{fresh}", patient(fresh, active=True))
    read, written = fhir.bundle("batch", *sent).json()["entry"]
    assert (read["resource"]["meta"]["versionId"], written["response"]["etag"]) == ("2", "2")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_if_match_counts_only_beside_an_id(fhir: FhirClient, fresh: str, method: str) -> None:
    fhir.put(patient(fresh))
    resource = PATCH if method == "PATCH" else patient(fresh, active=True)
    (answer,) = told(fhir, "batch", entry(method, f"Patient?_id={fresh}", resource, ifMatch='W/"9"'))
    assert answer["status"] == "200 OK"


def test_elements_are_not_chosen_within_a_bundle(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, active=True, gender="male"))
    bundle = fhir.bundle("batch", entry("GET", f"Patient/{fresh}?_elements=active")).json()
    assert bundle["entry"][0]["resource"]["gender"] == "male"


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        pytest.param(
            {"contained": [{"resourceType": "Organization", "id": "o", "partOf": {"reference": "Patient/x"}}]},
            "Patient.contained.partOf",
            id="in a contained resource",
        ),
        pytest.param({"identifier": [{"assigner": {"reference": "Patient/x"}}]}, "assigner", id="never searched"),
    ],
)
def test_every_reference_names_a_type_that_may_stand_there(fhir: FhirClient, resource: Resource, path: str) -> None:
    answer = fhir.post({"resourceType": "Patient", **resource})
    assert (answer.status, "HAPI-0931" in diagnostics(answer), path in diagnostics(answer)) == (422, True, True)


def test_a_delete_without_values_in_its_condition_means_all_of_the_type(fhir: FhirClient) -> None:
    for _ in range(2):
        fhir.post({"resourceType": "Basic", "code": {"text": "x"}})
    for path in ("Basic?identifier=", "Basic?_format=json"):
        assert diagnostics(fhir.send("DELETE", path)).startswith("HAPI-0962")
    assert diagnostics(fhir.bundle("transaction", entry("DELETE", "Basic"))).startswith("HAPI-0962")


@pytest.mark.parametrize("kind", ["transaction", "batch"])
@pytest.mark.parametrize("entries", [[None], [{}], None, {}], ids=["null", "nothing", "no list", "no list of nothing"])
def test_an_entry_without_anything_in_it_stops_the_whole(fhir: FhirClient, kind: str, entries: object) -> None:
    answer = fhir.send("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})
    assert (answer.status, diagnostics(answer)[5:9]) == (400, "0529")


def test_nothing_of_a_bundle_is_done_beside_an_empty_entry(fhir: FhirClient, fresh: str) -> None:
    sent = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [entry("PUT", f"Patient/{fresh}", patient(fresh)), None],
    }
    assert fhir.send("POST", "", sent).status == 400
    assert fhir.get(f"Patient/{fresh}").status == 404


def test_what_is_written_is_shown_whole_whatever_its_narrative(fhir: FhirClient, fresh: str) -> None:
    name = [{"family": "x"}]
    whole = fhir.send("PUT", f"Patient/{fresh}?_summary=text", patient(fresh, name=name)).json()
    part = fhir.send("PUT", f"Patient/{fresh}?_summary=data", patient(fresh, name=name, active=True)).json()
    assert (whole["name"], "tag" in whole["meta"], part["meta"]["tag"][0]["code"]) == (name, False, "SUBSETTED")
