"""`_elements` and `_summary`, as HAPI's recordings show them."""

from __future__ import annotations

import pytest

from fhantom.definitions import SUBSETTED, subset
from fhantom.definitions.canonical import Json

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "x",
    "meta": {"versionId": "1", "tag": [{"code": "t"}]},
    "text": {"status": "generated", "div": "<div/>"},
    "extension": [{"url": "http://x/e", "valueString": "v"}],
    "name": [{"family": "A", "given": ["B"], "extension": [{"url": "http://x/e", "valueString": "v"}]}],
    "birthDate": "2020",
    "_birthDate": {"id": "b"},
    "contact": [{"name": {"family": "C"}}],
}
HEAD = {"resourceType", "id", "meta"}


def test_elements_keep_what_they_name_and_the_head() -> None:
    found = subset("R4", PATIENT, elements=["birthDate", "Patient.contact"])
    assert set(found) == HEAD | {"birthDate", "_birthDate", "contact"}
    assert found["meta"] == {"versionId": "1", "tag": [{"code": "t"}, SUBSETTED]}


def test_elements_can_name_a_part_of_an_element() -> None:
    assert subset("R4", PATIENT, elements=["name.family"])["name"] == [{"family": "A"}]


def test_an_unknown_element_leaves_the_head() -> None:
    assert set(subset("R4", PATIENT, elements=["bogus"])) == HEAD


def test_mandatory_elements_are_not_added() -> None:
    assert set(subset("R4", {"resourceType": "Observation", "id": "o", "status": "final"}, ["code"])) == HEAD


def test_a_choice_is_named_without_its_type() -> None:
    observation = {"resourceType": "Observation", "valueString": "a", "status": "final"}
    assert subset("R5", observation, elements=["value"])["valueString"] == "a"


def test_a_summary_keeps_flagged_elements_level_by_level() -> None:
    found = subset("R5", PATIENT, summary="true")
    assert set(found) == HEAD | {"name", "birthDate"}
    assert found["name"] == [{"family": "A", "given": ["B"]}]


def test_summary_text_keeps_the_narrative_and_what_is_mandatory() -> None:
    observation = {
        "resourceType": "Observation",
        "text": {"div": "<div/>"},
        "status": "final",
        "issued": "2020",
    }
    assert set(subset("R4", observation, summary="text")) == {"resourceType", "meta", "text", "status"}


def test_summary_data_drops_the_narrative_alone() -> None:
    assert set(PATIENT) - set(subset("R4", PATIENT, summary="data")) == {"text"}


def test_excluded_elements_go_without_a_mark() -> None:
    found = subset("R4", PATIENT, exclude=["name.given", "contact"])
    assert found["name"] == [{"family": "A", "extension": PATIENT["extension"]}]
    assert "contact" not in found
    assert found["meta"] == PATIENT["meta"]


def test_a_resource_without_meta_gets_one_for_the_mark() -> None:
    found = subset("R4", {"resourceType": "Patient", "id": "x", "active": True}, summary="true")
    assert list(found) == ["resourceType", "id", "meta", "active"]


@pytest.mark.parametrize("summary", ["true", "text", "data"])
def test_the_mark_is_set_once_and_the_source_is_not_changed(summary: str) -> None:
    before = str(PATIENT)
    once = subset("R4", PATIENT, summary=summary)  # type: ignore[arg-type]
    assert subset("R4", once, summary=summary)["meta"]["tag"].count(SUBSETTED) == 1  # type: ignore[arg-type]
    assert str(PATIENT) == before


def test_an_element_that_is_called_resource_type_is_an_element() -> None:
    scenario = {"resourceType": "ExampleScenario", "instance": [{"resourceId": "a", "resourceType": "Patient"}]}
    assert subset("R4", scenario, elements=["instance.resourceType"])["instance"] == [{"resourceType": "Patient"}]
    topic = {"resourceType": "Subscription", "filterBy": [{"resourceType": "Patient", "value": "x"}]}
    assert subset("R5", topic, summary="true")["filterBy"] == [{"resourceType": "Patient", "value": "x"}]


@pytest.mark.parametrize(
    ("path", "name", "birth_date"),
    [
        pytest.param("*", PATIENT["name"], "2020", id="any element"),
        pytest.param("Patient.*.family", [{"family": "A"}], "2020", id="a part of any that has parts"),
        pytest.param("name.*", PATIENT["name"], None, id="any part of one"),
    ],
)
def test_a_star_is_any_name(path: str, name: Json, birth_date: str | None) -> None:
    found = subset("R4", PATIENT, elements=[path])
    assert found["name"] == name
    assert found.get("birthDate") == birth_date
    assert SUBSETTED in found["meta"]["tag"]


@pytest.mark.parametrize("asked", [{"elements": ["contained"]}, {"elements": ["*.birthDate"]}, {"summary": "data"}])
def test_what_is_contained_is_marked_too_and_stays_whole(asked: Json) -> None:
    ward = {"resourceType": "Organization", "id": "w", "name": "Ward"}
    (found,) = subset("R4", {**PATIENT, "contained": [ward]}, **asked)["contained"]
    assert found == {**ward, "meta": {"tag": [SUBSETTED]}}
