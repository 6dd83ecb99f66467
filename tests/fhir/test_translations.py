"""$translate by the rules that a real HAPI 8.8.0 follows."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_client import FhirClient, Resource, diagnostics

RELATIONS = {
    "equivalent": ("equivalent", "equivalent"),
    "wider": ("wider", "source-is-narrower-than-target"),
    "none": ("unmatched", "not-related-to"),
}


def target(fhir: FhirClient, code: str, relation: str = "equivalent", **elements: str) -> Resource:
    """The target of a mapping in the words of the server's version."""
    r4, r5 = RELATIONS[relation]
    told = {"equivalence": r4} if fhir.root == "/fhir-r4" else {"relationship": r5}
    return {"code": code, **told, **elements}


@pytest.fixture
def maps(fhir: FhirClient, fresh: str) -> str:
    """Two maps from http://{id}/s: to t by the first, to u by the second; the ids are {id} and {id}-2."""
    scopes = ("sourceUri", "targetUri") if fhir.root == "/fhir-r4" else ("sourceScopeUri", "targetScopeUri")
    base = f"http://{fresh}"
    elements = [
        {
            "code": "a",
            "display": "A",
            "target": [target(fhir, "b", display="B"), target(fhir, "w", "wider")],
        },
        {"code": "n", "target": [target(fhir, "x", "none")]},
    ]
    more = [{"code": "a", "target": [target(fhir, "c")]}]
    for id, to, mapped in ((fresh, "t", elements), (f"{fresh}-2", "u", more)):
        concept_map = {
            "resourceType": "ConceptMap",
            "id": id,
            "url": f"http://map/{id}",
            "version": "1",
            "status": "draft",
            scopes[0]: f"{base}/{to}/sources",
            scopes[1]: f"{base}/{to}/targets",
            "group": [{"source": f"{base}/s", "target": f"{base}/{to}", "element": mapped}],
        }
        assert fhir.put(concept_map).status == 201
    return fresh


def found(answer: Any) -> list[tuple[str, str]]:
    """Equivalence and code of each match, all of which must agree with the result."""
    assert answer.status == 200, answer.text
    _, _, *matches = answer.json()["parameter"]
    parts = [{part["name"]: part for part in match["part"]} for match in matches]
    return [(part["equivalence"]["valueCode"], part["concept"]["valueCoding"]["code"]) for part in parts]


B, W, C = ("equivalent", "b"), ("wider", "w"), ("equivalent", "c")


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        pytest.param("system={base}/s&code=a", [B, W, C], id="all maps"),
        pytest.param("coding={base}/s|a", [B, W, C], id="coding"),
        pytest.param("system={base}/s&sourceCode=a", [B, W, C], id="the name of R5"),
        pytest.param("url=http://map/{id}&code=a", [B, W], id="one map without a system"),
        pytest.param("url=http://map/{id}|1&code=a", [], id="a url with a version is another"),
        pytest.param("url=http://map/{id}&conceptMapVersion=1&code=a", [B, W], id="version"),
        pytest.param("url=http://map/{id}&conceptMapVersion=2&code=a", [], id="another version"),
        pytest.param("system={base}/s&code=a&targetsystem={base}/u", [C], id="target system"),
        pytest.param("system={base}/s&code=a&targetSystem={base}/u", [C], id="target system in R5"),
        pytest.param("system={base}/s&code=a&source={base}/u/sources", [C], id="source"),
        pytest.param("system={base}/s&code=a&target={base}/t/targets", [B, W], id="target"),
        pytest.param("system={base}/s&code=A", [], id="case"),
        pytest.param("system={base}/t&code=w&reverse=true", [("wider", "a")], id="reverse"),
        pytest.param("system={base}/t&code=b&reverse=true&source={base}/t/targets", [("equivalent", "a")], id="turned"),
        pytest.param("system={base}/t&code=b&reverse=true&source={base}/t/sources", [], id="not turned"),
        pytest.param("system={base}/t&code=b", [], id="not reverse"),
    ],
)
def test_a_code_is_translated(fhir: FhirClient, maps: str, query: str, matches: list[tuple[str, str]]) -> None:
    answer = fhir.get(f"ConceptMap/$translate?{query.format(id=maps, base=f'http://{maps}')}")
    assert found(answer) == matches
    assert answer.json()["parameter"][0] == {"name": "result", "valueBoolean": bool(matches)}


def test_a_map_translates_alone_by_its_id(fhir: FhirClient, maps: str) -> None:
    path = f"ConceptMap/{maps}-2/$translate"
    assert found(fhir.get(f"{path}?code=a")) == [C]
    assert found(fhir.get(f"{path}?code=a&url=http://map/{maps}")) == []


def test_a_match_names_system_display_and_map(fhir: FhirClient, maps: str) -> None:
    answer = fhir.get(f"ConceptMap/$translate?url=http://map/{maps}&code=a")
    _, concept, source = answer.json()["parameter"][2]["part"]
    assert concept["valueCoding"] == {"system": f"http://{maps}/t", "code": "b", "display": "B"}
    assert source == {"name": "source", "valueUri": f"http://map/{maps}"}


def test_what_is_only_said_not_to_match_is_no_result(fhir: FhirClient, maps: str) -> None:
    answer = fhir.get(f"ConceptMap/$translate?system=http://{maps}/s&code=n")
    assert found(answer) == [("unmatched" if fhir.root == "/fhir-r4" else "disjoint", "x")]
    assert answer.json()["parameter"][0]["valueBoolean"] is False


def test_versions_of_systems_are_told_and_compared_in_r4(r4: FhirClient, fresh: str) -> None:
    group = {
        "source": f"http://{fresh}",
        "sourceVersion": "1",
        "target": "http://t",
        "targetVersion": "2",
        "element": [{"code": "a", "target": [target(r4, "b")]}],
    }
    r4.put({"resourceType": "ConceptMap", "id": fresh, "url": f"http://{fresh}", "status": "active", "group": [group]})
    path = f"ConceptMap/$translate?system=http://{fresh}&code=a"
    assert [found(r4.get(f"{path}&version={version}")) for version in "12"] == [[B], []]
    concept = r4.get(path).json()["parameter"][2]["part"][1]["valueCoding"]
    assert concept == {"system": "http://t", "version": "2", "code": "b"}


def test_each_coding_of_a_concept_is_translated(fhir: FhirClient, maps: str) -> None:
    codings = [{"system": f"http://{maps}/s", "code": code} for code in ("zz", "a", "n")]
    row = {"name": "codeableConcept", "valueCodeableConcept": {"coding": codings}}
    answer = fhir.send("POST", "ConceptMap/$translate", {"resourceType": "Parameters", "parameter": [row]})
    assert [code for _, code in found(answer)] == ["b", "w", "c", "x"]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{"name": "codeableConcept", "valueCodeableConcept": {"text": "a"}}], id="no coding"),
        pytest.param([{"name": "coding", "valueCoding": {"system": "http://s"}}], id="no code"),
        pytest.param([{"name": "code", "valueCode": "a"}, {"name": "coding", "valueCoding": {"code": "a"}}], id="two"),
    ],
)
def test_one_code_is_needed_for_a_translation(fhir: FhirClient, rows: list[Resource]) -> None:
    answer = fhir.send("POST", "ConceptMap/$translate", {"resourceType": "Parameters", "parameter": rows})
    assert (answer.status, "HAPI-1154" in diagnostics(answer)) == (400, True)
