"""What HAPI 8.8.0 demands of terminology resources before it keeps them, as it was asked."""

from __future__ import annotations

import pytest

from fhir_client import FhirClient, Resource, diagnostics


def of(type: str, url: str | None, **elements: object) -> Resource:
    made: Resource = {"resourceType": type, "status": "active", **elements}
    return made if url is None else {**made, "url": url}


@pytest.mark.parametrize(
    ("type", "bare", "versioned"),
    [
        ("CodeSystem", "HAPI-0848", "HAPI-0848"),
        ("ConceptMap", "HAPI-0840", "HAPI-0841"),
    ],
)
def test_a_url_stands_once_for_each_version(fhir: FhirClient, fresh: str, type: str, bare: str, versioned: str) -> None:
    url = f"http://terms/{fresh}"
    for elements, number in (({}, bare), ({"version": "1"}, versioned)):
        assert fhir.post(of(type, url, **elements)).status == 201
        again = fhir.post(of(type, url, **elements))
        assert (again.status, diagnostics(again).split(":")[0]) == (422, number)
    named = {**of(type, url, version="2"), "id": fresh}
    assert [fhir.put(named).status, fhir.put({**named, "title": "x"}).status] == [201, 200]


def test_a_concept_map_has_a_url(fhir: FhirClient) -> None:
    assert diagnostics(fhir.post(of("ConceptMap", None))).startswith("HAPI-1766")


@pytest.mark.parametrize(
    "concepts",
    [
        pytest.param([{"code": "a"}, {"code": "a"}], id="beside"),
        pytest.param([{"code": "a", "concept": [{"code": "a"}]}], id="below"),
    ],
)
def test_a_code_stands_once_in_a_complete_code_system(fhir: FhirClient, fresh: str, concepts: list[Resource]) -> None:
    url = f"http://terms/{fresh}"
    refused = fhir.post(of("CodeSystem", url, content="complete", concept=concepts))
    assert (refused.status, diagnostics(refused).split(":")[0]) == (412, "HAPI-2528")
    assert fhir.post(of("CodeSystem", url, content="fragment", concept=concepts)).status == 201


@pytest.mark.parametrize(
    ("elements", "status", "number"),
    [
        ({"base": ["DomainResource"], "expression": "DomainResource.text"}, 400, "HAPI-1684"),
        ({"expression": "((("}, 422, "HAPI-1120"),
        ({"expression": "Patient.bogus()"}, 422, "HAPI-1121"),
    ],
)
def test_a_search_parameter_is_refused_by_its_number(
    fhir: FhirClient, elements: Resource, status: int, number: str
) -> None:
    asked = {**of("SearchParameter", "http://p"), "code": "x", "type": "string", "base": ["Patient"]}
    answer = fhir.post({**asked, **elements})
    assert (answer.status, diagnostics(answer).split(":")[0]) == (status, number)
