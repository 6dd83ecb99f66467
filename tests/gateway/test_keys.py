"""Who passes the gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fhantom.settings import BUILT_IN_KEY
from gateway.conftest import OpenGateway

OTHER = "4b2b9a4e-7c1d-4f6c-9a0e-1f2d3c4b5a69"


@pytest.mark.parametrize("name", ["apikey", "APIKey", "apiKey", "APIKEY"])
def test_the_header_is_known_in_any_case(gateway: OpenGateway, name: str) -> None:
    assert gateway().get("/fhir/Patient", [(name, BUILT_IN_KEY)]).status == 200


@pytest.mark.parametrize("path", ["/", "/fhir/Patient", "/dicomweb/studies", "/wadouri", "/sole", "/vna", "/no"])
@pytest.mark.parametrize(
    "headers",
    [{"apikey": None}, {"apikey": ""}, {"apikey": "wrong"}, {"apikey": BUILT_IN_KEY.upper()}],
    ids=["missing", "empty", "wrong", "wrong case"],
)
def test_without_an_accepted_key_every_path_answers_403(
    gateway: OpenGateway, path: str, headers: dict[str, str | None]
) -> None:
    answer = gateway().get(path, headers)
    assert answer.status == 403
    assert "apikey" in answer.json()["message"]


def test_two_apikey_headers_are_refused_even_if_both_are_right(gateway: OpenGateway) -> None:
    answer = gateway().get("/fhir/Patient", [("apikey", BUILT_IN_KEY), ("APIKey", BUILT_IN_KEY)])
    assert answer.status == 403
    assert "more than one" in answer.json()["message"]


@pytest.mark.parametrize("scheme", ["apikey", "Bearer", "Basic"])
def test_the_authorization_header_is_never_read(gateway: OpenGateway, scheme: str) -> None:
    headers = {"apikey": None, "Authorization": f"{scheme} {BUILT_IN_KEY}"}
    answer = gateway().get("/fhir/Patient", headers)
    assert answer.status == 403
    assert "Authorization" in answer.json()["message"]


def test_a_key_in_the_query_is_never_read(gateway: OpenGateway) -> None:
    answer = gateway().get(f"/fhir/Patient?apikey={BUILT_IN_KEY}", {"apikey": None})
    assert answer.status == 403
    assert "query" in answer.json()["message"]
    assert BUILT_IN_KEY not in answer.text


def test_keys_that_are_set_replace_the_built_in_one(gateway: OpenGateway) -> None:
    door = gateway(keys=(OTHER, "second"))
    assert door.get("/fhir/Patient", {"apikey": OTHER}).status == 200
    assert door.get("/fhir/Patient", {"apikey": "second"}).status == 200
    assert door.get("/fhir/Patient", {"apikey": BUILT_IN_KEY}).status == 403


def test_a_key_with_the_accepted_prefix_passes(gateway: OpenGateway) -> None:
    door = gateway(key_prefix="siimrsna_")
    assert door.get("/fhir/Patient", {"apikey": "siimrsna_17"}).status == 200
    assert door.get("/fhir/Patient", {"apikey": "rsna_17"}).status == 403


@pytest.mark.parametrize("headers", [{"apikey": None}, {"apikey": "whatever"}], ids=["none", "any"])
def test_any_key_lets_everybody_in(gateway: OpenGateway, headers: dict[str, str | None]) -> None:
    assert gateway(any_key=True).get("/fhir/Patient", headers).status == 200


def test_any_key_still_refuses_two_headers(gateway: OpenGateway) -> None:
    assert gateway(any_key=True).get("/fhir", [("apikey", "one"), ("apikey", "two")]).status == 403


def test_after_the_expiry_every_request_is_refused_with_403(gateway: OpenGateway) -> None:
    door = gateway(key_expiry=datetime(2020, 12, 3, tzinfo=UTC))
    answer = door.get("/fhir/Patient")
    assert answer.status == 403
    assert "expired" in answer.json()["message"]


def test_before_the_expiry_keys_work(gateway: OpenGateway) -> None:
    assert gateway(key_expiry=datetime(9999, 1, 1, tzinfo=UTC)).get("/fhir/Patient").status == 200


def test_control_routes_need_no_key(gateway: OpenGateway) -> None:
    assert gateway().get("/_fhantom/health", {"apikey": None}).status == 200


def test_a_path_that_only_begins_like_a_control_route_needs_the_key(gateway: OpenGateway) -> None:
    assert gateway().get("/_fhantomas", {"apikey": None}).status == 403


@pytest.mark.parametrize("style", ["fhantom", "nginx", "kong"])
@pytest.mark.parametrize("status", [401, 403])
def test_the_status_of_refused_keys_can_be_chosen(gateway: OpenGateway, style: str, status: int) -> None:
    answer = gateway(gateway_style=style, auth_status=status).get("/fhir", {"apikey": None})
    assert answer.status == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_nginx_style_refuses_with_its_page(gateway: OpenGateway) -> None:
    answer = gateway(gateway_style="nginx").get("/fhir", {"apikey": None})
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html")
    assert answer.text.startswith("<html>\r\n<head><title>403 Forbidden</title></head>\r\n")
    assert answer.text.endswith("<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ([("apikey", "")], "No API key found in request"),
        ([("apikey", "wrong")], "Unauthorized"),
        ([("apikey", "a"), ("apikey", "b")], "Duplicate API key found"),
    ],
    ids=["none", "wrong", "two"],
)
def test_kong_style_refuses_with_its_messages(
    gateway: OpenGateway, headers: list[tuple[str, str]], message: str
) -> None:
    answer = gateway(gateway_style="kong").get("/fhir", headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Key")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    told = json.loads(answer.body)
    assert told == {"message": message, "request_id": answer.headers["X-Request-ID"]}
