"""What shapes a Bundle where several parameters meet, as HAPI 8.8.0 answers."""

from __future__ import annotations

import pytest

from fhantom.definitions import SUBSETTED
from fhir_client import FhirClient, diagnostics, patient

NAMED = "Patient?family=Shaped&"


@pytest.fixture(scope="module", autouse=True)
def resources(fhir: FhirClient) -> None:
    one = patient("shaped", name=[{"family": "Shaped"}], birthDate="1980-05-06", gender="male")
    assert fhir.put(one).status in (200, 201)


@pytest.mark.parametrize(
    ("query", "relations", "is_marked"),
    [
        pytest.param("_count=0", [], True, id="no matches are a summary of the count"),
        pytest.param("_count=00", ["self"], False, id="another zero is a page without matches"),
        pytest.param("_count=0&_elements=name", ["self"], False, id="elements ask for a page"),
        pytest.param("_summary=count&_elements=", [], True, id="no elements do not ask for a page"),
    ],
)
def test_a_search_that_lists_nothing(fhir: FhirClient, query: str, relations: list[str], is_marked: bool) -> None:
    bundle = fhir.get(NAMED + query).json()
    assert bundle["total"] == 1
    assert "entry" not in bundle
    assert [link["relation"] for link in bundle.get("link", ())] == relations
    assert bundle.get("meta", {}).get("tag") == ([SUBSETTED] if is_marked else None)


@pytest.mark.parametrize(
    ("summary", "is_cut"),
    [
        pytest.param("count,true", True, id="true goes before count"),
        pytest.param("false,true", True, id="true goes before false"),
        pytest.param("count,false", False, id="false goes before count"),
        pytest.param("%20true", False, id="a blank makes it another word"),
    ],
)
def test_the_summary_that_is_heeded(fhir: FhirClient, summary: str, is_cut: bool) -> None:
    (match,) = fhir.get(f"{NAMED}_summary={summary}").json()["entry"]
    assert (SUBSETTED in match["resource"]["meta"].get("tag", ())) == is_cut


@pytest.mark.parametrize(("name", "number"), [("_elements", "0295"), ("_elements:exclude", "0296")])
def test_the_name_of_an_element_has_no_colon(fhir: FhirClient, name: str, number: str) -> None:
    answer = fhir.get(f"{NAMED}{name}=birthDate,name:family")
    assert answer.status == 400
    assert number in diagnostics(answer)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("%3E1980-05-05", 1, id="greater"),
        pytest.param("%3E%3D1980-05-06", 1, id="greater or equal"),
        pytest.param("%3C1980-05-06", 0, id="less"),
        pytest.param("%3C%3D1980-05-06", 1, id="less or equal"),
        pytest.param("%3D1980-05-06", 1, id="equal"),
    ],
)
def test_a_sign_is_read_as_the_prefix_that_replaced_it(fhir: FhirClient, value: str, found: int) -> None:
    assert fhir.get(f"{NAMED}birthdate={value}").json()["total"] == found


@pytest.mark.parametrize("value", ["!%3D1980", "%3D%3D1980", "%3C%3E1980"])
def test_another_sign_is_no_prefix(fhir: FhirClient, value: str) -> None:
    answer = fhir.get(f"{NAMED}birthdate={value}")
    assert answer.status == 400
    assert "1941" in diagnostics(answer)


def test_a_blank_among_the_keys_of_an_order_is_passed_over(fhir: FhirClient) -> None:
    assert fhir.get(f"{NAMED}_sort=%20,birthdate,-%20").json()["total"] == 1
