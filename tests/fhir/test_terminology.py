"""$expand, $validate-code, $lookup, $subsumes and $translate by the rules that a real HAPI 8.8.0 follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from fhir_client import FhirClient, Resource, diagnostics

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDER_SET = "http://hl7.org/fhir/ValueSet/administrative-gender"
MESSAGE = "http://hapifhir.io/fhir/StructureDefinition/valueset-expansion-message"
UCUM = "http://unitsofmeasure.org"
FAMILY: list[Resource] = [
    {
        "code": "p",
        "display": "Parent",
        "designation": [{"language": "de", "value": "Elter"}],
        "property": [{"code": "rank", "valueInteger": 1}, {"code": "kind", "valueCode": "big"}],
        "concept": [{"code": "k", "display": "Kid"}],
    },
    {"code": "q"},
]


def given(**values: Any) -> Resource:
    """Parameters of which each name tells its type too: `coding__valueCoding`."""
    rows = [{"name": name.partition("__")[0], name.partition("__")[2]: value} for name, value in values.items()]
    return {"resourceType": "Parameters", "parameter": rows}


def rows(answer: Any) -> dict[str, Any]:
    """The parameters of an answer by name."""
    assert answer.status == 200, answer.text
    return {row["name"]: next((item for key, item in row.items() if key != "name"), None) for row in told(answer)}


def told(answer: Any) -> list[Resource]:
    """The parameters of an answer."""
    assert answer.status == 200, answer.text
    parameters: list[Resource] = answer.json()["parameter"]
    return parameters


def codes(answer: Any) -> list[str]:
    """The codes of an expansion."""
    assert answer.status == 200, answer.text
    return [row["code"] for row in answer.json().get("expansion", {}).get("contains", [])]


def code_system(id: str, content: str = "complete", **elements: Any) -> Resource:
    return {
        "resourceType": "CodeSystem",
        "id": id,
        "url": f"http://cs/{id}",
        "version": "1",
        "name": "Family",
        "status": "active",
        "content": content,
        "concept": FAMILY,
        **elements,
    }


def value_set(id: str, *include: Resource, **elements: Any) -> Resource:
    compose = {"include": list(include), **elements}
    return {"resourceType": "ValueSet", "id": id, "url": f"http://vs/{id}", "status": "active", "compose": compose}


@pytest.fixture
def family(fhir: FhirClient, fresh: str) -> str:
    """The id of a stored code system and of a value set of all its codes, at http://cs/{id} and http://vs/{id}."""
    assert fhir.put(code_system(fresh)).status == 201
    assert fhir.put(value_set(fresh, {"system": f"http://cs/{fresh}"})).status == 201
    return fresh


# $expand


@pytest.mark.parametrize("query", ["count=2", "count=0", "offset=1", "filter=fem"])
def test_a_value_set_of_the_definitions_is_always_told_whole(fhir: FhirClient, query: str) -> None:
    assert len(codes(fhir.get(f"ValueSet/$expand?url={GENDER_SET}&{query}"))) == 4


@pytest.mark.parametrize(("query", "number"), [("count=-1", "1136"), ("offset=-1", "1135")])
def test_no_page_of_an_expansion_is_negative(fhir: FhirClient, query: str, number: str) -> None:
    answer = fhir.get(f"ValueSet/$expand?url={GENDER_SET}&{query}")
    assert (answer.status, f"HAPI-{number}" in diagnostics(answer)) == (400, True)


def test_versions_of_the_definitions_are_compared_from_r5_on(r4: FhirClient, r5: FhirClient) -> None:
    for query in (f"url={GENDER_SET}|9", f"url={GENDER_SET}&valueSetVersion=9"):
        assert len(codes(r4.get(f"ValueSet/$expand?{query}"))) == 4
        answer = r5.get(f"ValueSet/$expand?{query}")
        assert (answer.status, "HAPI-2788" in diagnostics(answer)) == (404, True)
    assert len(codes(r5.get(f"ValueSet/$expand?url={GENDER_SET}|5.0.0"))) == 4


