"""What every request gets on its way through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doors import InProcess
from fhantom.gateway import Gateway
from fhantom.readiness import Phase, Readiness
from fhantom.site import Site
from gateway.conftest import OpenGateway, echo


@pytest.mark.parametrize("path", ["/fhir", "/_fhantom/health"])
def test_the_clients_request_id_comes_back(gateway: OpenGateway, path: str) -> None:
    answer = gateway().get(path, {"X-Request-ID": "team-7:42"})
    assert answer.headers.get_all("X-Request-ID") == ["team-7:42"]
    assert answer.json()["request_id"] == "team-7:42"


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "<b>"], ids=["none", "empty", "space", "long", "tag"])
def test_without_a_usable_request_id_one_is_made(gateway: OpenGateway, given: str | None) -> None:
    door = gateway()
    first, second = (door.get("/fhir", {"X-Request-ID": given}).headers["X-Request-ID"] for _ in range(2))
    assert len(first) == 16
    assert given != first != second


def test_refusals_carry_a_request_id(gateway: OpenGateway) -> None:
    assert gateway().get("/fhir", {"apikey": None, "X-Request-ID": "7"}).headers["X-Request-ID"] == "7"


def test_requests_reach_the_shared_world(gateway: OpenGateway) -> None:
    assert gateway().get("/fhir").json()["world"] == "shared"


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.SEEDING, Phase.FAILED])
def test_until_the_data_is_there_data_routes_answer_503(site: Site, phase: Phase) -> None:
    readiness = Readiness(phase)
    door = InProcess(Gateway(echo, replace(site, readiness=readiness)))
    answer = door.get("/fhir")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert door.get("/fhir", {"apikey": "wrong"}).status == 403
    assert door.get("/_fhantom/ready").status == 200
    readiness.report(Phase.READY)
    assert door.get("/fhir").status == 200
