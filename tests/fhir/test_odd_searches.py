"""Searches whose values are blank, left out, contradictory or signed, as the real server takes them."""

from __future__ import annotations

import pytest

from fhir_client import FhirClient, diagnostics, entry, patient


@pytest.fixture(scope="module", autouse=True)
def resources(fhir: FhirClient) -> None:
    if fhir.get("Patient/odd-a").status == 200:
        return  # the other door's tests have written them
    link = {"other": {"reference": "Patient/odd-a"}, "type": "refer"}
    names = {name: [{"family": "Odd", "given": given}] for name, given in (("a", ["Two Words"]), ("b", ["One"]))}
    listed = {"resourceType": "List", "id": "odd", "status": "current", "mode": "working"}
    weight = {"coding": [{"system": "http://odd", "code": "weight"}]}
    told = {"coding": [{"system": "http://odd", "code": "yes"}]}
    seen = {"resourceType": "Observation", "id": "odd", "status": "final", "code": weight, "valueCodeableConcept": told}
    written = (
        patient("odd-a", name=names["a"], birthDate="1980"),
        patient("odd-b", name=names["b"], link=[link]),
        {**listed, "entry": [{"item": {"reference": "Patient/odd-a"}}]},
        {**seen, "subject": {"reference": "Patient/odd-a"}},
    )
    put = [entry("PUT", f"{row['resourceType']}/{row['id']}", row) for row in written]
    assert fhir.bundle("transaction", *put).status == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("given=%20", [], id="no text begins with a blank"),
        pytest.param("given:contains=%20", ["a"], id="a text can contain a blank"),
        pytest.param("given=", ["a", "b"], id="an empty text is passed over"),
        pytest.param("gender=%20", ["a", "b"], id="a blank code is passed over"),
        pytest.param("_id=odd-a&_id:not=odd-a", ["b"], id="one not among ids turns all of them round"),
        pytest.param("_id:not=odd-a&_id=odd-a,odd-b", ["b"], id="what all ids name is left out"),
        pytest.param("_id=odd-a&_id:not=odd-b", [], id="ids that have none in common find nothing"),
        pytest.param("_id=odd-a,odd-b&_id=odd-b", ["b"], id="ids are what all name"),
        pytest.param("_list=", ["a"], id="an empty list is any list"),
        pytest.param("_list=,", ["a"], id="a list of nothing is any list"),
        pytest.param("_list=nowhere", [], id="a list that is not there"),
        pytest.param("link:Patient.link:missing=true", [], id="missing behind a chain is of what refers"),
        pytest.param("link:Patient.link:missing=false,true", ["b"], id="of what refers, and it is there"),
        pytest.param("link:mdm=odd-a", ["b"], id="mdm does nothing where nothing is merged"),
    ],
)
def test_odd_values_find(fhir: FhirClient, query: str, found: list[str]) -> None:
    rows = fhir.found(f"Patient?family=Odd&{query}")
    assert sorted(row.removeprefix("Patient/odd-") for row in rows) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("weight$http://odd|yes", 1, id="both parts"),
        pytest.param("weight$", 1, id="a code left out is any"),
        pytest.param("weight", 1, id="so it is without a mark"),
        pytest.param("%20$yes", 1, id="a blank code is any"),
        pytest.param("$yes", 0, id="an empty first part is none"),
        pytest.param("weight$no", 0, id="another code"),
    ],
)
def test_parts_of_a_composite_can_be_left_out(fhir: FhirClient, value: str, found: int) -> None:
    assert len(fhir.found(f"Observation?_id=odd&code-value-concept={value}")) == found


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("Patient?birthdate=%20", "1940"),
        ("Patient?birthdate=%2B2021", "1941"),
        ("RiskAssessment?probability=%2B0.25", "1941"),
        ("Patient?birthdate=ap70", "1882"),
        ("Patient?birthdate=ap2020", "1925"),
        ("Patient?birthdate=2021-03-28T01:30:00%2B24:00", "1882"),
        ("Patient?birthdate=2021-03-28T01:30:00%2B10:60", "1882"),
        ("Patient?_id=Patient/", "1101"),
        ("Patient?_has:Observation:_tag:code=x", "2305"),
        ("Patient?_has:Observation:bogus:_has:List:item:code=x", "2305"),
        ("Patient?_has:Observation:bogus:code=x", "1209"),
        ("Observation?patient:Patient._profile.birthdate=2000", "1242"),
        ("Observation?code-value-concept=weight$$yes", "1947"),
        ("Patient?link:identifier=,", "2498"),
        ("Patient?link:not:text=odd-a", "1250"),
        ("Patient?link:text:not=odd-a", "2498"),
        ("Patient?_count=2147483648", "0375"),
        ("Patient?_count=%201", "0375"),
    ],
)
def test_odd_values_are_refused_by_number(fhir: FhirClient, path: str, number: str) -> None:
    answer = fhir.get(path)
    assert (answer.status, diagnostics(answer)[:9]) == (400, f"HAPI-{number}")


@pytest.mark.parametrize(
    ("query", "links", "shown"),
    [
        ("_count=%2B1", ["self", "next"], 1),
        ("_count=%D9%A1", ["self", "next"], 1),
        ("_count=00", ["self"], 0),
        ("_count=-1", ["self", "next"], 0),
        ("_count=-1&_id=nobody", ["self", "next"], 0),
        ("_summary=Count", [], 0),
    ],
)
def test_a_count_is_read_as_java_reads_it(fhir: FhirClient, query: str, links: list[str], shown: int) -> None:
    bundle = fhir.get(f"Patient?family=Odd&{query}").json()
    assert [link["relation"] for link in bundle.get("link", [])] == links
    assert len(bundle.get("entry", [])) == shown


def test_a_summary_with_a_blank_is_none(fhir: FhirClient) -> None:
    assert "tag" not in fhir.get("Patient?family=Odd&_summary=%20true&_elements=name").json()["meta"]


def test_formats_are_told_apart_by_capitals_and_ndjson_is_xml(fhir: FhirClient) -> None:
    assert fhir.get("Patient/odd-a?_format=Xml").headers["content-type"].startswith("application/fhir+json")
    told = fhir.get("Patient/odd-a", accept="application/fhir+ndjson")
    assert told.headers["content-type"] == "application/fhir+ndjson;charset=UTF-8"
    assert told.body.startswith(b"<Patient")
