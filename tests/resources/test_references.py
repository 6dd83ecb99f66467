"""References, chains, _has, _include and _revinclude."""

from __future__ import annotations

import pytest

from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature
from shelves import Json, Shelf, coded, observation, patient


def organization(id: str, **elements: object) -> Json:
    return {"resourceType": "Organization", "id": id, **elements}


@pytest.fixture
def shelf(r4: Shelf) -> Shelf:
    r4.put(
        organization("clinic", name="Clinic"),
        organization("ward", name="Ward", partOf={"reference": "Organization/clinic"}),
        patient("anna", name=[{"family": "Alpha"}], managingOrganization={"reference": "Organization/ward"}),
        patient("ben", name=[{"family": "Beta"}], gender="male"),
        {"resourceType": "Group", "id": "anna", "type": "person", "actual": True},
        observation("a1", "Patient/anna", code=coded("height"), effectiveDateTime="2020-01-01"),
        observation("a2", "Patient/anna", code=coded("weight"), hasMember=[{"reference": "Observation/a1"}]),
        observation("b1", "Patient/ben", code=coded("height"), effectiveDateTime="2021-01-01"),
        observation("g1", "Group/anna", code=coded("count")),
        observation("none", code=coded("height")),
    )
    return r4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("Observation?subject=Patient/anna", ["a1", "a2"], id="type and id"),
        pytest.param("Observation?subject=anna", ["a1", "a2", "g1"], id="a bare id of any type"),
        pytest.param("Observation?subject:Patient=anna", ["a1", "a2"], id="a bare id of a type"),
        pytest.param("Observation?subject:Group=ben", [], id="of another type"),
        pytest.param("Observation?patient=anna", ["a1", "a2"], id="a parameter for one type"),
        pytest.param("Observation?patient=anna,ben", ["a1", "a2", "b1"], id="alternatives"),
        pytest.param("Observation?subject=Patient/anna/_history/1", ["a1", "a2"], id="a version is passed over"),
        pytest.param("Observation?subject:missing=true", ["none"], id="missing"),
        pytest.param("Observation?subject=http://elsewhere/Patient/anna", [], id="another server's"),
        pytest.param("Observation?patient.name=alp", ["a1", "a2"], id="chain"),
        pytest.param("Observation?subject.name=alp", ["a1", "a2"], id="chain to whichever type has the parameter"),
        pytest.param("Observation?subject:Patient.name:exact=Alpha", ["a1", "a2"], id="chain with modifiers"),
        pytest.param("Observation?patient.organization.name=war", ["a1", "a2"], id="chain of two"),
        pytest.param("Observation?patient.organization.partof.name=clin", ["a1", "a2"], id="chain of three"),
        pytest.param("Observation?subject:Patient._id=ben", ["b1"], id="chain to an id of a type"),
        pytest.param("Observation?patient._id=ben", [], id="chain to an id of any type finds nothing"),
        pytest.param("Observation?patient:Patient._id:missing=true", [], id="no id is missing behind a chain"),
        pytest.param("Observation?patient.gender:missing=true", ["a1", "a2", "b1"], id="chain to missing finds all"),
        pytest.param("Observation?patient.name=alp&code=weight", ["a2"], id="chain with another condition"),
        pytest.param("Observation?has-member.code=height", ["a2"], id="chain to the same type"),
        pytest.param("Patient?_has:Observation:patient:code=weight", ["anna"], id="has"),
        pytest.param("Patient?_has:Observation:patient:code=height", ["anna", "ben"], id="has, several"),
        pytest.param("Patient?_has:Observation:patient:date=ge2021-01-01", ["ben"], id="has a date"),
        pytest.param("Patient?_has:Observation:patient:_id=b1", ["ben"], id="has an id"),
        pytest.param(
            "Organization?_has:Patient:organization:_has:Observation:patient:code=weight", ["ward"], id="nested has"
        ),
        pytest.param("Organization?_has:Patient:organization:name=alp", ["ward"], id="has by name"),
        pytest.param("Patient?_has:Observation:patient:has-member.code=height", ["anna"], id="has a chain"),
        pytest.param("Organization?_has:Organization:partof:name=ward", ["clinic"], id="has of the same type"),
        pytest.param("Patient?_id=Patient/ben", ["ben"], id="_id with its type"),
        pytest.param("Patient?_id=ben,anna", ["anna", "ben"], id="_id alternatives"),
        pytest.param("Patient?_id=ben&_id=anna", [], id="_id twice"),
    ],
)
def test_references_are_followed(shelf: Shelf, query: str, found: list[str]) -> None:
    assert shelf.ids(query) == found


