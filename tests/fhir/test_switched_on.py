"""What the real server has off, switched on by one setting each, and told to the log when it is used."""

from __future__ import annotations

import pytest

from doors import InProcess
from fhantom.app import create_app
from fhantom.fhir import asking
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.second_opinion import second_opinion
from fhantom.settings import Settings
from fhantom.site import Site
from fhir_client import FhirClient, patient

ON = Settings(
    ephemeral=True,
    search_text=True,
    search_source=True,
    search_of_type=True,
    search_identifier=True,
    search_system=True,
    validate_strictly=True,
)
MRN = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return ON


@pytest.fixture(scope="module", params=["/fhir", "/fhir-r4"], ids=["R5", "R4"])
def generous(request: pytest.FixtureRequest, module_site: Site) -> FhirClient:
    fhir = FhirClient(InProcess(create_app(module_site)), request.param)
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Broken hip</div>'
    one = patient(
        "one",
        meta={"source": "http://s"},
        text={"status": "generated", "div": div},
        identifier=[{"type": MRN, "system": "http://i", "value": "7"}],
    )
    assert fhir.put(one).status in (200, 201)
    subject = {"identifier": {"system": "http://i", "value": "7"}}
    fhir.put({"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}, "subject": subject})
    return fhir


USES = {
    "text": ("Patient?_text=hip", ["Patient/one"]),
    "source": ("Patient?_source=http://s", ["Patient/one"]),
    "of-type": (
        "Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|7",
        ["Patient/one"],
    ),
    "identifier": ("Observation?subject:identifier=http://i|7", ["Observation/o"]),
    "system": ("?_type=Patient,Observation&_id=one", ["Patient/one"]),
}


@pytest.mark.parametrize("name", USES)
def test_a_setting_switches_a_search_on(generous: FhirClient, name: str) -> None:
    path, found = USES[name]
    assert generous.found(path) == found


@pytest.mark.parametrize("name", USES)
def test_its_use_is_noted_with_the_real_servers_refusal(module_site: Site, name: str) -> None:
    resource_type, _, query = USES[name][0].partition("?")
    exchange = Exchange("R5", "GET", resource_type, module_site.worlds.open(), "http://x/fhir")
    parameter, _, value = query.partition("=")
    with exchange.world.reading() as connection:
        asking.understood(exchange, connection, resource_type, ((parameter, value.partition("&")[0]),))
    (finding,) = exchange.notes.findings
    assert finding.row == f"fhir-search-{name}"
    assert "HAPI-" in finding.message


@pytest.mark.parametrize("name", USES)
def test_its_use_is_told_in_a_header(generous: FhirClient, name: str) -> None:
    warning = generous.get(USES[name][0]).headers["Warning"]
    assert warning.startswith('299 fhantom "real server: ') and "HAPI-" in warning


def test_what_the_real_server_does_too_carries_no_warning(generous: FhirClient) -> None:
    assert "Warning" not in generous.get("Patient?_id=one").headers


def test_a_system_search_pages_too(generous: FhirClient) -> None:
    generous.put(patient("two"))
    bundle = generous.get("_search?_type=Patient&_count=1").json()
    following = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    page = generous.door.get(following.removeprefix(generous.door.origin)).json()
    shown = bundle["entry"][0]["resource"]["id"], page["entry"][0]["resource"]["id"]
    assert sorted(shown) == ["one", "two"]


def test_strict_validation_asks_for_a_second_opinion(generous: FhirClient) -> None:
    wrong = {"resourceType": "Patient", "text": {"status": "generated", "div": "<div/>"}, "birthDate": "x"}
    assert second_opinion("R5", wrong)[0].words.startswith("fhir.resources: ")
    assert second_opinion("R4", {"resourceType": "EffectEvidenceSynthesis"}) == []
    sent = {"resourceType": "Patient", "contact": [{"gender": "male", "period": {"start": "2020", "end": "2019"}}]}
    assert generous.send("POST", "Patient/$validate", sent).status == 200