def test_a_value_set_in_a_body_comes_back_with_its_codes(fhir: FhirClient) -> None:
    include = {"system": GENDER, "concept": [{"code": "nope"}, {"code": "other"}, {"code": "male"}]}
    sent = value_set("x", include)
    for body in (sent, given(valueSet__resource=sent)):
        answer = fhir.send("POST", "ValueSet/$expand", body)
        assert codes(answer) == ["male", "other"]
        content = answer.json()
        assert content["meta"]["extension"][0]["url"] == MESSAGE
        assert content["compose"] == {"include": [include]}
        assert content["expansion"]["offset"] == 0
        assert content["expansion"]["parameter"][1] == {"name": "count", "valueInteger": 1000}


def test_a_stored_value_set_comes_in_pages_with_its_place(fhir: FhirClient, family: str) -> None:
    for path in (f"ValueSet/{family}/$expand?", f"ValueSet/$expand?url=http://vs/{family}&"):
        answer = fhir.get(f"{path}offset=1&count=1")
        assert codes(answer) == ["k"]
        assert answer.headers["Content-Location"] == f"{fhir.base}/ValueSet/{family}/_history/1"
        assert answer.json()["meta"]["versionId"] == "1"


def test_an_expansion_tells_of_each_value_set_within(fhir: FhirClient, family: str) -> None:
    outer = value_set("x", {"valueSet": [f"http://vs/{family}"]}, exclude=[{"system": f"http://cs/{family}"}])
    answer = fhir.send("POST", "ValueSet/$expand", given(valueSet__resource=outer))
    assert codes(answer) == []
    assert len(answer.json()["meta"]["extension"]) == 2


@pytest.mark.parametrize(
    ("include", "status", "number"),
    [
        pytest.param({"concept": [{"code": "x"}]}, 400, "0890", id="no system"),
        pytest.param({"valueSet": ["http://none"]}, 404, "0889", id="unknown value set"),
        pytest.param({"system": "http://none"}, 422, "0888", id="unknown system"),
    ],
)
def test_what_cannot_be_expanded_is_told(fhir: FhirClient, include: Resource, status: int, number: str) -> None:
    answer = fhir.send("POST", "ValueSet/$expand", given(valueSet__resource=value_set("x", include)))
    assert (answer.status, f"HAPI-{number}" in diagnostics(answer)) == (status, True)


def test_systems_without_codes_list_nothing_and_cannot_be_filtered(r4: FhirClient, r5: FhirClient) -> None:
    sets = "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet"
    for fhir in (r4, r5):
        assert codes(fhir.get(f"{sets}/mimetypes")) == []
        answer = fhir.get(f"{sets}/body-site")
        assert (answer.status, diagnostics(answer)[:20]) == (412, "HAPI-2029: HAPI-2646")
    answer = r4.get(f"{sets}/observation-codes")
    assert (answer.status, diagnostics(answer)[:20]) == (412, "HAPI-2029: HAPI-0702")
    assert codes(r5.get(f"{sets}/observation-codes")) == []


def test_a_filter_can_ask_for_what_stands_above(fhir: FhirClient, family: str) -> None:
    condition = {"property": "concept", "op": "generalizes", "value": "k"}
    include = {"system": f"http://cs/{family}", "filter": [condition]}
    answer = fhir.send("POST", "ValueSet/$expand", given(valueSet__resource=value_set("x", include)))
    assert codes(answer) == ["p", "k"]


def test_an_expansion_that_is_not_kept_can_be_invalidated(fhir: FhirClient, family: str) -> None:
    assert rows(fhir.send("POST", f"ValueSet/{family}/$invalidate-expansion", given()))["message"]
    answer = fhir.get(f"ValueSet/{family}/$invalidate-expansion")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


# $validate-code


