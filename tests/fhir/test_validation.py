"""What $validate finds beside structure: the invariants of the definitions, in both versions."""

from __future__ import annotations

from typing import Any

import pytest

from fhantom.definitions import Version, load
from fhantom.definitions.terminology import terminology
from fhantom.fhir import validation
from fhantom.fhir.invariants import MOST_PARTS
from fhir_client import FhirClient

Resource = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}


def broken(fhir: FhirClient, resource: Resource) -> list[tuple[str, str, str]]:
    """Severity, name and place of each invariant that is told, but for the narrative's."""
    answer = fhir.send("POST", f"{resource['resourceType']}/$validate", {"text": NARRATIVE, **resource})
    assert answer.status == 200
    return [
        (issue["severity"], issue["details"]["coding"][0]["code"].removeprefix(CORE), issue["expression"][0])
        for issue in answer.json()["issue"]
        if "#" in str(issue.get("details"))
    ]


OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (
            {"resourceType": "Patient", "contact": [{"gender": "male"}]},
            [("error", "Patient#pat-1", "Patient.contact[0]")],
        ),
        ({"resourceType": "Patient", "contact": [{"name": {"family": "x"}}]}, []),
        ({"resourceType": "Organization"}, [("error", "Organization#org-1", "Organization")]),
        ({"resourceType": "Organization", "name": "x"}, []),
        (
            {**OBSERVATION, "valueQuantity": {"value": 1.50, "code": "kg"}},
            [("error", "Quantity#qty-3", "Observation.value.ofType(Quantity)")],
        ),
        (
            {**OBSERVATION, "dataAbsentReason": {"text": "x"}, "valueString": "x"},
            [("error", "Observation#obs-6", "Observation")],
        ),
        (
            {**OBSERVATION, "referenceRange": [{"age": {}}]},
            [("error", "Observation#obs-3", "Observation.referenceRange[0]")],
        ),
        (
            {**OBSERVATION, "effectivePeriod": {"start": "2020-01-02", "end": "2020-01-01"}},
            [("error", "Period#per-1", "Observation.effective.ofType(Period)")],
        ),
        ({**OBSERVATION, "effectivePeriod": {"start": "2020-01-01", "end": "2020-01-02"}}, []),
        (
            {"resourceType": "Patient", "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/x"}]},
            [("error", "Extension#ext-1", "Patient.extension[0]")],
        ),
        (
            {"resourceType": "Patient", "contained": [{"resourceType": "Patient", "id": "unused"}]},
            [("error", "DomainResource#dom-3", "Patient.contained[0]")],
        ),
        (
            {
                "resourceType": "Patient",
                "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
                "managingOrganization": {"reference": "#o"},
            },
            [],
        ),
        (
            {
                "resourceType": "Patient",
                "contained": [{"resourceType": "Organization", "id": "o"}],
                "managingOrganization": {"reference": "#o"},
            },
            [("error", "Organization#org-1", "Patient.contained[0]")],
        ),
    ],
)
def test_invariants_are_told_where_they_are_broken(
    fhir: FhirClient, resource: Resource, found: list[tuple[str, str, str]]
) -> None:
    assert broken(fhir, resource) == found


def test_an_element_can_have_invariants_of_its_own(fhir: FhirClient) -> None:
    """R5 moved the rule from the organization's own telecom to that of its contacts."""
    telecom = [{"system": "phone", "value": "1", "use": "home"}]
    inner = {"contact": [{"telecom": telecom}]} if fhir.root == "/fhir" else {"telecom": telecom}
    [(severity, name, _)] = broken(fhir, {"resourceType": "Organization", "name": "x", **inner})
    assert (severity, name) == ("error", "Organization#org-3")


def test_invariants_hold_for_entries_of_a_bundle(fhir: FhirClient) -> None:
    entry = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Organization", "text": NARRATIVE}}
    found = broken(fhir, {"resourceType": "Bundle", "type": "collection", "entry": [entry]})
    assert ("error", "Organization#org-1", "Bundle.entry[0].resource") in found


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_a_resource_too_large_for_invariants_says_so(version: Version) -> None:
    large = {"resourceType": "Organization", "alias": [], "identifier": [{"value": "x"}] * MOST_PARTS}
    *_, last = validation.findings(load(version), terminology(version), large)
    assert (last.severity, str(MOST_PARTS) in last.words) == ("information", True)
