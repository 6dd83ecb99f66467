"""What $validate says of form and profiles, and of a resource in Parameters, as HAPI 8.8.0 does (asked)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, Resource, diagnostics

CORE = "http://hl7.org/fhir/StructureDefinition/"
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
NOTHING = [("information", "", "")]


def found(fhir: FhirClient, body: Resource, query: str = "") -> list[tuple[str, str, str]]:
    """Severity, name and place of each finding."""
    answer = fhir.send("POST", f"Patient/$validate{query}", body)
    assert answer.status == 200, answer.text
    return [
        (
            issue["severity"],
            issue["details"]["coding"][0]["code"].removeprefix(CORE) if "details" in issue else "",
            issue.get("expression", [""])[0],
        )
        for issue in answer.json()["issue"]
    ]


def patient(**elements: Any) -> Resource:
    return {"resourceType": "Patient", "text": NARRATIVE, **elements}


def wrapped(*rows: Resource, **elements: Any) -> Resource:
    resource = {"resourceType": "Patient", **elements}
    return {"resourceType": "Parameters", "parameter": [*rows, {"name": "resource", "resource": resource}]}


@pytest.mark.parametrize(
    ("elements", "places"),
    [
        ({"name": [{}]}, ["Patient.name[0]"]),
        ({"name": []}, ["Patient.name"]),
        ({"name": {}}, ["Patient.name", "Patient.name"]),
        ({"name": "x"}, ["Patient.name", "Patient.name"]),
        ({"name": [None]}, ["Patient.name[0]"]),
        ({"maritalStatus": {}}, ["Patient.maritalStatus"]),
        ({"active": None}, ["Patient.active"]),
        ({"active": "true"}, ["Patient.active"]),
        ({"multipleBirthInteger": "1"}, ["Patient.multipleBirth"]),
        ({"name": [{"given": ["x", None], "_given": [None, {"id": "a"}]}]}, []),
        ({"name": [{"foo": 1}]}, ["Patient.name[0]"]),
    ],
)
def test_the_form_is_judged_element_by_element(fhir: FhirClient, elements: dict[str, Any], places: list[str]) -> None:
    assert found(fhir, patient(**elements)) == ([("error", "", place) for place in places] or NOTHING)


def test_an_empty_text_is_no_value(fhir: FhirClient) -> None:
    names = [name for _, name, _ in found(fhir, patient(birthDate=""))]
    assert names == ["Element#ele-1", "Type_Specific_Checks_DT_Primitive_NotEmpty"]


@pytest.mark.parametrize("contact", [{}, {"name": {}}, {"telecom": []}], ids=["nothing", "no name", "no telecom"])
def test_what_is_empty_fulfils_no_invariant(fhir: FhirClient, contact: Resource) -> None:
    assert [name for _, name, _ in found(fhir, patient(contact=[contact]))] == ["", "Patient#pat-1"]


@pytest.mark.parametrize(
    ("profile", "names"),
    [
        (f"{CORE}Patient", [""]),
        (f"{CORE}Observation", ["Validation_VAL_Profile_WrongType"]),
        (f"{CORE}DomainResource", ["Validation_VAL_Profile_WrongType"]),
        ("http://none", ["Validation_VAL_Profile_Unknown"]),
    ],
)
def test_a_profile_is_known_and_of_the_type(fhir: FhirClient, profile: str, names: list[str]) -> None:
    assert [name for _, name, _ in found(fhir, patient(), f"?profile={profile}")] == names


def test_profiles_that_a_resource_names_are_looked_for(fhir: FhirClient, fresh: str) -> None:
    url = f"http://profile/{fresh}"
    claiming = patient(meta={"profile": [url]})
    unknown = [name for _, name, _ in found(fhir, claiming)]
    assert unknown == ["VALIDATION_VAL_PROFILE_UNKNOWN_NOT_POLICY", "Validation_VAL_Profile_Unknown"]
    stored = {
        "resourceType": "StructureDefinition",
        "id": fresh,
        "url": url,
        "name": "X",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
    }
    assert fhir.put(stored).status == 201
    assert found(fhir, claiming) == NOTHING


def test_a_resource_in_parameters_is_judged_at_its_place(fhir: FhirClient) -> None:
    place = "Parameters.parameter[0]"
    assert found(fhir, wrapped(text=NARRATIVE)) == NOTHING
    assert found(fhir, wrapped(text=NARRATIVE, foo=1)) == [("error", "", f"{place}.resource/*Patient/null*/")]
    inner = f"{place}.resource/*Patient/null*/"
    assert found(fhir, wrapped()) == [
        ("error", "Parameters#inv-1", place),
        ("warning", "DomainResource#dom-6", inner),
    ]


def test_a_profile_asked_for_in_parameters_is_that_of_the_parameters(fhir: FhirClient) -> None:
    for kind, name in (("String", "Validation_VAL_Profile_WrongType"), ("Uri", "Validation_VAL_Profile_Unknown")):
        row = {"name": "profile", f"value{kind}": f"{CORE}Patient"}
        assert [name for _, name, _ in found(fhir, wrapped(row, text=NARRATIVE))] == [name]


def test_a_mode_is_a_text(fhir: FhirClient) -> None:
    for kind, status in (("Code", 200), ("String", 200), ("Uri", 400)):
        body = wrapped({"name": "mode", f"value{kind}": "create"})
        assert fhir.send("POST", "Patient/$validate", body).status == status


def test_parameters_without_a_resource_hold_nothing_to_validate(fhir: FhirClient) -> None:
    for kind in ("Patient", "Parameters"):
        answer = fhir.send("POST", f"{kind}/$validate", {"resourceType": "Parameters", "parameter": [{"name": "x"}]})
        assert (answer.status, "HAPI-0992" in diagnostics(answer)) == (400, True)


def test_entries_of_a_bundle_need_addresses(fhir: FhirClient) -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient()}]}
    assert ("error", "BUNDLE_BUNDLE_ENTRY_FULLURL_REQUIRED", "Bundle.entry[0]") in found(fhir, bundle)


def test_addresses_are_absolute(fhir: FhirClient) -> None:
    answer = found(fhir, patient(identifier=[{"system": "x", "value": "1"}], meta={"profile": ["y"]}))
    names = {name for _, name, _ in answer}
    assert {"Type_Specific_Checks_DT_Identifier_System", "TYPE_SPECIFIC_CHECKS_CANONICAL_ABSOLUTE"} <= names


@pytest.mark.parametrize(
    "body",
    [
        patient(contained=True),
        patient(contained=["x", {"resourceType": "Basic", "id": "b"}]),
        {"resourceType": "Bundle", "type": "collection", "entry": ["x", None]},
        {"resourceType": "Parameters", "parameter": {"name": "resource", "resource": {"resourceType": "Patient"}}},
        {"resourceType": "Parameters", "parameter": [None, {"name": "resource", "resource": "x"}]},
    ],
    ids=["contained is no list", "contained is no object", "entry is no object", "one parameter", "no resource"],
)
def test_nothing_malformed_stops_the_judgement(fhir: FhirClient, body: Resource) -> None:
    answer = fhir.send("POST", "Patient/$validate", body)
    assert answer.status in (200, 400)
    assert answer.json()["issue"][0]["severity"] in ("error", "warning")


@pytest.mark.parametrize(
    "elements",
    [
        {"maritalStatus": {"coding": "M"}},
        {"maritalStatus": {"coding": 1.5}},
        {"maritalStatus": {"coding": [["M"]]}},
        {"maritalStatus": {"coding": [{"code": ["M"]}]}},
        {"maritalStatus": {"coding": [{"system": {"a": 1}, "code": "M"}]}},
        {"extension": [{"url": 1.5, "valueString": "x"}]},
        {"extension": [{"url": ["http://example.org"], "valueString": "x"}]},
    ],
    ids=str,
)
def test_a_coding_or_url_of_another_form_is_found_to_be_wrong(fhir: FhirClient, elements: Resource) -> None:
    name = next(iter(elements))
    assert [place for severity, _, place in found(fhir, patient(**elements)) if severity == "error" and name in place]
