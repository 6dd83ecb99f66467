"""What the real server passes over, and what it refuses, where the specification leaves it open or says otherwise."""

from __future__ import annotations

import pytest

from fhir_client import FhirClient, diagnostics, entry, patient

LABEL = {"system": "http://labels", "code": "blue"}


@pytest.fixture(scope="module", autouse=True)
def resources(fhir: FhirClient) -> None:
    if fhir.get("Patient/lenient-a").status == 200:
        return  # the other door's tests have written them
    ward = {"resourceType": "Organization", "id": "lenient", "name": "Ward"}
    cared = {"managingOrganization": {"reference": "Organization/lenient"}, "gender": "male"}
    one = patient("lenient-a", name=[{"family": "Lenient"}], birthDate="1980-05-06", meta={"tag": [LABEL]}, **cared)
    attic = {"resourceType": "Organization", "id": "lenient-attic", "name": "Attic"}
    kept = {"managingOrganization": {"reference": "Organization/lenient-attic"}}
    two = patient("lenient-b", name=[{"family": "Lenient"}], **kept)
    written = [entry("PUT", f"{row['resourceType']}/{row['id']}", row) for row in (ward, attic, one, two)]
    assert fhir.bundle("transaction", *written).status == 200


def matches(fhir: FhirClient, query: str) -> list[str]:
    return sorted(row.removeprefix("Patient/lenient-") for row in fhir.found(f"Patient?family=Lenient&{query}"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("_dc=1700000000", ["a", "b"], id="an unknown name with an underscore is passed over"),
        pytest.param("_tag:missing=true", ["a", "b"], id="missing says nothing of tags"),
        pytest.param("_tag:text=blue", ["a"], id="a modifier of a tag is passed over"),
        pytest.param("_tag:not=blue", ["b"], id="all but a tag"),
        pytest.param("_lastUpdated:missing=true", ["a", "b"], id="missing says nothing of the last update"),
        pytest.param("_id:missing=false", [], id="missing of an id finds nothing"),
        pytest.param("_id:not=lenient-a", ["b"], id="all but one id"),
        pytest.param("_id:not=nobody", [], id="all but an id that is not there finds nothing"),
        pytest.param("_id=http://system|lenient-a", [], id="an id has no system"),
        pytest.param("gender=%20male%20", ["a"], id="blanks around a code do not count"),
        pytest.param("gender:missing=maybe", ["a"], id="what is not true is false"),
        pytest.param("birthdate=,", ["a", "b"], id="a list of no dates says nothing"),
        pytest.param("birthdate=1980-05-06T10:00:00%2000:00", [], id="a blank is a plus in a time zone"),
        pytest.param("address=,", [], id="an empty text asks for any value"),
        pytest.param("family:exact=", [], id="no text is exactly empty"),
        pytest.param("organization=/Organization/lenient", ["a"], id="a reference may begin with a slash"),
        pytest.param("organization:organization=lenient", [], id="a type in small letters finds nothing"),
        pytest.param("organization._id=lenient", ["a"], id="an id behind a chain to one type"),
    ],
)
def test_what_is_passed_over(fhir: FhirClient, query: str, found: list[str]) -> None:
    assert matches(fhir, query) == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("Patient?bogus=", "0524", id="an unknown name without a value"),
        pytest.param("Patient?_has=", "1942", id="has without a value"),
        pytest.param("Patient?_tag=http://labels|", "1218", id="a system without a tag"),
        pytest.param("Patient?_id.x=1", "1935", id="a chain over an id"),
        pytest.param("Patient?organization=Organization/", "1101", id="a reference without an id"),
        pytest.param("Patient?organization=Foo/1", "1250", id="a reference to no type"),
        pytest.param("Patient?organization:Foo.name=x", "1250", id="a chain to no type"),
        pytest.param("Patient?birthdate=20200203", "1883", id="a date without its marks"),
        pytest.param("Patient?birthdate=2020-02-03T10:00:00%2B0100", "1883", id="a time zone without its mark"),
        pytest.param("Patient?birthdate=2020-02-03T10", "1882", id="an hour without minutes"),
        pytest.param("Patient?birthdate=2020-02-03T24:00:00Z", "1882", id="the hour 24"),
        pytest.param("Patient?birthdate=%201980", "1941", id="a blank for a prefix"),
        pytest.param("Observation?code-value-quantity=a$1$c", "1947", id="a composite of three"),
        pytest.param("Patient?_include=Patient:organization,Patient:link", "0441", id="includes in one list"),
        pytest.param("Patient?_has:Observation:patient:code:not=x", "1209", id="a modifier behind has"),
        pytest.param("Patient?_sort=_id&_sort=-family", "1194", id="a minus in a second order"),
        pytest.param("Patient?_sort=gender.x", "2285", id="an order through what is no reference"),
        pytest.param("Patient?_sort=organization.partof.name", "2286", id="an order through two references"),
        pytest.param("Patient?_sort=general-practitioner.name", "2287", id="an order through several types"),
        pytest.param("Patient?_sort=organization.bogus", "2289", id="an order through a reference to nothing known"),
        pytest.param("Patient?_sort=organization.endpoint", "2290", id="an order through a reference to a reference"),
        pytest.param("Patient?_summary=true,text", "0380", id="a summary of text and more"),
        pytest.param("Patient?_summary=count&_elements=id", "0304", id="a count of elements"),
        pytest.param("Patient?_offset=x", "0461", id="an offset that is no number"),
        pytest.param("Patient?_contained=both", "0983", id="contained resources too"),
        pytest.param("Patient?_contained=maybe", "1963", id="contained resources perhaps"),
        pytest.param("Patient/lenient-a?_count=1", "0384", id="a read with a count"),
        pytest.param("Patient/_history?_since=2020", "1885", id="since a year"),
        pytest.param("Patient/_history?_since=2020,2021", "1955", id="since two moments"),
        pytest.param("Patient/_history?_since=2020-01-01T00:00:00Z&_at=2021", "0553", id="since and at"),
        pytest.param("Patient/_history?_at=2020,2021", "1930", id="at two moments"),
    ],
)
def test_what_is_refused_and_by_which_number(fhir: FhirClient, query: str, number: str) -> None:
    answer = fhir.get(query)
    assert answer.status == (405 if number == "0983" else 400)
    assert diagnostics(answer).startswith(f"HAPI-{number}: ")


