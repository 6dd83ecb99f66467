"""Tokens with `:above` and `:below`, over code systems that are stored and those of the definitions."""

from __future__ import annotations

import pytest

from fhir_client import FhirClient, diagnostics

ANIMALS = {
    "resourceType": "CodeSystem",
    "id": "animals",
    "url": "http://example.org/animals",
    "status": "active",
    "content": "complete",
    "concept": [{"code": "animal", "concept": [{"code": "dog", "concept": [{"code": "poodle"}]}, {"code": "cat"}]}],
}


@pytest.fixture(autouse=True)
def stored(fhir: FhirClient) -> None:
    assert fhir.put(ANIMALS).status in (200, 201)
    for code in ("animal", "dog", "poodle", "cat"):
        coding = {"coding": [{"system": ANIMALS["url"], "code": code}]}
        made = {"resourceType": "Observation", "id": code, "code": coding, "status": "final"}
        assert fhir.put({**made, "status": "corrected"} if code == "cat" else made).status in (200, 201)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("code:below=http://example.org/animals|dog", {"dog", "poodle"}),
        ("code:below=http://example.org/animals|animal", {"animal", "dog", "poodle", "cat"}),
        ("code:above=http://example.org/animals|poodle", {"animal", "dog", "poodle"}),
        ("code:below=http://example.org/animals|cat,http://example.org/animals|poodle", {"cat", "poodle"}),
        ("code:below=http://example.org/animals|unicorn", set()),
        ("code:below=http://example.org/nothing|dog", set()),
        ("status:below=corrected", {"cat"}),
    ],
)
def test_a_token_is_found_by_what_stands_over_or_under_it(fhir: FhirClient, query: str, found: set[str]) -> None:
    assert {name.removeprefix("Observation/") for name in fhir.found(f"Observation?{query}")} == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("code:below=dog", "HAPI-1240"),
        ("code:above=|dog", "HAPI-1240"),
        ("code:below=http://example.org/animals|", "HAPI-1239"),
    ],
)
def test_a_token_without_system_or_code_stands_nowhere(fhir: FhirClient, query: str, number: str) -> None:
    answer = fhir.get(f"Observation?{query}")
    assert (answer.status, number in diagnostics(answer)) == (400, True)
