"""Turtle output."""

from __future__ import annotations

import re

import pytest

from definitions.fhir_samples import resource_of
from fhantom.definitions import DecimalText, Version, dump_turtle, load
from fhantom.definitions.turtle import literal

STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def test_a_patient_in_turtle() -> None:
    patient = {
        "resourceType": "Patient",
        "id": "a",
        "active": True,
        "managingOrganization": {"reference": "Org/1"},
    }
    assert dump_turtle("R4", patient, "http://x/Patient/a").decode().partition("\n\n")[2] == (
        "<http://x/Patient/a> a fhir:Patient ;\n"
        "  fhir:nodeRole fhir:treeRoot ;\n"
        '  fhir:Resource.id [\n      fhir:value "a"\n    ] ;\n'
        "  fhir:Patient.active [\n      fhir:value true\n    ] ;\n"
        "  fhir:Patient.managingOrganization [\n      fhir:link <Org/1> ;\n"
        '      fhir:Reference.reference [\n        fhir:value "Org/1"\n      ]\n    ] .\n'
    )


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        ("decimal", DecimalText("1.00"), '"1.00"^^xsd:decimal'),
        ("integer", 3, "3"),
        ("date", "2020", '"2020"^^xsd:gYear'),
        ("date", "2020-01", '"2020-01"^^xsd:gYearMonth'),
        ("date", "2020-01-31", '"2020-01-31"^^xsd:date'),
        ("dateTime", "2020-01-31T10:00:00Z", '"2020-01-31T10:00:00Z"^^xsd:dateTime'),
        ("string", 'a"\n', '"a\\"\\n"'),
    ],
)
def test_a_value_has_the_xml_schema_type_of_its_form(type_: str, value: object, written: str) -> None:
    assert literal(type_, value) == written


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_every_type_is_written_with_balanced_brackets(version: Version) -> None:
    definitions = load(version)
    for resource_type in definitions.resource_types:
        bare = STRING.sub("", dump_turtle(version, resource_of(definitions, resource_type)).decode())
        assert bare.count("[") == bare.count("]") > 3, resource_type
        assert bare.endswith(" .\n"), resource_type


def test_a_url_cannot_break_out_of_its_brackets() -> None:
    patient = {"resourceType": "Patient", "managingOrganization": {"reference": "a> . <b"}}
    assert b"fhir:link <a.b>" in dump_turtle("R4", patient)
