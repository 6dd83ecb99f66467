from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from fhantom.definitions import load
from fhantom.fhir import patch_json, patch_path, patch_xml
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.places import BadPath, follow, parse
from fhir_client import FhirClient, diagnostics, patient

R5 = load("R5")
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"use": "official", "family": "A", "given": ["x", "y"]}, {"use": "usual", "family": "B"}],
    "deceasedBoolean": False,
    "extension": [{"url": "http://e", "valueString": "v"}],
}


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "add", "path": "/gender", "value": "male"}, {"gender": "male"}),
        ({"op": "add", "path": "/name/1", "value": {"family": "C"}}, {"name": ["A", "C", "B"]}),
        ({"op": "add", "path": "/name/-", "value": {"family": "C"}}, {"name": ["A", "B", "C"]}),
        ({"op": "remove", "path": "/name/0"}, {"name": ["B"]}),
        ({"op": "replace", "path": "/active", "value": False}, {"active": False}),
        ({"op": "move", "from": "/name/1", "path": "/name/0"}, {"name": ["B", "A"]}),
        ({"op": "copy", "from": "/name/0", "path": "/name/2"}, {"name": ["A", "B", "A"]}),
        ({"op": "test", "path": "/name/0/given/1", "value": "y"}, {}),
    ],
    ids=lambda value: value.get("op", ""),
)
def test_json_patch_does_what_rfc_6902_says(operation: dict[str, Any], changed: dict[str, Any]) -> None:
    before = copy.deepcopy(PATIENT)
    after = patch_json.apply(PATIENT, [operation])
    assert before == PATIENT
    families = [name["family"] for name in after["name"]]
    assert {**after, "name": families} == {**PATIENT, "name": ["A", "B"], **changed}


@pytest.mark.parametrize(
    "patch",
    [
        {},
        [{"op": "bogus", "path": "/active"}],
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "add", "path": "/name/9", "value": {}}],
        [{"op": "add", "path": "/name/x", "value": {}}],
        [{"op": "add", "path": "name", "value": {}}],
        [{"op": "add", "path": "/name"}],
        [{"op": "add", "path": "/active/x", "value": 1}],
        [{"op": "test", "path": "/active", "value": False}],
        [{"op": "move", "from": "/name", "path": "/name/0"}],
        ["x"],
    ],
    ids=json.dumps,
)
def test_a_json_patch_that_cannot_be_done_changes_nothing(patch: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        patch_json.apply(PATIENT, patch)
    assert refusal.value.key == "1272"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("Patient.active", [True]),
        ("Patient.name.family", ["A", "B"]),
        ("Patient.name[1].family", ["B"]),
        ("name.given", ["x", "y"]),
        ("Patient.name.where(use = 'usual').family", ["B"]),
        ("Patient.name.where(use='usual' and family='A')", []),
        ("Patient.name.first().given.last()", ["y"]),
        ("Patient.deceased", [False]),
        ("Patient.deceased.ofType(dateTime)", []),
        ("Patient.extension('http://e').value", ["v"]),
        ("Patient", [PATIENT]),
    ],
)
def test_a_path_leads_to_places(path: str, values: list[Any]) -> None:
    assert [place.value for place in follow(R5, PATIENT, path)] == values


@pytest.mark.parametrize(
    "path", ["Patient.(((", "Patient.name.bogus()", "'x'", "a..b", "a b", "a.skip(b)", "a.where(b='c'"]
)
def test_a_path_that_cannot_be_followed_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        parse(path)


def operation(kind: str, path: str, **parts: Any) -> dict[str, Any]:
    """One operation; a part is given as `name=(property, value)`."""
    rows = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    rows += [{"name": name, key: value} for name, (key, value) in parts.items()]
    return {"name": "operation", "part": rows}


def path_patched(*operations: dict[str, Any]) -> dict[str, Any]:
    return patch_path.apply(R5, PATIENT, {"resourceType": "Parameters", "parameter": list(operations)})


def test_a_path_patch_adds_inserts_moves_replaces_and_deletes() -> None:
    name = ("valueHumanName", {"family": "C"})
    assert path_patched(
        operation("add", "Patient", name=("valueString", "name"), value=name),
        operation("insert", "Patient.name", index=("valueInteger", 0), value=("valueHumanName", {"family": "D"})),
        operation("move", "Patient.name", source=("valueInteger", 3), destination=("valueInteger", 1)),
        operation("replace", "Patient.name[2].family", value=("valueString", "Z")),
        operation("delete", "Patient.active"),
        operation("delete", "Patient.photo"),
        operation("replace", "Patient.deceased", value=("valueDateTime", "2020")),
    ) == {
        "resourceType": "Patient",
        "name": [
            {"family": "D"},
            {"family": "C"},
            {"use": "official", "family": "Z", "given": ["x", "y"]},
            {"use": "usual", "family": "B"},
        ],
        "deceasedDateTime": "2020",
        "extension": [{"url": "http://e", "valueString": "v"}],
    }


