"""Scripts of web pages from other origins."""

from __future__ import annotations

import pytest

from doors import Door
from gateway.conftest import OpenGateway

PREFLIGHT = {
    "apikey": None,
    "Origin": "http://localhost:3000",
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "apikey,x-team",
}


def expect_no_cors(door: Door, path: str) -> None:
    answer = door.get(path, {"Origin": "http://localhost:3000"})
    assert not any(name.lower().startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir-r4", "/dicom-web/studies/", "/wadouri", "/sole"])
def test_a_preflight_succeeds_without_a_key(gateway: OpenGateway, path: str) -> None:
    answer = gateway().request("OPTIONS", path, PREFLIGHT)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "apikey,x-team"
    allowed = answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"} <= set(allowed)


@pytest.mark.parametrize("left_out", ["Origin", "Access-Control-Request-Method"])
def test_options_that_is_no_preflight_needs_the_key(gateway: OpenGateway, left_out: str) -> None:
    headers = {name: value for name, value in PREFLIGHT.items() if name != left_out}
    assert gateway().request("OPTIONS", "/fhir/Patient", headers).status == 403


def test_a_preflight_names_the_usual_headers_if_the_browser_names_nonsense(gateway: OpenGateway) -> None:
    headers = PREFLIGHT | {"Access-Control-Request-Headers": "a\tb;<c>"}
    answer = gateway().request("OPTIONS", "/fhir/Patient", headers)
    assert "apikey" in answer.headers["Access-Control-Allow-Headers"].split(", ")


def test_a_public_page_may_call_this_machine(gateway: OpenGateway) -> None:
    headers = PREFLIGHT | {"Access-Control-Request-Private-Network": "true"}
    answer = gateway().request("OPTIONS", "/fhir/Patient", headers)
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize("headers", [{}, {"apikey": "wrong"}], ids=["answer", "refusal"])
def test_answers_and_refusals_of_data_routes_may_be_read(gateway: OpenGateway, headers: dict[str, str | None]) -> None:
    answer = gateway().get("/fhir/Patient", headers | {"Origin": "http://localhost:3000"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "Content-Location", "ETag", "Retry-After"} <= set(exposed)


def test_a_refused_body_may_be_read(gateway: OpenGateway) -> None:
    answer = gateway(max_body_fhir=1).request("POST", "/fhir", body=b"too long")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (413, "*")


@pytest.mark.parametrize("path", ["/_fhantom/health", "/", "/elsewhere"])
def test_routes_without_data_are_not_for_other_origins(gateway: OpenGateway, path: str) -> None:
    expect_no_cors(gateway(), path)


def test_control_routes_have_no_preflight(gateway: OpenGateway) -> None:
    answer = gateway().request("OPTIONS", "/_fhantom/health", PREFLIGHT)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_cors_can_be_switched_off(gateway: OpenGateway) -> None:
    door = gateway(cors=False)
    expect_no_cors(door, "/fhir/Patient")
    assert door.request("OPTIONS", "/fhir/Patient", PREFLIGHT).status == 403
