"""Numbers, quantities, URIs, composites, positions and filters."""

from __future__ import annotations

import pytest

from fhantom.resources.refusal import SearchRefusal
from shelves import Json, Shelf, coded, observation

UCUM = "http://unitsofmeasure.org"


def quantity(value: float, code: str = "cm") -> Json:
    return {"value": value, "unit": code, "system": UCUM, "code": code}


@pytest.fixture
def shelf(r4: Shelf) -> Shelf:
    r4.put(
        observation("low", code=coded("height"), valueQuantity=quantity(150)),
        observation("high", code=coded("height"), valueQuantity=quantity(186.899)),
        observation("kilos", code=coded("weight"), valueQuantity=quantity(187, "kg")),
        observation(
            "pressure",
            code=coded("pressure"),
            component=[
                {"code": coded("systolic"), "valueQuantity": quantity(140, "mm[Hg]")},
                {"code": coded("diastolic"), "valueQuantity": quantity(80, "mm[Hg]")},
            ],
        ),
        observation("words", code=coded("words"), valueString="fine"),
    )
    return r4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("value-quantity=187", ["kilos"], id="a number is exact"),
        pytest.param("value-quantity=186.899", ["high"], id="to its last digit"),
        pytest.param("value-quantity=187.0", ["kilos"], id="zeros do not count"),
        pytest.param("value-quantity=gt160||cm", ["high"], id="in a unit of any system"),
        pytest.param(f"value-quantity=ge150|{UCUM}|cm", ["low", "high"], id="in a unit"),
        pytest.param("value-quantity=187|http://other|kg", [], id="in another system"),
        pytest.param("value-quantity=ap185||cm", ["high"], id="a tenth about"),
        pytest.param("value-quantity=ne187", ["low", "high"], id="not a number"),
        pytest.param("value-quantity=lt151,gt186.9", ["low", "kilos"], id="alternatives"),
        pytest.param("value-quantity:missing=true", ["pressure", "words"], id="missing"),
        pytest.param("code-value-quantity=height$gt160", ["high"], id="composite"),
        pytest.param("code-value-quantity=weight$gt160,height$lt160", ["low", "kilos"], id="composite alternatives"),
        pytest.param("code-value-quantity=height", [], id="composite with a part missing"),
        pytest.param("component-code-value-quantity=systolic$gt120", ["pressure"], id="parts of a component"),
        pytest.param("component-code-value-quantity=diastolic$gt120", ["pressure"], id="parts need not be together"),
        pytest.param("combo-value-quantity=lt100", ["pressure"], id="of the whole or a component"),
        pytest.param("value-string=fin", ["words"], id="a string value"),
    ],
)
def test_quantities_are_compared(shelf: Shelf, query: str, found: list[str]) -> None:
    assert shelf.ids(f"Observation?{query}") == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        pytest.param("value-quantity=sa180", "1235", id="starts after"),
        pytest.param("value-quantity=eb180", "1235", id="ends before"),
        pytest.param("value-quantity=bogus", "1940", id="letters"),
        pytest.param("value-quantity=1.2.3", "1940", id="no number"),
        pytest.param("value-quantity=1e999", "1940", id="no finite number"),
        pytest.param("code-value-quantity=height$bogus", "1940", id="within a composite"),
        pytest.param("_filter=bogus", "1063", id="no filter"),
        pytest.param("_filter=not (code eq height)", "1056", id="a filter with not"),
        pytest.param('_filter=code zz "x"', "1064", id="an unknown operator"),
        pytest.param("_filter=code 12 x", "1063", id="a number for an operator"),
        pytest.param("_filter=code eq )", "1065", id="a bracket for a value"),
        pytest.param('_filter=code eq ""', "1055", id="an empty value"),
        pytest.param("_filter=code pr maybe", "1066", id="neither true nor false"),
        pytest.param("_filter=code eq x)", "1056", id="a bracket too much"),
        pytest.param("_filter=code eq x code eq y", "1059", id="nothing that joins"),
        pytest.param('_filter=code eq x "y"', "1068", id="a text that joins"),
        pytest.param('_filter=(code eq x) "y"', "1058", id="a text after a bracket"),
        pytest.param("_filter=(code eq x", "1057", id="a bracket too few"),
        pytest.param('_filter=code eq "x', "1052", id="a text without an end"),
        pytest.param("_filter=bogus eq x", "1206", id="an unknown parameter in a filter"),
        pytest.param("_filter=" + "(" * 100 + "code eq x", "1057", id="a filter in a hundred brackets"),
    ],
)
def test_what_cannot_be_understood_is_refused(shelf: Shelf, query: str, number: str) -> None:
    with pytest.raises(SearchRefusal) as caught:
        shelf.ids(f"Observation?{query}")
    assert caught.value.number == number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("code eq height", ["low", "high"], id="eq"),
        pytest.param("code ne height", ["kilos", "pressure", "words"], id="ne"),
        pytest.param('value-string eq "fi"', [], id="eq of a part of a text"),
        pytest.param('value-string sw "fi"', ["words"], id="sw"),
        pytest.param('value-string ew "NE"', ["words"], id="ew"),
        pytest.param('value-string co "in"', ["words"], id="co"),
        pytest.param("value-quantity gt 186", ["high", "kilos"], id="gt"),
        pytest.param("value-quantity pr true", ["low", "high", "kilos"], id="pr"),
        pytest.param("code eq height and value-quantity lt 160", ["low"], id="and"),
        pytest.param("code eq weight or code eq words", ["kilos", "words"], id="or"),
        pytest.param("(code eq height or code eq weight) and code ne weight", ["low", "high"], id="brackets"),
    ],
)
def test_filters_join_conditions(shelf: Shelf, query: str, found: list[str]) -> None:
    assert shelf.ids(f"Observation?_filter={query}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("url=http://a/b", ["b"], id="the whole"),
        pytest.param("url=http://a", ["a"], id="no beginning"),
        pytest.param("url:below=http://a", ["a", "b"], id="below"),
        pytest.param("url:above=http://a/b/c", ["a", "b"], id="above"),
        pytest.param("url=HTTP://A", [], id="case counts"),
    ],
)
def test_uris_are_compared_whole_or_by_segments(r5: Shelf, query: str, found: list[str]) -> None:
    r5.put(
        {"resourceType": "ValueSet", "id": "a", "url": "http://a", "status": "active"},
        {"resourceType": "ValueSet", "id": "b", "url": "http://a/b", "status": "active"},
    )
    assert r5.ids(f"ValueSet?{query}") == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("48.1|11.5|10|km", ["munich"], id="near"),
        pytest.param("48.1|11.5", ["munich"], id="a kilometre unless said otherwise"),
        pytest.param("48.1|11.6|1|km", [], id="too far"),
        pytest.param("48.1|11.6|10", ["munich"], id="in kilometres unless said otherwise"),
    ],
)
def test_near_is_a_box_about_a_position(r4: Shelf, value: str, found: list[str]) -> None:
    r4.put(
        {"resourceType": "Location", "id": "munich", "position": {"latitude": 48.1, "longitude": 11.5}},
        {"resourceType": "Location", "id": "vienna", "position": {"latitude": 48.2, "longitude": 16.4}},
    )
    assert r4.ids(f"Location?near={value}") == found


def test_numbers_are_compared(r4: Shelf) -> None:
    def risk(id: str, probability: float) -> Json:
        return {"resourceType": "RiskAssessment", "id": id, "prediction": [{"probabilityDecimal": probability}]}

    r4.put(risk("small", 0.1), risk("large", 0.9))
    assert r4.ids("RiskAssessment?probability=gt0.5") == ["large"]
    assert r4.ids("RiskAssessment?probability=0.1") == ["small"]
    assert r4.ids("RiskAssessment?probability=ap0.105") == ["small"]