@pytest.mark.parametrize(
    ("query", "result"),
    [
        pytest.param(f"code=male&system={GENDER}", True, id="code and system"),
        pytest.param(f"coding={GENDER}|male", True, id="coding as a token"),
        pytest.param("code=male", False, id="no system"),
        pytest.param(f"code=Male&system={GENDER}", False, id="case"),
        pytest.param("code=male&system=http://none", False, id="another system"),
        pytest.param(f"code=male&system={GENDER}&systemVersion=9", False, id="version"),
    ],
)
def test_a_code_is_validated_against_a_value_set(fhir: FhirClient, query: str, result: bool) -> None:
    answer = rows(fhir.get(f"ValueSet/$validate-code?url={GENDER_SET}&{query}"))
    assert answer["result"] is result
    assert "sourceDetails" in answer
    assert ("message" in answer, answer.get("display")) == (not result, "Male" if result else None)


def test_one_coding_that_belongs_is_enough(fhir: FhirClient) -> None:
    codings = [{"system": GENDER, "code": code} for code in ("nope", "male")]
    concept = given(url__valueUri=GENDER_SET, codeableConcept__valueCodeableConcept={"coding": codings})
    assert rows(fhir.send("POST", "ValueSet/$validate-code", concept))["display"] == "Male"
    concept["parameter"][0]["valueUri"] = GENDER
    assert rows(fhir.send("POST", "CodeSystem/$validate-code", concept))["display"] == "Male"


@pytest.mark.parametrize(
    "path",
    [f"ValueSet/$validate-code?url={GENDER_SET}&system={GENDER}", f"CodeSystem/$validate-code?url={GENDER}"],
    ids=["value set", "code system"],
)
def test_a_wrong_display_is_told_and_does_not_decide(fhir: FhirClient, path: str) -> None:
    wrong = rows(fhir.get(f"{path}&code=male&display=Wrong"))
    assert (wrong["result"], "Wrong" in wrong["message"], wrong["display"]) == (True, True, "Male")
    assert "message" not in rows(fhir.get(f"{path}&code=male&display=Male"))


def test_case_counts_unless_the_code_system_says_otherwise(fhir: FhirClient, fresh: str) -> None:
    for name, elements in (("a", {}), ("b", {"caseSensitive": False})):
        fhir.put(code_system(f"{fresh}{name}", **elements))
        fhir.put(value_set(f"{fresh}{name}", {"system": f"http://cs/{fresh}{name}"}))
        query = f"system=http://cs/{fresh}{name}&code=P"
        found = rows(fhir.get(f"ValueSet/{fresh}{name}/$validate-code?{query}"))
        assert found["result"] is bool(elements)


def test_a_stored_value_set_counts_only_what_came_into_question(fhir: FhirClient, family: str) -> None:
    path = f"ValueSet/{family}/$validate-code"
    assert "sourceDetails" not in rows(fhir.get(f"{path}?code=zz&system=http://cs/{family}"))
    alone = rows(fhir.get(f"{path}?code=p"))
    assert (alone["result"], f"http://cs/{family}#p" in alone["sourceDetails"]) == (False, True)


def test_a_code_that_a_value_set_names_must_be_in_its_system(fhir: FhirClient, family: str) -> None:
    url = f"http://cs/{family}"
    named = [{"code": "p"}, {"code": "zz", "display": "Mine"}]
    fhir.put(value_set(f"{family}-n", {"system": url, "concept": named}))
    results = [
        rows(fhir.get(f"ValueSet/{family}-n/$validate-code?code={code}&system={url}"))["result"]
        for code in ("p", "zz", "q")
    ]
    assert results == [True, False, False]


def test_a_named_code_is_told_by_the_name_that_its_system_gives_it(fhir: FhirClient, fresh: str) -> None:
    loinc = {"system": "http://loinc.org", "concept": [{"code": "1-8", "display": "One"}]}
    gender = {"system": GENDER, "concept": [{"code": "male", "display": "Mann"}]}
    fhir.put(value_set(fresh, loinc, gender))
    shown = fhir.get(f"ValueSet/{fresh}/$expand").json()["expansion"]["contains"]
    assert [row["display"] for row in shown] == ["One", "Male"]
    path = f"ValueSet/{fresh}/$validate-code"
    assert rows(fhir.get(f"{path}?code=male&system={GENDER}"))["display"] == "Male"
    assert rows(fhir.get(f"{path}?code=1-8&system=http://loinc.org"))["display"] == "One"
    alone = rows(fhir.get(f"{path}?code=1-8"))  # of LOINC nothing is known to tell by
    assert (alone["result"], "sourceDetails" in alone) == (False, False)


