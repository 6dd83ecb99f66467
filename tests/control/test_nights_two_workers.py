"""The nightly reset by the clock, and the rate limit, hold for both workers of a server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from doors import Socket
from running import at_once, serving

PATIENT = json.dumps({"resourceType": "Patient", "id": "siimjoe"}).encode()
OPTIONS = (
    *("--ephemeral", "--seed", "none", "--workers", "2", "--worlds", "per-key", "--key-prefix", "test-"),
    *("--nightly-reset", "03:00", "--nightly-outage", "300", "--nightly-outage-kind", "503"),
    *("--rate-limit", "60", "--rate-limit-window", "3600"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    with serving(tmp_path_factory.mktemp("home"), *OPTIONS) as running:
        yield running.door


def control(server: Socket, method: str, path: str, body: Any = None) -> Any:
    answer = server.request(method, f"/_fhantom/{path}", body=b"" if body is None else json.dumps(body).encode())
    assert answer.status < 300, answer.text
    return answer.json() if answer.body else None


def statuses(server: Socket, key: str, times: int = 12) -> Counter[object]:
    return Counter(at_once(times, lambda number: server.get("/fhir/Patient/siimjoe", {"apikey": key}).status))


def test_at_three_in_new_york_both_workers_are_away_and_both_have_the_seed_afterwards(server: Socket) -> None:
    control(server, "PUT", "clock", {"now": "2027-01-14T07:59:59Z", "tick": 0})
    headers = {"apikey": "test-night", "Content-Type": "application/fhir+json"}
    assert server.request("PUT", "/fhir/Patient/siimjoe", headers, PATIENT).status == 201
    assert statuses(server, "test-night") == {200: 12}
    assert control(server, "GET", "nightly") == {"next": "2027-01-14T08:00:00+00:00", "outage": None, "left": 0}
    control(server, "POST", "clock/advance", {"seconds": 1})
    assert statuses(server, "test-night") == {503: 12}
    control(server, "POST", "clock/advance", {"seconds": 300})
    assert statuses(server, "test-night") == {404: 12}
    control(server, "PUT", "clock", {"now": None})


def test_a_rehearsal_holds_for_both_workers_and_ends_for_both(server: Socket) -> None:
    assert control(server, "POST", "nightly", {"downtime": 600, "kind": "502"})["left"] == 600
    assert statuses(server, "test-rehearsal") == {502: 12}
    control(server, "DELETE", "nightly")
    assert statuses(server, "test-rehearsal") == {404: 12}


def test_a_rate_limit_counts_the_requests_of_both_workers(server: Socket) -> None:
    control(server, "PUT", "clock", {"now": "2027-01-14T12:00:00Z", "tick": 0})
    assert statuses(server, "test-limit", 30) + statuses(server, "test-limit", 40) == {404: 60, 429: 10}
    control(server, "POST", "clock/advance", {"seconds": 3600})
    assert statuses(server, "test-limit") == {404: 12}
    control(server, "PUT", "clock", {"now": None})