def test_a_reference_can_be_sorted_through(fhir: FhirClient) -> None:
    found = [fhir.found(f"Patient?family=Lenient&_sort={sign}organization.name") for sign in ("", "-")]
    assert found == [["Patient/lenient-b", "Patient/lenient-a"], ["Patient/lenient-a", "Patient/lenient-b"]]


def test_a_filter_refuses_what_the_real_server_cannot_read(fhir: FhirClient) -> None:
    refused = {
        "not (gender eq male)": "1056",
        "birthdate ap 1980": "1064",
        "_id eq 9e2f": "1059",
        "name:exact eq x": "1206",
    }
    for text, number in refused.items():
        assert f"HAPI-{number}" in diagnostics(fhir.get(f"Patient?_filter={text.replace(' ', '%20')}"))


def test_a_summary_of_text_leaves_the_bundle_unmarked(fhir: FhirClient) -> None:
    assert "tag" not in fhir.get("Patient?_summary=text&_count=1").json()["meta"]
    assert fhir.get("Patient?_summary=TRUE&_count=1").json()["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_elements_of_another_type_leave_a_resource_whole(fhir: FhirClient) -> None:
    read = fhir.get("Patient/lenient-b?_elements=Observation.status").json()
    assert (read["name"], "tag" in read["meta"]) == ([{"family": "Lenient"}], False)


@pytest.mark.parametrize(
    "query",
    [
        "ValueSet?context:not=x&context-type-quantity:in=a",
        "Observation?_security:not=x&component-code-value-concept:missing=false",
        "Observation?combo-code:not=x&combo-code-value-quantity:missing=y",
    ],
)
def test_what_nothing_can_fulfil_finds_nothing_beside_all_but_a_code(fhir: FhirClient, query: str) -> None:
    assert fhir.found(query) == []


@pytest.mark.parametrize(
    ("query", "versions"),
    [("_at=gt2000", 1), ("_at=lt2000", 0), ("_at=ge2000&_at=le2900", 1), ("_at=eq2000", 0), ("_count=x", 1)],
)
def test_a_history_is_of_the_time_between_two_bounds(fhir: FhirClient, query: str, versions: int) -> None:
    assert len(fhir.get(f"Organization/lenient/_history?{query}").json().get("entry", [])) == versions


def test_a_history_without_a_total_goes_on_after_a_full_page(fhir: FhirClient) -> None:
    page = fhir.get("Organization/lenient/_history?_since=2000-01-01T00:00:00Z&_count=1").json()
    assert [link["relation"] for link in page["link"]] == ["self", "next"]


@pytest.mark.parametrize(
    ("tag", "status"), [('W/"1"', 304), ('"1"', 304), ('W/"1", W/"2"', 200), ("W/1", 200), ('W/"2"', 200)]
)
def test_a_conditional_read_names_one_version(fhir: FhirClient, tag: str, status: int) -> None:
    assert fhir.get("Patient/lenient-b", if_none_match=tag).status == status
    assert fhir.get("Patient/lenient-b/_history/1", if_none_match=tag).status == status


def test_a_filter_of_too_many_terms_is_refused(fhir: FhirClient) -> None:
    terms = " or ".join("gender eq male" for _ in range(10_001))
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = fhir.send("POST", "Patient/_search", f"_filter={terms}".encode(), **form)
    assert (answer.status, "10,000 conditions" in diagnostics(answer)) == (400, True)
