"""What a test sets holds for every worker process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from doors import Answer, Socket
from running import at_once, serving

PATIENT = json.dumps({"resourceType": "Patient"}).encode()
OPTIONS = ("--ephemeral", "--seed", "none", "--workers", "2", "--worlds", "per-key", "--key-prefix", "test-")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Socket]:
    """The door of a server with two workers; each request makes a connection, which either of them takes."""
    with serving(tmp_path_factory.mktemp("home"), *OPTIONS) as running:
        assert len(running.workers) >= 2
        yield running.door


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key of the test's own."""
    return f"test-{request.node.name}"


def create(server: Socket, key: str) -> Answer:
    return server.request("POST", "/fhir/Patient", {"apikey": key, "Content-Type": "application/fhir+json"}, PATIENT)


def totals(server: Socket, key: str, times: int = 12) -> set[int]:
    answers = at_once(times, lambda number: server.get("/fhir/Patient?_summary=count", {"apikey": key}).json()["total"])
    return {int(str(answer)) for answer in answers}


def control(server: Socket, method: str, path: str, body: Any = None) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    answer = server.request(method, f"/_fhantom/{path}", body=content)
    assert answer.status < 300, answer.text
    return answer.json() if answer.body else None


def test_a_reset_is_seen_by_every_worker_at_once(server: Socket, key: str) -> None:
    for _ in range(5):
        assert create(server, key).status == 201
        assert totals(server, key) == {1}
        control(server, "POST", f"reset?only=data&key={key}")
        assert totals(server, key) == {0}


def test_a_dropped_world_begins_anew_in_every_worker(server: Socket, key: str) -> None:
    for _ in range(5):
        assert [answer.status for answer in at_once(4, lambda number: create(server, key))] == [201] * 4  # type: ignore[attr-defined]
        assert totals(server, key) == {4}
        control(server, "DELETE", f"worlds?key={key}")
        assert totals(server, key) == {0}


def test_a_world_may_be_dropped_while_every_worker_uses_it(server: Socket, key: str) -> None:
    for _ in range(15):
        answers = at_once(
            12,
            lambda number: (
                server.request("DELETE", f"/_fhantom/worlds?key={key}") if number == 6 else create(server, key)
            ),
        )
        assert Counter(answer.status for answer in answers) == {201: 11, 204: 1}  # type: ignore[attr-defined]
    control(server, "DELETE", f"worlds?key={key}")
    assert totals(server, key) == {0}


def test_a_snapshot_is_restored_for_every_worker(server: Socket, key: str) -> None:
    create(server, key)
    control(server, "PUT", f"snapshots/one?key={key}")
    create(server, key)
    control(server, "POST", f"snapshots/one/restore?key={key}")
    assert totals(server, key) == {1}


def test_twice_is_exactly_twice(server: Socket, key: str) -> None:
    fault = {"match": {"key": key}, "action": {"kind": "status", "status": 503}, "times": 2}
    made = control(server, "POST", "faults", fault)
    statuses = Counter(at_once(16, lambda number: server.get("/fhir/metadata", {"apikey": key}).status))
    assert statuses == {503: 2, 200: 14}
    control(server, "DELETE", f"faults/{made['id']}")


def test_one_clock_is_shown_by_all(server: Socket, key: str) -> None:
    control(server, "PUT", "clock", {"now": "2026-12-01T09:00:00Z", "tick": 0})
    shown = at_once(12, lambda number: control(server, "GET", "clock")["now"])
    control(server, "PUT", "clock", {"now": None})
    assert len(set(shown)) == 1
    assert str(shown[0]).startswith("2026-12-01T09:00:00")


def test_the_journal_has_what_either_worker_answered(server: Socket, key: str) -> None:
    at_once(12, lambda number: server.get(f"/fhir/Patient/{number}", {"apikey": key}))
    urls = [entry["request"]["url"] for entry in control(server, "GET", f"requests?key={key}")["requests"]]
    assert sorted(urls) == sorted(f"/fhir/Patient/{number}" for number in range(12))
