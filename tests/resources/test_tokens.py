"""Token parameters: codes with their systems (FHIR search 3.2.1.5.11)."""

from __future__ import annotations

import pytest

from fhantom.definitions import Coding
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature
from shelves import Shelf, coded, observation, patient

LOINC = "http://loinc.org"


@pytest.fixture
def shelf(r4: Shelf) -> Shelf:
    r4.put(
        observation("height", code=coded("8302-2", LOINC, "Body Height")),
        observation("weight", code={**coded("29463-7", LOINC), "text": "How heavy"}),
        observation("local", code=coded("8302-2")),
        observation("uncoded"),
    )
    return r4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("code=8302-2", ["height", "local"], id="any system"),
        pytest.param(f"code={LOINC}|8302-2", ["height"], id="one system"),
        pytest.param("code=|8302-2", ["local"], id="no system"),
        pytest.param(f"code={LOINC}|", ["height", "weight"], id="any code of a system"),
        pytest.param("code=http://other|8302-2", [], id="another system"),
        pytest.param("code=8302-2,29463-7", ["height", "weight", "local"], id="alternatives"),
        pytest.param(f"code=|8302-2,{LOINC}|29463-7", ["weight", "local"], id="alternatives with systems"),
        pytest.param("code:not=8302-2", ["weight", "uncoded"], id="not, where nothing is coded too"),
        pytest.param("code:text=body", ["height"], id="the display"),
        pytest.param("code:text=HOW", ["weight"], id="the text of the concept"),
        pytest.param("code:missing=true", ["uncoded"], id="missing"),
        pytest.param("code:contains=8302", [], id="an unknown modifier is passed over"),
        pytest.param("code=|", ["height", "weight", "local", "uncoded"], id="a bare bar asks nothing"),
        pytest.param("status=http://hl7.org/fhir/observation-status|final&code=29463-7", ["weight"], id="a bound code"),
        pytest.param("status=FINAL", [], id="case counts"),
        pytest.param(f"code= {LOINC}\t| 8302-2\n", ["height"], id="blanks around both do not count"),
        pytest.param("code=8302-2\u00a0", [], id="but a no-break space does"),
    ],
)
def test_tokens_are_compared_with_their_systems(shelf: Shelf, query: str, found: list[str]) -> None:
    assert shelf.ids(f"Observation?{query}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("active=true", ["yes"], id="true"),
        pytest.param("active=false", ["no"], id="false"),
        pytest.param("active=1", [], id="no other spelling"),
        pytest.param("deceased=true", ["yes"], id="a date of death is a death"),
        pytest.param("deceased=false", ["no"], id="no element of death is life"),
        pytest.param("identifier=urn:mrn|1|2", ["yes"], id="a bar within the value"),
        pytest.param("phone=555 1", ["yes"], id="a phone number"),
        pytest.param("email=555 1", [], id="a phone number is no mail address"),
    ],
)
def test_tokens_of_other_types_than_codings(r5: Shelf, query: str, found: list[str]) -> None:
    r5.put(
        patient(
            "yes",
            active=True,
            deceasedDateTime="2020-01-01",
            identifier=[{"system": "urn:mrn", "value": "1|2"}],
            telecom=[{"system": "phone", "value": "555 1"}],
        ),
        patient("no", active=False),
    )
    assert r5.ids(f"Patient?{query}") == found


def test_in_compares_with_the_codings_of_a_value_set(shelf: Shelf) -> None:
    shelf.value_sets["http://set"] = [Coding(LOINC, "8302-2")]
    assert shelf.ids("Observation?code:in=http://set") == ["height"]
    assert shelf.ids("Observation?code:not-in=http://set") == ["weight", "local"]  # what has a code at all


@pytest.mark.parametrize(
    ("query", "number", "status"),
    [
        pytest.param("code:in=http://unknown", "2788", 404, id="an unknown value set"),
        pytest.param("code:below=8302-2", "1240", 400, id="below without a system"),
        pytest.param("identifier:of-type=a|b|c", "2012", 405, id="of-type is off"),
    ],
)
def test_what_the_real_server_refuses_of_tokens(shelf: Shelf, query: str, number: str, status: int) -> None:
    with pytest.raises(SearchRefusal) as caught:
        shelf.ids(f"Observation?{query}")
    assert (caught.value.number, caught.value.http_status) == (number, status)


def test_of_type_finds_an_identifier_by_its_type_once_it_is_switched_on(r4: Shelf) -> None:
    kind = coded("MR", "http://terminology.hl7.org/CodeSystem/v2-0203")
    r4.put(
        patient("mr", identifier=[{"type": kind, "value": "1"}]),
        patient("other", identifier=[{"value": "1"}]),
    )
    r4.features = (Feature.OF_TYPE,)
    query = "Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|1"
    assert r4.ids(query) == ["mr"]


def test_tags_profiles_and_security_labels_are_found(r5: Shelf) -> None:
    meta = {
        "tag": [{"system": "urn:tags", "code": "t"}],
        "profile": ["http://profile"],
        "security": [{"system": "urn:security", "code": "R"}],
    }
    r5.put({**patient("labelled"), "meta": meta}, patient("plain"))
    for query in ("_tag=urn:tags|t", "_profile=http://profile", "_security=R"):
        assert r5.ids(f"Patient?{query}") == ["labelled"]


@pytest.mark.parametrize(
    ("resource_type", "elements", "query"),
    [
        pytest.param(
            "Patient", {"gender": "male"}, "gender=http://hl7.org/fhir/administrative-gender|male", id="gender"
        ),
        pytest.param(
            "MedicationRequest",
            {"status": "active"},
            "status=http://hl7.org/fhir/CodeSystem/medicationrequest-status|active",
            id="a system that is not called as its value set",
        ),
        pytest.param(
            "Task", {"intent": "order"}, "intent=http://hl7.org/fhir/request-intent|order", id="of two systems"
        ),
        pytest.param("Task", {"intent": "unknown"}, "intent=http://hl7.org/fhir/task-intent|", id="the other system"),
    ],
)
def test_a_bound_code_has_the_system_of_its_value_set(
    r4: Shelf, resource_type: str, elements: dict[str, str], query: str
) -> None:
    r4.put({"resourceType": resource_type, "id": "1", **elements})
    assert r4.ids(f"{resource_type}?{query}") == ["1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("code=a", ["named", "nameless"], id="any system"),
        pytest.param("code=http://tea|a", ["named"], id="its own"),
        pytest.param("code=|a", ["nameless"], id="none"),
        pytest.param("code=below", [], id="codes below others are not searched"),
    ],
)
def test_a_code_that_a_code_system_defines_is_of_that_system(r5: Shelf, query: str, found: list[str]) -> None:
    concepts = {"concept": [{"code": "a", "concept": [{"code": "below"}]}]}
    r5.put(
        {"resourceType": "CodeSystem", "id": "named", "url": "http://tea", **concepts},
        {"resourceType": "CodeSystem", "id": "nameless", **concepts},
    )
    assert r5.ids(f"CodeSystem?{query}") == found
