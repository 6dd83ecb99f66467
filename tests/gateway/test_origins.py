"""The address that links are built on."""

from __future__ import annotations

import pytest

from fhantom.gateway.origins import own_origin
from gateway.conftest import OpenGateway


def test_links_name_the_host_that_was_asked(gateway: OpenGateway) -> None:
    assert gateway().get("/fhir", {"Host": "fhantom.local:1234"}).json()["origin"] == "http://fhantom.local:1234"


def test_a_client_of_this_machine_may_leave_the_port_out() -> None:
    environ = {"wsgi.url_scheme": "http", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080"}
    assert own_origin({**environ, "HTTP_HOST": "localhost"}) == "http://localhost:8080"
    assert own_origin({**environ, "HTTP_HOST": "siim.test"}) == "http://siim.test"


@pytest.mark.parametrize("host", ["evil host", "a/b", '"><script>', "host:port", "[::1", "user@host"])
def test_what_is_no_host_name_never_comes_near_a_link(gateway: OpenGateway, host: str) -> None:
    origin = gateway().get("/fhir", {"Host": host}).json()["origin"]
    assert host not in origin
    assert origin.startswith("http://")


def test_fhir_links_can_name_localhost_8080_as_the_real_server_does(gateway: OpenGateway) -> None:
    door = gateway(link_base="localhost:8080")
    assert door.get("/fhir/Patient").json()["origin"] == "http://localhost:8080"
    assert door.get("/fhir-r4/Patient").json()["origin"] == "http://localhost:8080"
    assert door.get("/dicomweb/studies").json()["origin"] == door.origin


FORWARDED = [
    ({"Forwarded": "for=10.0.0.1;proto=https;host=siim.test, for=10.0.0.2"}, "https://siim.test"),
    ({"Forwarded": 'host="siim.test:8443";proto=https'}, "https://siim.test:8443"),
    ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "siim.test, inner"}, "https://siim.test"),
    ({"X-Forwarded-Host": "siim.test", "X-Forwarded-Port": "8000"}, "http://siim.test:8000"),
    (
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "siim.test", "X-Forwarded-Port": "443"},
        "https://siim.test",
    ),
    ({"X-Forwarded-Host": "siim.test", "X-Forwarded-Prefix": "/mirror/"}, "http://siim.test/mirror"),
    ({"X-Forwarded-Host": "siim.test", "X-Forwarded-Prefix": "/<b>"}, "http://siim.test"),
    ({"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "siim.test"}, "http://siim.test"),
]


@pytest.mark.parametrize(("headers", "origin"), FORWARDED, ids=lambda value: str(value))
def test_a_trusted_proxy_tells_the_address(gateway: OpenGateway, headers: dict[str, str | None], origin: str) -> None:
    assert gateway(trust_forwarded=True).get("/fhir", headers).json()["origin"] == origin


@pytest.mark.parametrize("headers", [headers for headers, _ in FORWARDED], ids=str)
def test_nobody_is_believed_unless_told_to(gateway: OpenGateway, headers: dict[str, str | None]) -> None:
    door = gateway()
    assert door.get("/fhir", headers).json()["origin"] == door.origin


def test_a_trusted_proxy_tells_whose_limit_counts(gateway: OpenGateway) -> None:
    door = gateway(trust_forwarded=True, rate_limit=1, rate_limit_scope="address")
    statuses = [
        door.get("/fhir", {"X-Forwarded-For": address}).status for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1")
    ]
    assert statuses == [200, 200, 429]
