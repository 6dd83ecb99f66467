"""Compiled search parameters, of the definitions and of those that are stored."""

from __future__ import annotations

from typing import Any

import pytest

from fhantom.definitions import Version, load
from fhantom.resources import store
from fhantom.resources.compiling import compile_expression
from fhantom.resources.model import SearchModel
from fhantom.resources.numbers import VERSIONS, parameter_number, type_number
from fhantom.resources.refusal import UnusableExpression
from shelves import Json, Shelf, coded, observation, patient


def values(expression: str, resource: Json, version: Version = "R4") -> list[Any]:
    branches = compile_expression(load(version), resource["resourceType"], expression)
    return [value for branch in branches for value in branch.values(resource)]


PATIENT: Json = {
    "resourceType": "Patient",
    "name": [{"family": "A", "given": ["B", "C"]}, {"text": "D"}],
    "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
    "generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "http://a/Organization/2"}],
    "deceasedBoolean": False,
    "extension": [{"url": "urn:a", "valueString": "x"}, {"url": "urn:b", "valueCode": "y"}],
    "multipleBirthInteger": 2,
}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        pytest.param("Patient.name.given", ["B", "C"], id="a path through lists"),
        pytest.param("Patient.name[1].text", ["D"], id="one item"),
        pytest.param("Patient.name.given.first()", ["B"], id="the first"),
        pytest.param("Patient.name.family | Patient.name.text", ["A", "D"], id="a union"),
        pytest.param("(Patient.name | Practitioner.name).family", ["A"], id="a part of another type"),
        pytest.param("Patient.telecom.where(system='phone').value", ["1"], id="where"),
        pytest.param("Patient.telecom.where(system='phone' or value='2').value", ["1", "2"], id="where with or"),
        pytest.param("Patient.telecom.where(system='phone' and value='2').value", [], id="where with and"),
        pytest.param("Patient.telecom.where(system!='phone').value", ["2"], id="where not equal"),
        pytest.param(
            "Patient.generalPractitioner.where(resolve() is Organization).reference",
            ["http://a/Organization/2"],
            id="the type of a target",
        ),
        pytest.param("Patient.deceased.ofType(boolean)", [False], id="a choice by ofType"),
        pytest.param("(Patient.deceased as dateTime)", [], id="a choice by as"),
        pytest.param("Patient.deceased.exists() and Patient.deceased != false", [False], id="a condition"),
        pytest.param("Patient.extension('urn:a').value", ["x"], id="an extension"),
        pytest.param("Patient.extension.where(url='urn:b').value.as(code)", ["y"], id="an extension by where"),
        pytest.param("Patient.contact.empty()", [True], id="empty"),
        pytest.param("Patient.name.family.exists().not()", [False], id="not"),
        pytest.param("Patient.multipleBirth.is(integer)", None, id="a function that is not known"),
        pytest.param("Patient.bogus", None, id="an unknown element"),
        pytest.param("Patient.name..given", None, id="no path"),
        pytest.param("Patient.name)", None, id="a bracket too many"),
        pytest.param("(" * 200 + "Patient.name", None, id="two hundred brackets"),
    ],
)
def test_expressions_are_followed(expression: str, found: list[Any] | None) -> None:
    if found is None:
        with pytest.raises(UnusableExpression):
            values(expression, PATIENT)
    else:
        assert values(expression, PATIENT) == found


@pytest.mark.parametrize("version", VERSIONS)
def test_every_expression_of_the_definitions_can_be_followed(version: Version) -> None:
    definitions = load(version)
    for resource_type in definitions.resource_types:
        for parameter in definitions.search_parameters(resource_type).values():
            if parameter.expression:
                compile_expression(definitions, resource_type, parameter.expression)
    assert definitions.resource_types


def test_no_two_names_share_a_number() -> None:
    names = [
        (version, resource_type, code)
        for version in VERSIONS
        for resource_type in load(version).resource_types
        for code in load(version).search_parameters(resource_type)
    ]
    types = {(version, resource_type) for version, resource_type, _ in names}
    assert len({parameter_number(*name) for name in names}) == len(names)
    assert len({type_number(*name) for name in types}) == len(types)


def test_a_draft_is_the_same_whoever_prepares_it() -> None:
    resource = observation("1", "Patient/2", code=coded("c", "http://s"), effectiveDateTime="2020")
    one, other = (SearchModel("R4").prepare(resource, b"{}", "1") for _ in range(2))
    assert {table: set(rows) for table, rows in one.index.items()} == {
        table: set(rows) for table, rows in other.index.items()
    }
    assert (one.digest, one.references) == (other.digest, other.references)


def parameter(**elements: Any) -> Json:
    return {
        "resourceType": "SearchParameter",
        "id": "nickname",
        "url": "http://example.org/nickname",
        "status": "active",
        "code": "nickname",
        "base": ["Patient"],
        "type": "string",
        "expression": "Patient.name.where(use='nickname').given",
        **elements,
    }


def test_a_stored_search_parameter_is_searched_by_from_then_on(r5: Shelf) -> None:
    person = patient("p", name=[{"use": "nickname", "given": ["Bobby"]}])
    r5.put(parameter())
    r5.put(person)
    assert r5.ids("Patient?nickname=bob") == ["p"]
    assert "nickname" in r5.model.parameters("Patient")
    r5.put(parameter(status="retired"))
    assert "nickname" not in r5.model.parameters("Patient")


def test_a_stored_search_parameter_that_cannot_be_followed_is_none(r5: Shelf) -> None:
    r5.put(parameter(expression="Patient.name.bogus("))
    assert "nickname" not in r5.model.parameters("Patient")


def test_search_parameters_of_one_fhir_version_are_none_of_the_other(r4: Shelf, r5: Shelf) -> None:
    r5.put(parameter())
    assert "nickname" not in r4.model.parameters("Patient")


def test_what_was_stored_before_a_search_parameter_is_found_once_it_is_indexed_anew(r5: Shelf) -> None:
    r5.put(patient("p", name=[{"use": "nickname", "given": ["Bobby"]}]))
    r5.put(parameter())
    assert r5.ids("Patient?nickname=bob") == []
    assert store.reindex_all(r5.world, "R5", ["Patient"]) == 1
    assert r5.ids("Patient?nickname=bob") == ["p"]
    assert r5.ids("Patient?given=bob") == ["p"]


def test_few_resources_catch_up_with_a_new_search_parameter_at_once(r5: Shelf) -> None:
    r5.put(patient("p", name=[{"use": "nickname", "given": ["Bobby"]}]), observation("o"))
    assert store.catch_up(r5.world, "R5") == 0
    r5.put(parameter())
    assert store.catch_up(r5.world, "R5") == 1
    assert r5.ids("Patient?nickname=bob") == ["p"]


def test_of_an_extension_its_value_is_searched(r5: Shelf) -> None:
    r5.put(parameter(code="eye", type="token", expression="Patient.extension('urn:eye')"))
    r5.put(patient("p", extension=[{"url": "urn:eye", "valueCode": "blue"}, {"url": "urn:hair", "valueCode": "red"}]))
    assert r5.ids("Patient?eye=blue") == ["p"]
    assert r5.ids("Patient?eye=red") == []
