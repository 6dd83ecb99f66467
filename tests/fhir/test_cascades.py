"""Deletes that take along what refers to the resource, switched on; and what does not count in a condition."""

from __future__ import annotations

import pytest

from fhantom.settings import Settings
from fhir_client import FhirClient, Resource, codes, diagnostics, patient


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, cascading_deletes=True)


def observation(id: str, subject: str, **elements: object) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": subject},
        **elements,
    }


@pytest.fixture
def family(fhir: FhirClient, fresh: str) -> str:
    """A Patient, an Observation of it, and one that only refers to that."""
    assert fhir.put(patient(fresh)).status == 201
    assert fhir.put(observation(f"{fresh}-near", f"Patient/{fresh}")).status == 201
    assert fhir.put(patient(f"{fresh}-other")).status == 201
    members = [{"reference": f"Observation/{fresh}-near"}]
    assert fhir.put(observation(f"{fresh}-far", f"Patient/{fresh}-other", hasMember=members)).status == 201
    return fresh


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?_cascade=delete", {}), ("", {"X-Cascade": "delete"}), ("", {"X-Cascade": "delete; max-rounds=2"})],
    ids=["parameter", "header", "header with rounds"],
)
def test_what_refers_to_a_resource_goes_with_it(
    fhir: FhirClient, family: str, query: str, headers: dict[str, str]
) -> None:
    answer = fhir.send("DELETE", f"Patient/{family}{query}", **headers)
    assert answer.status == 200
    first, second = answer.json()["issue"]
    assert first["details"]["coding"][0]["code"] == "SUCCESSFUL_DELETE"
    assert "2 resource(s)" in second["diagnostics"]
    for gone in (f"Patient/{family}", f"Observation/{family}-near", f"Observation/{family}-far"):
        assert fhir.get(gone).status == 410
    assert fhir.get(f"Patient/{family}-other").status == 200
    assert "Warning" in answer.headers


def test_a_circle_of_references_goes_as_a_whole(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(f"{fresh}-a"))
    fhir.put(patient(f"{fresh}-b", link=[{"other": {"reference": f"Patient/{fresh}-a"}, "type": "seealso"}]))
    fhir.put(patient(f"{fresh}-a", link=[{"other": {"reference": f"Patient/{fresh}-b"}, "type": "seealso"}]))
    answer = fhir.send("DELETE", f"Patient/{fresh}-a?_cascade=delete")
    assert codes({"issue": answer.json()["issue"][:1]}) == ["SUCCESSFUL_DELETE"]
    assert [fhir.get(f"Patient/{fresh}-{name}").status for name in "ab"] == [410, 410]


def test_a_conditional_delete_cascades(fhir: FhirClient, family: str) -> None:
    answer = fhir.send("DELETE", f"Patient?_id={family}&_cascade=delete")
    assert "2 resource(s)" in answer.json()["issue"][1]["diagnostics"]
    assert fhir.get(f"Observation/{family}-near").status == 410


def test_without_being_asked_nothing_else_goes(fhir: FhirClient, family: str) -> None:
    assert fhir.send("DELETE", f"Patient/{family}").status == 409
    assert fhir.send("DELETE", f"Patient/{family}?_cascade=none").status == 409
    assert fhir.get(f"Observation/{family}-near").status == 200


def test_conditions_pass_over_what_is_no_search_parameter(fhir: FhirClient, fresh: str) -> None:
    """As the real server reads match URLs: `_sort` and whatever else begins so does not count."""
    fhir.put(patient(fresh))
    answer = fhir.send("DELETE", f"Patient?_id={fresh}&_sort=name&_nonsense=x")
    assert (answer.status, fhir.get(f"Patient/{fresh}").status) == (200, 410)
    refused = fhir.send("PUT", "Patient?_nonsense=x", {"resourceType": "Patient"})
    assert (refused.status, "HAPI-0518" in diagnostics(refused)) == (400, True)
