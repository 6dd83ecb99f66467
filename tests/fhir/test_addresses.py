"""What the segments and methods of an address mean beyond the specification, as HAPI 8.8.0 was asked."""

import pytest

from fhir_client import FhirClient, diagnostics, patient

PATCH = b'[{"op": "add", "path": "/gender", "value": "male"}]'
JSON_PATCH = "application/json-patch+json"


def test_a_write_at_a_version_is_done_only_if_that_is_present(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.send("PUT", f"Patient/{fresh}/_history/1", patient(fresh, active=True)).status == 200
    stale = fhir.send("PUT", f"Patient/{fresh}/_history/1", patient(fresh), If_Match='W/"2"')
    assert (stale.status, "HAPI-0989" in diagnostics(stale)) == (409, True)
    stale = fhir.send("PATCH", f"Patient/{fresh}/_history/1", PATCH, Content_Type=JSON_PATCH)
    assert (stale.status, "HAPI-0974" in diagnostics(stale)) == (409, True)
    stale = fhir.send("DELETE", f"Patient/{fresh}/_history/1")
    assert (stale.status, "HAPI-0961" in diagnostics(stale)) == (409, True)
    assert fhir.send("DELETE", f"Patient/{fresh}/_history/2").status == 200
    assert fhir.get(f"Patient/{fresh}").status == 410


def test_a_third_segment_of_a_write_is_passed_over(fhir: FhirClient, fresh: str) -> None:
    assert fhir.send("PUT", f"Patient/{fresh}/Observation", patient(fresh)).status == 201
    assert fhir.send("PATCH", f"Patient/{fresh}/x", PATCH, Content_Type=JSON_PATCH).json()["gender"] == "male"
    assert diagnostics(fhir.send("POST", f"Patient/{fresh}/x", patient(fresh))).startswith("HAPI-0365")
    assert fhir.send("PUT", f"Patient/{fresh}/x/y", patient(fresh)).status == 400
    assert fhir.send("DELETE", f"Patient/{fresh}/x").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_history_is_answered_by_any_method(fhir: FhirClient, fresh: str, method: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.send(method, f"Patient/{fresh}/_history").json()["type"] == "history"


def test_an_encoded_slash_leads_nowhere(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.send("DELETE", f"Patient/{fresh}%2Fx").status == 400
    assert fhir.get(f"Patient/{fresh}").status == 200


@pytest.mark.parametrize(
    ("method", "status", "allowed"),
    [
        ("DELETE", 405, "POST,GET"),
        ("PUT", 400, None),
        ("PATCH", 400, None),
    ],
)
def test_an_operation_refuses_other_methods(fhir: FhirClient, method: str, status: int, allowed: str | None) -> None:
    answer = fhir.send(method, "Patient/$meta", {"resourceType": "Parameters"})
    assert (answer.status, answer.headers.get("Allow")) == (status, allowed)


def test_what_follows_an_operation_is_passed_over(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    assert fhir.get(f"Patient/{fresh}/$meta/x").json()["parameter"][0]["name"] == "return"


def test_contained_resources_get_ids_of_their_own(fhir: FhirClient) -> None:
    inner = [{"resourceType": "Organization"}, {"resourceType": "Organization", "id": "Organization/o"}]
    kept = fhir.post({"resourceType": "Patient", "contained": inner}).json()["contained"]
    assert len(kept[0]["id"]) == 36
    assert kept[1]["id"] == "o"


def test_an_id_of_meta_stays_only_beside_extensions(fhir: FhirClient, fresh: str) -> None:
    extension = [{"url": "http://x", "valueString": "y"}]
    assert fhir.put(patient(fresh, meta={"id": "m"})).json()["meta"]["id"] == "m"
    assert "id" not in fhir.get(f"Patient/{fresh}").json()["meta"]
    fhir.put(patient(fresh, meta={"id": "m", "extension": extension}))
    assert fhir.get(f"Patient/{fresh}").json()["meta"]["id"] == "m"


def test_a_create_is_answered_with_its_labels_as_they_were_sent(fhir: FhirClient) -> None:
    tags = [{"system": "s", "code": "a", "display": "x"}, {"system": "s", "code": "a", "display": "y"}]
    answer = fhir.post({"resourceType": "Patient", "meta": {"tag": [*tags, {"display": "only"}]}})
    assert answer.json()["meta"]["tag"] == tags
    assert fhir.get(f"Patient/{answer.json()['id']}").json()["meta"]["tag"] == tags[:1]


def test_an_element_of_type_id_has_no_extensions(fhir: FhirClient) -> None:
    beside = {"extension": [{"url": "http://x", "valueString": "y"}]}
    guide = {"resourceType": "StructureMap", "status": "draft", "group": [{"name": "x", "_name": beside}]}
    assert fhir.post(guide).json()["group"] == [{"name": "x"}]


def test_a_label_is_displayed_as_whoever_used_it_first_did(fhir: FhirClient, fresh: str) -> None:
    def tag(display: str | None) -> dict[str, str]:
        return {"system": "http://s", "code": fresh, **({"display": display} if display else {})}

    fhir.put(patient(f"{fresh}-1", meta={"tag": [tag("first")]}))
    sent = patient(f"{fresh}-2", meta={"tag": [tag("second")], "security": [tag(None)]})
    assert fhir.put(sent).json()["meta"]["tag"] == [tag("second")]
    assert fhir.get(f"Patient/{fresh}-2").json()["meta"]["tag"] == [tag("first")]
    changed = fhir.put({**sent, "meta": {"tag": [tag(None)], "security": [tag("late")]}}).json()["meta"]
    assert (changed["tag"], changed["security"]) == ([tag("first")], [tag(None)])


@pytest.mark.parametrize("escaped", ["%0A", "%0D", "%0D%0A"])
def test_the_deletion_of_an_id_with_a_line_break_is_answered(fhir: FhirClient, escaped: str) -> None:
    answer = fhir.send("DELETE", f"Patient/a{escaped}b")
    assert answer.status == 200
    assert answer.headers["Content-Location"].endswith(f"Patient/a{escaped}b")