def test_a_path_patch_deletes_several_only_if_it_says_so() -> None:
    several = operation("delete", "Patient.name", allowMultipleMatches=("valueBoolean", True))
    assert path_patched(several)["name"] == []


def test_a_path_patch_inserts_into_a_list_that_is_not_there() -> None:
    photo = ("valueAttachment", {"url": "http://p"})
    assert path_patched(operation("insert", "Patient.photo", index=("valueInteger", 0), value=photo))["photo"] == [
        {"url": "http://p"}
    ]


def test_a_backbone_element_is_given_in_parts() -> None:
    value = ("part", [{"name": "name", "valueHumanName": {"family": "K"}}, {"name": "gender", "valueCode": "male"}])
    patched = path_patched(operation("add", "Patient", name=("valueString", "contact"), value=value))
    assert patched["contact"] == [{"name": {"family": "K"}, "gender": "male"}]


@pytest.mark.parametrize(
    ("bad", "number"),
    [
        (operation("bogus", "Patient.active"), "1267"),
        (operation("replace", "Patient.gender", value=("valueCode", "male")), "2761"),
        (operation("replace", "Patient.name[9]", value=("valueHumanName", {})), "2761"),
        (operation("replace", "Patient.name", value=("valueHumanName", {})), "2704"),
        (operation("replace", "Patient", value=("valueString", "x")), "2719"),
        (operation("delete", "Patient.name"), "1267"),
        (operation("replace", "Patient.gender"), "2761"),
        (operation("replace", "Patient.active"), "1267"),
        (operation("replace", "Patient.active", value=("valueString", "x")), "patch value"),
        (operation("replace", "Patient.name[0].given[0]", value=("valueString", "x")), "2719"),
        (operation("replace", "Patient.deceasedBoolean", value=("valueBoolean", True)), "2761"),
        (operation("add", "Patient", name=("valueString", "name"), value=("valueString", "x")), "1831"),
        (operation("add", "Patient", name=("valueString", "deceased"), value=("valueString", "x")), "1831"),
        (operation("move", "Patient.active", source=("valueInteger", 0), destination=("valueInteger", 1)), "1269"),
        (operation("insert", "Patient.name", index=("valueString", "0"), value=("valueString", "x")), "patch index"),
        (operation("add", "Patient", name=("valueString", "bogus"), value=("valueString", "x")), "1267"),
        (operation("add", "Patient.contact", name=("valueString", "gender"), value=("valueCode", "male")), "1267"),
        (operation("insert", "Patient.name", index=("valueInteger", 9), value=("valueString", "x")), "1267"),
        (operation("insert", "Patient", index=("valueInteger", 0), value=("valueString", "x")), "1267"),
        (operation("insert", "Patient.name", value=("valueString", "x")), "patch index"),
        (operation("move", "Patient.name", source=("valueInteger", 9), destination=("valueInteger", 0)), "1268"),
        (operation("move", "Patient.name", source=("valueInteger", 0), destination=("valueInteger", 9)), "1269"),
        (operation("replace", "Patient.(((", value=("valueCode", "x")), "2726"),
        (operation("delete", "Patient."), "2726"),
        ({"name": "bogus"}, "1267"),
        ({"name": "operation", "part": []}, "1267"),
    ],
)
def test_a_path_patch_that_cannot_be_done_is_refused(bad: dict[str, Any], number: str) -> None:
    with pytest.raises(Refusal) as refusal:
        path_patched(bad)
    assert refusal.value.key == number


XML = b'<Patient xmlns="http://hl7.org/fhir"><active value="true"/><name><family value="A"/></name></Patient>'


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('<replace sel="f:Patient/f:active/@value">false</replace>', b'active value="false"'),
        ('<replace sel="Patient/active/@value">false</replace>', b'active value="false"'),
        ('<add sel="f:Patient/f:name[1]"><f:given value="g"/></add>', b'given value="g"'),
        ('<add sel="f:Patient/f:active" pos="after"><f:gender value="male"/></add>', b'gender value="male"'),
        ('<replace sel="f:Patient/f:name"><f:name><f:family value="B"/></f:name></replace>', b'family value="B"'),
    ],
)
def test_xml_patch_does_what_rfc_5261_says(change: str, expected: bytes) -> None:
    patched = patch_xml.apply(XML, f'<diff xmlns:f="http://hl7.org/fhir">{change}</diff>'.encode())
    assert expected in patched


