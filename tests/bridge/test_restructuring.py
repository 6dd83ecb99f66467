"""Elements that the two versions keep in different places."""

from __future__ import annotations

from typing import Any

import pytest

from fhantom.bridge.converting import convert
from fhantom.definitions.canonical import canonical

Resource = dict[str, Any]
PROVENANCE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
PHONE = {"system": "phone", "value": "1"}
NURSE = {"reference": "Practitioner/nurse"}
PATIENT = {"reference": "Patient/p"}
PARTICIPANTS = [
    {"function": {"coding": [{"system": PROVENANCE, "code": "enterer"}]}, "actor": NURSE},
    {"function": {"coding": [{"system": PROVENANCE, "code": "informant"}]}, "actor": PATIENT},
]

# R4 and R5 of the same, each made of the other.
PAIRS: list[tuple[Resource, Resource]] = [
    (
        {"resourceType": "PractitionerRole", "telecom": [PHONE]},
        {"resourceType": "PractitionerRole", "contact": [{"telecom": [PHONE]}]},
    ),
    (
        {"resourceType": "Condition", "recorder": NURSE, "asserter": PATIENT},
        {"resourceType": "Condition", "participant": PARTICIPANTS},
    ),
    (
        {"resourceType": "AllergyIntolerance", "asserter": PATIENT},
        {"resourceType": "AllergyIntolerance", "participant": PARTICIPANTS[1:]},
    ),
    (
        {"resourceType": "Endpoint", "payloadType": [{"text": "DICOM"}], "payloadMimeType": ["application/dicom"]},
        {"resourceType": "Endpoint", "payload": [{"type": [{"text": "DICOM"}], "mimeType": ["application/dicom"]}]},
    ),
    (
        {
            "resourceType": "DocumentReference",
            "context": {
                "encounter": [{"reference": "Encounter/e"}],
                "event": [{"text": "visit"}],
                "period": {"start": "2020"},
                "practiceSetting": {"text": "radiology"},
            },
        },
        {
            "resourceType": "DocumentReference",
            "context": [{"reference": "Encounter/e"}],
            "event": [{"concept": {"text": "visit"}}],
            "practiceSetting": {"text": "radiology"},
            "period": {"start": "2020"},
        },
    ),
    (
        {
            "resourceType": "Encounter",
            "reasonCode": [{"text": "pain"}],
            "reasonReference": [{"reference": "Condition/c"}],
        },
        {
            "resourceType": "Encounter",
            "reason": [
                {"value": [{"concept": {"text": "pain"}}]},
                {"value": [{"reference": {"reference": "Condition/c"}}]},
            ],
        },
    ),
]


@pytest.mark.parametrize(("four", "five"), PAIRS, ids=[four["resourceType"] for four, _ in PAIRS])
def test_what_moved_is_found_in_its_other_place(four: Resource, five: Resource) -> None:
    up, down = convert("R4", four), convert("R5", five)
    assert up is not None and down is not None
    assert canonical("R5", up) == canonical("R5", five)
    assert canonical("R4", down) == canonical("R4", four)


@pytest.mark.parametrize("kind", sorted({four["resourceType"] for four, _ in PAIRS}))
def test_nothing_is_made_of_nothing(kind: str) -> None:
    empty = {"resourceType": kind, "id": "x"}
    assert convert("R4", empty) == convert("R5", empty) == empty


def test_a_subscription_stays_with_the_server_that_it_asks() -> None:
    assert convert("R4", {"resourceType": "Subscription", "status": "requested"}) is None