@pytest.mark.parametrize(
    ("content", "code", "result", "is_counted"),
    [
        ("complete", "p", True, False),
        ("complete", "zz", False, False),
        ("fragment", "zz", False, True),
    ],
)
def test_a_code_is_validated_against_a_stored_code_system(
    fhir: FhirClient, fresh: str, content: str, code: str, result: bool, is_counted: bool
) -> None:
    fhir.put(code_system(fresh, content))
    for path in (f"CodeSystem/{fresh}/$validate-code?", f"CodeSystem/$validate-code?url=http://cs/{fresh}&"):
        answer = rows(fhir.get(f"{path}code={code}"))
        assert (answer["result"], "sourceDetails" in answer) == (result, is_counted)


def test_a_code_is_validated_in_the_version_asked_for(fhir: FhirClient, family: str) -> None:
    path = f"CodeSystem/$validate-code?url=http://cs/{family}&code=p"
    assert [rows(fhir.get(f"{path}&version={version}"))["result"] for version in "12"] == [True, False]
    assert fhir.get(f"CodeSystem/$lookup?system=http://cs/{family}&code=p&version=2").status == 404
    answer = fhir.get(f"CodeSystem/{family}/$validate-code?coding=http://other|p")
    assert (answer.status, "HAPI-0910" in diagnostics(answer)) == (400, True)


@pytest.mark.parametrize(
    ("system", "code", "display"),
    [
        pytest.param("urn:ietf:bcp:13", "application/dicom", None, id="media type"),
        pytest.param("urn:ietf:bcp:47", "EN", "English", id="language"),
        pytest.param("urn:iso:std:iso:3166", "DE", "Germany", id="country"),
        pytest.param(UCUM, "mm", "(millimeter)", id="unit"),
        pytest.param(UCUM, "kg/m2", "(kilogram) / (meter ^ 2)", id="unit of factors"),
        pytest.param(UCUM, "%7Bx%7D", "1", id="annotation"),
        pytest.param(UCUM, "mg/(72.h)", "(milligram) / 72 * (hour)", id="parentheses"),
        pytest.param(UCUM, "U%7BG%7D", "(Unit) * 1", id="annotated unit"),
        pytest.param(UCUM, "mm[Hg]", "(millimeter of mercury column)", id="brackets"),
        pytest.param(UCUM, "/10*9", " / (the number ten for arbitrary powers ^ 9)", id="power of ten"),
        pytest.param("urn:ietf:bcp:47", "en-US", "English United States", id="region"),
    ],
)
def test_codes_of_systems_without_a_resource_are_known(
    fhir: FhirClient, system: str, code: str, display: str | None
) -> None:
    valid = rows(fhir.get(f"CodeSystem/$validate-code?url={system}&code={code}"))
    assert (valid["result"], valid.get("display")) == (True, display)
    found = rows(fhir.get(f"CodeSystem/$lookup?system={system}&code={code}"))
    assert found == {"display": display, "abstract": False}


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param(UCUM, "foo", id="unit"),
        pytest.param(UCUM, "m/", id="nothing after the operator"),
        pytest.param(UCUM, "(m", id="open parenthesis"),
        pytest.param(UCUM, "m{", id="open annotation"),
        pytest.param("urn:ietf:bcp:47", "foo", id="language"),
        pytest.param("http://none", "foo", id="unknown system"),
    ],
)
def test_a_code_that_nothing_knows_is_invalid_and_has_no_lookup(fhir: FhirClient, system: str, code: str) -> None:
    code = quote(code, safe="")
    assert rows(fhir.get(f"CodeSystem/$validate-code?url={system}&code={code}"))["result"] is False
    assert fhir.get(f"CodeSystem/$lookup?system={system}&code={code}").status == 404


