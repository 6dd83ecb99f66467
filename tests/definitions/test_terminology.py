"""Value sets and code systems of the definitions, and those that a client brings."""

from __future__ import annotations

from typing import Any

import pytest

from fhantom.definitions import Version
from fhantom.definitions.terminology import NotExpandable, terminology

GENDER = "http://hl7.org/fhir/administrative-gender"
LETTERS = {
    "resourceType": "CodeSystem",
    "url": "http://x/letters",
    "content": "complete",
    "concept": [
        {"code": "a", "display": "A", "concept": [{"code": "b", "concept": [{"code": "c"}]}]},
        {
            "code": "d",
            "property": [{"code": "parent", "valueCode": "b"}, {"code": "kind", "valueString": "odd"}],
        },
    ],
}


def expanded(include: list[dict[str, Any]], exclude: list[dict[str, Any]] | None = None) -> list[str]:
    stored = terminology("R5").with_stored(lambda kind, url: LETTERS if url == "http://x/letters" else None)
    found = stored.expand({"compose": {"include": include, "exclude": exclude or []}})
    return [coding.code for coding in found]


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_a_value_set_of_the_definitions_is_expanded_with_displays(version: Version) -> None:
    known = terminology(version)
    value_set = known.resource("ValueSet", "http://hl7.org/fhir/ValueSet/administrative-gender|" + version)
    assert value_set is not None
    found = known.expand(value_set)
    assert [(c.system, c.code, c.display) for c in found[:2]] == [
        (GENDER, "male", "Male"),
        (GENDER, "female", "Female"),
    ]


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_a_concept_is_looked_up_by_system_and_code(version: Version) -> None:
    system = terminology(version).code_system("http://terminology.hl7.org/CodeSystem/v3-ActCode")
    assert system is not None
    assert system.concepts["AMB"].display == "ambulatory"
    assert "AMB" in system.below("_ActEncounterCode")


FILTERS = {
    "is-a": ({"property": "concept", "op": "is-a", "value": "b"}, ["b", "c", "d"]),
    "descendent-of": ({"property": "concept", "op": "descendent-of", "value": "b"}, ["c", "d"]),
    "is-not-a": ({"property": "concept", "op": "is-not-a", "value": "b"}, ["a"]),
    "=": ({"property": "kind", "op": "=", "value": "odd"}, ["d"]),
    "in": ({"property": "code", "op": "in", "value": "a,c"}, ["a", "c"]),
    "not-in": ({"property": "code", "op": "not-in", "value": "a,c"}, ["b", "d"]),
    "exists": ({"property": "kind", "op": "exists", "value": "false"}, ["a", "b", "c"]),
    "regex": ({"property": "code", "op": "regex", "value": "[ab]"}, ["a", "b"]),
}


@pytest.mark.parametrize(("row", "codes"), FILTERS.values(), ids=FILTERS)
def test_a_filter_selects_concepts(row: dict[str, str], codes: list[str]) -> None:
    assert expanded([{"system": "http://x/letters", "filter": [row]}]) == codes


def test_excluded_codes_are_taken_out() -> None:
    part = {"system": "http://x/letters", "concept": [{"code": "b"}]}
    assert expanded([{"system": "http://x/letters"}], [part]) == ["a", "c", "d"]


def test_listed_concepts_need_no_known_system() -> None:
    assert expanded([{"system": "http://unknown", "concept": [{"code": "z"}]}]) == ["z"]


IMPOSSIBLE = {
    "an unknown system": {"system": "http://unknown"},
    "an unknown value set": {"valueSet": ["http://unknown"]},
    "an unknown filter": {
        "system": "http://x/letters",
        "filter": [{"property": "code", "op": "child-of", "value": "a"}],
    },
    "an exploding expression": {
        "system": "http://x/letters",
        "filter": [{"property": "code", "op": "regex", "value": "(a+)+$"}],
    },
}


@pytest.mark.parametrize("part", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_listed_is_not_expandable(part: dict[str, Any]) -> None:
    with pytest.raises(NotExpandable):
        expanded([part])


def test_a_value_set_that_includes_itself_is_not_expandable() -> None:
    loop = {"url": "http://x/loop", "compose": {"include": [{"valueSet": ["http://x/loop"]}]}}
    with pytest.raises(NotExpandable):
        terminology("R4").with_stored(lambda kind, url: loop if url == "http://x/loop" else None).expand(loop)


def test_the_members_of_a_value_set_are_none_where_they_cannot_be_listed() -> None:
    known = terminology("R4")
    assert (GENDER, "male") in (known.members("http://hl7.org/fhir/ValueSet/administrative-gender") or ())
    assert known.members("http://hl7.org/fhir/ValueSet/mimetypes") is None
