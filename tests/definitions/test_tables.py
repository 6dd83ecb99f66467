"""The generated tables say what the specification says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from fhantom.definitions import Definitions, UnknownType, Version, load

VERSIONS: list[Version] = ["R4", "R5"]


@pytest.fixture(params=VERSIONS)
def definitions(request: pytest.FixtureRequest) -> Definitions:
    return load(request.param)


@pytest.mark.parametrize(("version", "fhir", "types"), [("R4", "4.0.1", 146), ("R5", "5.0.0", 158)])
def test_a_version_has_all_its_resource_types(version: Version, fhir: str, types: int) -> None:
    definitions = load(version)
    assert definitions.fhir_version == fhir
    assert len(definitions.resource_types) == types
    assert list(definitions.resource_types) == sorted(definitions.resource_types)


def test_every_type_that_an_element_has_is_defined(definitions: Definitions) -> None:
    waiting = [*definitions.resource_types, *definitions.datatypes]
    seen = set(waiting)
    while waiting:
        for key in definitions.type(waiting.pop()).keys.values():
            if not key.is_primitive and key.type not in seen:
                seen.add(key.type)
                waiting.append(key.type)
    assert len(seen) > 500


def test_elements_come_in_the_order_of_the_definition(definitions: Definitions) -> None:
    names = [element.name for element in definitions.elements("Patient")]
    first = ["id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"]
    assert names[:10] == [*first, "identifier", "active"]
    assert names[-1] == "link"


def test_a_choice_has_one_key_for_each_type(definitions: Definitions) -> None:
    keys = definitions.type("Patient").keys
    assert [name for name in keys if name.startswith("deceased")] == ["deceasedBoolean", "deceasedDateTime"]
    assert keys["deceasedBoolean"].element.is_choice
    assert keys["deceasedBoolean"].element is keys["deceasedDateTime"].element


def test_a_content_reference_has_the_type_it_refers_to(definitions: Definitions) -> None:
    assert definitions.type("Questionnaire.item").keys["item"].type == "Questionnaire.item"
    assert definitions.type("Bundle.entry").keys["link"].type == "Bundle.link"


def test_a_required_binding_has_a_name_and_codes(definitions: Definitions) -> None:
    gender = definitions.type("Patient").keys["gender"].element
    assert gender.binding_name == "AdministrativeGender"
    assert gender.value_set is not None
    assert definitions.codes(gender.value_set) == {"male", "female", "other", "unknown"}


def test_an_extensible_binding_is_told_apart_from_a_required_one(definitions: Definitions) -> None:
    marital_status = definitions.type("Patient").keys["maritalStatus"].element
    assert marital_status.extensible_value_set == "http://hl7.org/fhir/ValueSet/marital-status"
    assert marital_status.value_set is None


def test_a_binding_to_an_outside_code_system_has_no_codes(definitions: Definitions) -> None:
    assert definitions.codes("http://hl7.org/fhir/ValueSet/mimetypes") is None


def test_a_reference_names_its_targets(definitions: Definitions) -> None:
    practitioner = definitions.type("Patient").keys["generalPractitioner"].element
    assert practitioner.targets == ("Organization", "Practitioner", "PractitionerRole")


@pytest.mark.parametrize("path", ["Nothing", "Patient.nothing", "index"])
def test_an_unknown_type_raises(definitions: Definitions, path: str) -> None:
    with pytest.raises(UnknownType):
        definitions.type(path)


def test_a_search_parameter_keeps_the_part_of_its_expression_for_the_type(definitions: Definitions) -> None:
    assert definitions.search_parameters("Patient")["gender"].expression == "Patient.gender"


def test_a_composite_names_its_components(definitions: Definitions) -> None:
    parameter = definitions.search_parameters("Observation")["code-value-quantity"]
    assert parameter.type == "composite"
    assert parameter.components[0].expression == "code"


def test_every_type_can_be_searched_by_what_all_resources_have(definitions: Definitions) -> None:
    for resource_type in definitions.resource_types:
        common = {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"}
        assert common <= set(definitions.search_parameters(resource_type))


def test_every_parameter_of_the_patient_compartment_exists(definitions: Definitions) -> None:
    compartment = definitions.compartment("Patient")
    assert compartment["Observation"] == ["subject", "performer"]
    for resource_type, parameters in compartment.items():
        known = definitions.search_parameters(resource_type)
        assert {name for name in parameters if name != "{def}"} <= set(known), resource_type


@pytest.mark.parametrize("version", VERSIONS)
def test_search_parameters_are_those_of_the_recorded_capability_statement(shared: Path, version: Version) -> None:
    everywhere = {"_filter:string", "_has:string", "_list:string"}  # served by HAPI without a SearchParameter
    with gzip.open(shared / "golden" / "hapi" / f"{version.lower()}.jsonl.gz", "rt") as file:
        cases = [case for case in map(json.loads, file) if case.get("compare") == "capability:searchparams"]
    (recorded,) = [case["response"]["capability"] for case in cases]
    definitions = load(version)
    for resource_type, listed in recorded.items():
        own = {f"{p.code}:{p.type}" for p in definitions.search_parameters(resource_type).values()}
        assert own | everywhere == set(listed), resource_type