def test_a_unit_is_in_the_value_set_of_all_units(fhir: FhirClient) -> None:
    path = f"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/ucum-units&system={UCUM}"
    assert [rows(fhir.get(f"{path}&code={code}"))["result"] for code in ("mm", "foo")] == [True, False]


# $lookup and $subsumes


def test_a_lookup_tells_the_properties_and_names_of_a_stored_code(fhir: FhirClient, family: str) -> None:
    path = f"CodeSystem/$lookup?system=http://cs/{family}&code=p"
    found = told(fhir.get(path))
    assert [row["name"] for row in found] == [
        "name",
        "version",
        "display",
        "abstract",
        "property",
        "property",
        "designation",
    ]
    assert found[5]["part"] == [{"name": "code", "valueCode": "kind"}, {"name": "value", "valueString": "big"}]
    assert found[6]["part"][0] == {"name": "language", "valueCode": "de"}
    only = told(fhir.get(f"{path}&property=rank"))
    assert [row["part"][1]["valueInteger"] for row in only if row["name"] == "property"] == [1]


def test_a_lookup_takes_a_token_and_echoes_versions_of_r4(r4: FhirClient, r5: FhirClient) -> None:
    for fhir, version in ((r4, "4.0.1"), (r5, "5.0.0")):
        assert rows(fhir.get(f"CodeSystem/$lookup?coding={GENDER}|male"))["version"] == version
    path = f"CodeSystem/$lookup?system={GENDER}&code=male&version=9"
    assert rows(r4.get(path))["version"] == "9"
    assert r5.get(path).status == 404


@pytest.mark.parametrize(
    ("pair", "outcome"),
    [("pk", "subsumes"), ("kp", "subsumed-by"), ("pp", "equivalent"), ("pq", "not-subsumed")],
)
def test_codes_of_a_stored_system_are_compared(fhir: FhirClient, family: str, pair: str, outcome: str) -> None:
    system = f"http://cs/{family}"
    by_code = fhir.get(f"CodeSystem/$subsumes?system={system}&codeA={pair[0]}&codeB={pair[1]}")
    by_token = fhir.get(f"CodeSystem/$subsumes?codingA={system}|{pair[0]}&codingB={system}|{pair[1]}")
    assert rows(by_code)["outcome"] == rows(by_token)["outcome"] == outcome


@pytest.mark.parametrize(
    "query",
    [f"system={GENDER}&codeA=male&codeB=female", f"codingA={GENDER}|male&codingB={GENDER}|male"],
    ids=["codes", "codings"],
)
def test_codes_of_the_definitions_are_not_compared(fhir: FhirClient, query: str) -> None:
    assert fhir.get(f"CodeSystem/$subsumes?{query}").status == 400


def test_one_coding_alone_is_of_another_system_than_none(fhir: FhirClient) -> None:
    answer = fhir.get(f"CodeSystem/$subsumes?codingA={GENDER}|male")
    assert (answer.status, "HAPI-0903" in diagnostics(answer)) == (400, True)


# what operations are given


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("ValueSet/$expand", given(url__valueString=GENDER_SET)),
        ("ValueSet/$expand", given(url__valueUri=GENDER_SET, count__valueString="1")),
        ("ValueSet/$validate-code", given(url__valueUri=GENDER_SET, coding__valueString="male")),
        ("CodeSystem/$lookup", given(code__valueUri="male", system__valueUri=GENDER)),
        ("ConceptMap/$translate", given(code__valueCode="a", reverse__valueString="true")),
    ],
)
def test_a_parameter_of_another_type_is_refused(fhir: FhirClient, operation: str, body: Resource) -> None:
    answer = fhir.send("POST", operation, body)
    assert (answer.status, "HAPI-0362" in diagnostics(answer)) == (400, True)


@pytest.mark.parametrize("path", ["ValueSet/$validate-code", "ConceptMap/$translate"])
def test_a_concept_does_not_fit_into_a_query(fhir: FhirClient, path: str) -> None:
    answer = fhir.get(f"{path}?codeableConcept=a")
    assert (answer.status, "HAPI-0363" in diagnostics(answer)) == (405, True)
