from __future__ import annotations

import gzip
from importlib.resources import files

import pytest

from fhantom.definitions import Version, load
from fhantom.fhir.capabilities import template
from fhantom.fhir.operations import definitions, table
from fhir_client import FhirClient, Resource, patient


@pytest.fixture(scope="module")
def statement(fhir: FhirClient) -> Resource:
    made: Resource = fhir.get("metadata").json()
    return made


def version_of(fhir: FhirClient) -> Version:
    return "R4" if fhir.root == "/fhir-r4" else "R5"


def test_the_statement_names_the_version_and_every_type(fhir: FhirClient, statement: Resource) -> None:
    tables = load(version_of(fhir))
    assert statement["fhirVersion"] == tables.fhir_version
    assert tuple(row["type"] for row in statement["rest"][0]["resource"]) == tables.resource_types
    assert statement["implementation"]["url"] == fhir.base


def test_a_type_tells_its_interactions_parameters_and_operations(statement: Resource) -> None:
    row = next(row for row in statement["rest"][0]["resource"] if row["type"] == "Patient")
    assert {interaction["code"] for interaction in row["interaction"]} >= {"read", "patch", "search-type"}
    assert {"name", "_id", "_has"} <= {parameter["name"] for parameter in row["searchParam"]}
    assert "Patient:organization" in row["searchInclude"]
    assert "Observation:patient" in row["searchRevInclude"]
    assert {"everything", "validate"} <= {operation["name"] for operation in row["operation"]}


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_the_built_statement_is_the_definitions(version: Version) -> None:
    data = files("fhantom.fhir").joinpath("data", f"capabilities-{version.lower()}.json.gz").read_bytes()
    assert gzip.decompress(data) == template(version), "run scripts/generate_capabilities.py"


def test_every_operation_that_is_named_can_be_read(fhir: FhirClient, statement: Resource) -> None:
    rows = [*statement["rest"][0]["operation"]]
    for row in statement["rest"][0]["resource"]:
        if row["type"] in ("Patient", "ValueSet", "Composition"):
            rows += row["operation"]
    for row in rows:
        read = fhir.get(row["definition"].removeprefix(fhir.base + "/"))
        assert (read.status, read.json()["code"]) == (200, row["name"])
    assert fhir.get("OperationDefinition/Patient-s-bogus").status == 404


def test_definitions_say_on_what_an_operation_works() -> None:
    made = definitions.definition("http://x/fhir", "Patient-it-everything")
    assert made is not None
    assert (made["system"], made["type"], made["instance"]) == (False, True, True)
    assert definitions.definition("http://x/fhir", "Server-s-diff") is not None


def test_operations_are_found_at_their_own_level() -> None:
    assert table.named("everything", "Patient", instance=True) is not None
    assert table.named("everything", "Observation", instance=True) is None
    assert table.named("meta", "", instance=False) is not None


@pytest.mark.parametrize("path", ["metadata?_format=xml", "metadata?_summary=true", "metadata?_pretty=false"])
def test_the_statement_comes_in_every_form(fhir: FhirClient, path: str) -> None:
    answer = fhir.get(path)
    assert answer.status == 200
    assert "CapabilityStatement" in answer.text[:60]
    assert "/CapabilityStatement/" in answer.headers["Content-Location"]


def test_options_at_the_base_answers_the_statement(fhir: FhirClient) -> None:
    assert fhir.send("OPTIONS", "").json()["resourceType"] == "CapabilityStatement"


def test_a_stored_search_parameter_shows_at_once(fhir: FhirClient, fresh: str) -> None:
    code = f"eye-{fresh}"
    parameter = {
        "resourceType": "SearchParameter",
        "id": fresh,
        "url": f"http://sp/{fresh}",
        "name": "eye",
        "status": "active",
        "code": code,
        "base": ["Patient"],
        "type": "token",
        "expression": "Patient.extension('http://eye').value",
    }
    assert fhir.put(parameter).status == 201
    rows = fhir.get("metadata").json()["rest"][0]["resource"]
    shown = next(row for row in rows if row["type"] == "Patient")["searchParam"]
    assert code in [row["name"] for row in shown]
    fhir.put(patient(fresh, extension=[{"url": "http://eye", "valueCode": fresh}]))
    assert fhir.found(f"Patient?{code}={fresh}") == [f"Patient/{fresh}"]
