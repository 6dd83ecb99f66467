"""Requests in a window of time, and bytes in a body."""

from __future__ import annotations

import io
import multiprocessing
import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from fhantom.clock import Clock
from fhantom.errors import TooLarge
from fhantom.gateway.limits import CountedInput, RateLimit
from gateway.conftest import OpenGateway


class Frozen(Clock):
    """A clock that stands still 50 seconds into a minute."""

    def now(self) -> datetime:
        return datetime(2026, 5, 1, 12, 0, 50, tzinfo=UTC)


@pytest.fixture
def site(site):  # type: ignore[no-untyped-def]  # the same site by a frozen clock
    from dataclasses import replace

    return replace(site, clock=Frozen())


def test_requests_above_the_limit_get_429_with_the_seconds_to_wait(gateway: OpenGateway) -> None:
    door = gateway(rate_limit=2)
    assert [door.get("/fhir").status for _ in range(4)] == [200, 200, 429, 429]
    assert door.get("/fhir").headers["Retry-After"] == "10"


def test_retry_after_can_be_left_out(gateway: OpenGateway) -> None:
    door = gateway(rate_limit=1, retry_after=False)
    door.get("/fhir")
    answer = door.get("/fhir")
    assert answer.status == 429
    assert "Retry-After" not in answer.headers


def test_kong_style_tells_its_limit(gateway: OpenGateway) -> None:
    door = gateway(rate_limit=1, gateway_style="kong")
    door.get("/fhir")
    answer = door.get("/fhir")
    assert answer.json()["message"] == "API rate limit exceeded"
    told = [answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    assert told == ["1", "0", "10"]


@pytest.mark.parametrize(("scope", "second"), [("key", 200), ("address", 429), ("server", 429)])
def test_the_scope_says_who_shares_a_limit(gateway: OpenGateway, scope: str, second: int) -> None:
    door = gateway(rate_limit=1, rate_limit_scope=scope, keys=("one", "two"))
    assert door.get("/fhir", {"apikey": "one"}).status == 200
    assert door.get("/fhir", {"apikey": "two"}).status == second


def test_refused_keys_and_control_routes_use_up_nothing(gateway: OpenGateway) -> None:
    door = gateway(rate_limit=1, rate_limit_scope="server")
    door.get("/fhir", {"apikey": "wrong"})
    door.get("/_fhantom/health")
    assert door.get("/fhir").status == 200


def test_a_new_window_begins_from_nothing() -> None:
    limit = RateLimit(1, 60)
    assert [limit.wait("key", now) for now in (0.0, 59.5, 60.0)] == [None, 1, None]
    limit.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share a parent")
def test_forked_processes_share_one_count() -> None:
    limit = RateLimit(30, 60)
    context = multiprocessing.get_context("fork")
    passed = context.SimpleQueue()

    def ask() -> None:
        passed.put(sum(limit.wait("key", 0.0) is None for _ in range(20)))

    processes = [context.Process(target=ask) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sum(passed.get() for _ in processes) == 30
    limit.close()


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/dicomweb/studies", "max_body_stow"),
        ("/fhir-r4/Patient", "max_body_fhir"),
        ("/sole", "max_body_other"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["length told", "chunked"])
def test_a_body_above_the_limit_of_its_service_gets_413(
    gateway: OpenGateway, path: str, limit: str, chunked: bool
) -> None:
    door = gateway(**{limit: 1000})

    def post(size: int) -> int:
        return door.request("POST", path, body=iter([b"x" * size]) if chunked else b"x" * size).status

    assert post(1000) == 200
    assert post(1001) == 413
    assert post(300_000) == 413


def test_limits_of_other_services_do_not_count(gateway: OpenGateway) -> None:
    door = gateway(max_body_fhir=10)
    assert door.request("POST", "/dicomweb/studies", body=b"x" * 100).json()["size"] == 100


READERS: dict[str, Callable[[CountedInput], object]] = {
    "read": lambda counted: counted.read(),
    "read pieces": lambda counted: [counted.read(3) for _ in range(4)],
    "readline": lambda counted: counted.readline(),
    "readlines": lambda counted: counted.readlines(),
    "iterate": lambda counted: list(counted),
}


@pytest.mark.parametrize("name", READERS)
def test_a_counted_body_raises_at_the_first_byte_too_many(name: str) -> None:
    fitting = CountedInput(io.BytesIO(b"0123456789"), 10)
    READERS[name](fitting)
    assert not fitting.exceeded
    over = CountedInput(io.BytesIO(b"0123456789"), 9)
    with pytest.raises(TooLarge):
        READERS[name](over)
    assert over.exceeded