@pytest.mark.parametrize(
    "patch",
    [
        b"<diff",
        b"<!DOCTYPE d><diff/>",
        b"<diff><bogus/></diff>",
        b'<diff><remove sel="Patient/gender"/></diff>',
        b'<diff><remove sel="Other/gender"/></diff>',
        b'<diff><remove sel="Patient/name[["/></diff>',
        b'<diff><remove sel="Patient"/></diff>',
        b'<diff><replace sel="Patient/active"/></diff>',
        b'<diff><replace sel="Patient/active/@none">x</replace></diff>',
    ],
)
def test_an_xml_patch_that_cannot_be_done_is_refused(patch: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        patch_xml.apply(XML, patch)
    assert refusal.value.key == "1273"


JSON_PATCH = "application/json-patch+json"


def test_a_patch_makes_a_version_and_keeps_the_id(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    change = [{"op": "add", "path": "/active", "value": True}, {"op": "replace", "path": "/id", "value": "x"}]
    answer = fhir.send("PATCH", f"Patient/{fresh}", change, Content_Type=JSON_PATCH)
    assert (answer.status, answer.json()["id"], answer.json()["active"]) == (200, fresh, True)
    assert "ETag" not in answer.headers
    assert answer.headers["Content-Location"].endswith(f"/Patient/{fresh}/_history/2")
    again = fhir.send("PATCH", f"Patient/{fresh}", change, Content_Type=JSON_PATCH)
    assert again.json()["meta"]["versionId"] == "2"


def test_the_three_languages_go_through_the_door(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, gender="male", active=True))
    path = f"Patient/{fresh}"
    change = operation("replace", "Patient.gender", value=("valueCode", "other"))
    assert fhir.send("PATCH", path, {"resourceType": "Parameters", "parameter": [change]}).status == 200
    xml = b'<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:active/@value">false</replace></diff>'
    assert fhir.send("PATCH", path, xml, Content_Type="application/xml-patch+xml").status == 200
    read = fhir.get(path).json()
    assert (read["gender"], read["active"], read["meta"]["versionId"]) == ("other", False, "3")


@pytest.mark.parametrize(
    ("content_type", "body", "status", "number"),
    [
        ("application/json", b"[]", 400, "HAPI-1965"),
        (JSON_PATCH, b"[", 400, "HAPI-1272"),
        (JSON_PATCH, b'[{"op":"add","path":"/gender","value":"banana"}]', 400, "HAPI-1271"),
    ],
)
def test_a_patch_that_is_none_is_refused(
    fhir: FhirClient, fresh: str, content_type: str, body: bytes, status: int, number: str
) -> None:
    fhir.put(patient(fresh))
    answer = fhir.send("PATCH", f"Patient/{fresh}", body, Content_Type=content_type)
    assert answer.status == status
    assert diagnostics(answer).startswith(number)


def test_if_match_guards_a_patch(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh))
    answer = fhir.send("PATCH", f"Patient/{fresh}", b"[]", Content_Type=JSON_PATCH, If_Match='W/"7"')
    assert (answer.status, diagnostics(answer)[:22]) == (409, "HAPI-0550: HAPI-0974: ")
    missing = fhir.send("PATCH", "Patient/none", b"[]", Content_Type=JSON_PATCH)
    assert missing.status == 404


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ({"op": "add", "path": "/nothing", "value": 1}, "HAPI-1825"),
        ({"op": "add", "path": "/name", "value": "x"}, "HAPI-1820"),
        ({"op": "replace", "path": "", "value": {"resourceType": "Basic"}}, "HAPI-1814"),
        ({"op": "remove", "path": ""}, "HAPI-1859"),
    ],
    ids=["an unknown element", "text for an object", "another type", "nothing left"],
)
def test_what_a_json_patch_leaves_is_read_strictly(
    fhir: FhirClient, fresh: str, operation: dict[str, Any], number: str
) -> None:
    fhir.put(patient(fresh))
    body = json.dumps([operation]).encode()
    answer = fhir.send("PATCH", f"Patient/{fresh}", body, Content_Type="application/json-patch+json")
    assert answer.status == 400
    assert diagnostics(answer).startswith("HAPI-1271")
    assert number in diagnostics(answer)


def test_a_json_patch_may_replace_the_whole_but_not_its_tags(fhir: FhirClient, fresh: str) -> None:
    tag = {"system": "http://x", "code": "lasting"}
    fhir.put(patient(fresh, meta={"tag": [tag]}, active=True))
    whole = [{"op": "replace", "path": "", "value": {"resourceType": "Patient", "gender": "male"}}]
    body = json.dumps(whole).encode()
    left = fhir.send("PATCH", f"Patient/{fresh}", body, Content_Type="application/json-patch+json").json()
    assert (left["id"], left["gender"], "active" in left, left["meta"]["tag"]) == (fresh, "male", False, [tag])