def test_a_deleted_resource_ends_a_chain(shelf: Shelf) -> None:
    shelf.delete("Patient", "ben")
    assert shelf.ids("Observation?patient.name=beta") == []
    assert shelf.ids("Observation?patient=ben") == ["b1"]
    assert shelf.ids("Patient?_has:Observation:patient:code=height") == ["anna"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("Observation?patient:bogus=x", "2498", id="an unknown modifier"),
        pytest.param("Observation?patient:identifier=x", "2498", id="identifier is off"),
        pytest.param("Observation?patient:exact=x", "1250", id="a modifier of other parameters"),
        pytest.param("Observation?patient.bogus=x", "1243", id="an unknown chain"),
        pytest.param("Patient?_has=x", "1942", id="has without parts"),
        pytest.param("Patient?_has:Observation:patient=x", "1942", id="has with too few parts"),
        pytest.param("Patient?_has:Bogus:patient:code=x", "1208", id="has of an unknown type"),
        pytest.param("Patient?_has:Observation:bogus:code=x", "1209", id="has by an unknown reference"),
        pytest.param("Patient?_has:Observation:patient:bogus=x", "1209", id="has an unknown parameter"),
        pytest.param("Patient?bogus=x", "0524", id="an unknown parameter"),
        pytest.param("Patient?_language=x", "1223", id="a parameter of all resources that is switched off"),
        pytest.param("Patient?name.bogus=x", "1935", id="a chain over what is no reference"),
        pytest.param("Observation?" + "has-member." * 50 + "code=x", "1243", id="a chain of fifty links"),
        pytest.param("Patient?_include=patient", "2018", id="an include without a type"),
        pytest.param("Patient?_include=Patient:bogus", "2015", id="an include of an unknown parameter"),
        pytest.param("Patient?_include=Patient:organization:Foo", "2016", id="an include of an unknown target"),
        pytest.param("Patient?_revinclude=Bogus:patient", "2017", id="a revinclude of an unknown type"),
        pytest.param("Patient?_sort=bogus", "1194", id="an unknown sort"),
        pytest.param("Patient?_source=x", "1216", id="source is off"),
        pytest.param("Patient?_text=x", "1192", id="text is off"),
        pytest.param("Patient?_contained=true", "0984", id="contained is off"),
        pytest.param("Patient?_count=abc", "0375", id="a count that is no number"),
        pytest.param("Patient?_offset=-1", "0389", id="a negative offset"),
        pytest.param("Location?near=bogus", "1230", id="no position"),
    ],
)
def test_what_the_real_server_refuses_is_refused_by_its_number(shelf: Shelf, query: str, number: str) -> None:
    with pytest.raises(SearchRefusal) as caught:
        shelf.ids(query)
    assert caught.value.number == number


def test_a_reference_is_found_by_identifier_once_that_is_switched_on(r4: Shelf) -> None:
    by = {**observation("by"), "subject": {"identifier": {"system": "urn:mrn", "value": "1"}}}
    r4.put(by, observation("other"))
    r4.features = (Feature.IDENTIFIER,)
    assert r4.ids("Observation?subject:identifier=urn:mrn|1") == ["by"]


@pytest.mark.parametrize(
    ("query", "included"),
    [
        pytest.param("Observation?_id=a2&_include=Observation:patient", ["anna"], id="include"),
        pytest.param("Observation?_id=a1,a2&_include=Observation:subject", ["anna"], id="each once"),
        pytest.param("Observation?_id=a2&_include=Observation:subject:Group", [], id="of a target type"),
        pytest.param("Observation?_id=a2&_include=*", ["anna", "a1"], id="all references"),
        pytest.param("Observation?_id=a2&_include=Observation:*", ["anna", "a1"], id="all references of a type"),
        pytest.param("Observation?_id=a1,a2&_include=Observation:has-member", [], id="never a match again"),
        pytest.param(
            "Observation?_id=a1&_include=Observation:patient&_include=Patient:organization", ["anna"], id="one step"
        ),
        pytest.param(
            "Observation?_id=a1&_include=Observation:patient&_include:iterate=Patient:organization"
            "&_include:iterate=Organization:partof",
            ["clinic", "ward", "anna"],
            id="iterate",
        ),
        pytest.param("Patient?_id=ben&_revinclude=Observation:patient", ["b1"], id="revinclude"),
        pytest.param("Patient?_id=ben&_revinclude=*", ["b1"], id="revinclude of all"),
        pytest.param(
            "Organization?_id=ward&_revinclude=Patient:organization&_revinclude:iterate=Observation:patient",
            ["anna", "a1", "a2"],
            id="revinclude, iterate",
        ),
    ],
)
def test_a_page_includes_what_it_leads_to(shelf: Shelf, query: str, included: list[str]) -> None:
    page = shelf.page(query)
    assert sorted(record.id for record in page.includes) == sorted(included)


def test_includes_count_neither_as_matches_nor_in_the_total(shelf: Shelf) -> None:
    page = shelf.page("Observation?_count=1&_include=Observation:patient")
    assert ([match.id for match in page.matches], page.total, page.more) == (["a1"], 5, True)


def test_a_list_names_what_is_found(shelf: Shelf) -> None:
    entries = [{"item": {"reference": f"Observation/{id}"}} for id in ("b1", "a1")]
    shelf.put({"resourceType": "List", "id": "42", "entry": entries})
    assert shelf.ids("Observation?_list=42") == ["a1", "b1"]
    assert shelf.ids("Observation?_list=43") == []