@pytest.mark.parametrize(
    ("parts", "changed"),
    [
        pytest.param(
            operation("add", "Patient", name=("valueString", "deceased"), value=("valueDateTime", "2020")),
            {"deceasedBoolean": None, "deceasedDateTime": "2020"},
            id="a choice has one value",
        ),
        pytest.param(
            operation("replace", "Patient.deceased", value=("valueDateTime", "2020")),
            {"deceasedBoolean": None, "deceasedDateTime": "2020"},
            id="a choice of another type",
        ),
        pytest.param(
            operation("add", "Patient", name=("valueString", "active")), {"active": None}, id="no value takes away"
        ),
        pytest.param(
            operation("insert", "Patient.active", index=("valueInteger", 0), value=("valueBoolean", False)),
            {},
            id="nothing is inserted where nothing repeats",
        ),
        pytest.param(
            operation("delete", "Patient.deceasedBoolean"), {}, id="a choice has no name with a type in FHIRPath"
        ),
        pytest.param(
            operation("replace", "Patient.extension[0].value", value=("valueInteger", 4)),
            {"extension": [{"url": "http://e", "valueInteger": 4}]},
            id="a choice of an extension",
        ),
        pytest.param(
            operation(
                "replace",
                "Patient.name.where(family.startsWith('B') or use.empty()).tail().family",
                value=("valueString", "x"),
            ),
            None,
            id="nothing is left to be replaced",
        ),
    ],
)
def test_a_path_patch_does_as_hapi(parts: dict[str, Any], changed: dict[str, Any] | None) -> None:
    patch = {"resourceType": "Parameters", "parameter": [parts]}
    if changed is None:
        with pytest.raises(Refusal, match="HAPI-2761"):
            patch_path.apply(R5, PATIENT, patch)
        return
    expected = {name: value for name, value in {**PATIENT, **changed}.items() if value is not None}
    assert patch_path.apply(R5, PATIENT, patch) == expected


def test_parts_of_a_value_change_what_they_name(fhir: FhirClient, fresh: str) -> None:
    fhir.put(patient(fresh, contact=[{"gender": "male", "telecom": [{"value": "1"}]}], birthDate="2000"))
    value = {"name": "value", "part": [{"name": "name", "valueHumanName": {"family": "P"}}]}
    replace = {"name": "operation", "part": [*operation("replace", "Patient.contact[0]")["part"], value]}
    extension = {"url": "http://x", "valueString": "y"}
    add = operation("add", "Patient.birthDate", name=("valueString", "extension"), value=("valueExtension", extension))
    sent = {"resourceType": "Parameters", "parameter": [replace, add]}
    patched = fhir.send("PATCH", f"Patient/{fresh}", sent).json()
    assert patched["contact"] == [{"name": {"family": "P"}, "telecom": [{"value": "1"}], "gender": "male"}]
    assert patched["_birthDate"] == {"extension": [extension]}


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        ("//f:contact", ["A", "B"]),
        ("f:Patient/f:name[f:family/@value='B']", ["A"]),
        ("f:Patient/f:name[f:family[@value='A'] and f:given]", ["B"]),
        ("*/f:name[last()]", ["A"]),
        ("/*/*[1]", ["A", "B"]),
    ],
)
def test_a_selector_finds_one_element(fhir: FhirClient, fresh: str, selector: str, left: list[str]) -> None:
    names = [{"family": "A", "given": ["x"]}, {"family": "B"}]
    fhir.put(patient(fresh, name=names, contact=[{"gender": "male"}]))
    diff = f'<diff xmlns:f="http://hl7.org/fhir"><remove sel="{selector}"/></diff>'.encode()
    patched = fhir.send("PATCH", f"Patient/{fresh}", diff, Content_Type="application/xml-patch+xml").json()
    assert [name["family"] for name in patched["name"]] == left


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"op": "replace", "path": "/resourceType", "value": "Observation"}, 1814),
        ({"op": "replace", "path": "/identifier", "value": {"value": "x"}}, 1820),
        ({"op": "add", "path": "/deceasedDateTime", "value": "2020"}, 1823),
    ],
)
def test_what_a_json_patch_makes_is_read_strictly(
    fhir: FhirClient, fresh: str, change: dict[str, Any], number: int
) -> None:
    fhir.put(patient(fresh, deceasedBoolean=True, identifier=[{"value": "y"}]))
    answer = fhir.send("PATCH", f"Patient/{fresh}", [change], Content_Type="application/json-patch+json")
    assert diagnostics(answer).split(": ")[:1] == ["HAPI-1271"]
    assert f"HAPI-{number}" in diagnostics(answer)
