"""Reads that are asked again are answered from memory, and never show what is no longer so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors import Answer, Door, Socket
from fhantom.fhir import routes
from fhantom.wire.remembering import TOLD
from running import Server, at_once, serving

JSON = {"Content-Type": "application/fhir+json"}


def put(door: Door, id: str, number: int, root: str = "/fhir") -> Answer:
    patient = {"resourceType": "Patient", "id": id, "multipleBirthInteger": number}
    answer = door.request("PUT", f"{root}/Patient/{id}", JSON, json.dumps(patient).encode())
    assert answer.status in (200, 201), answer.text
    return answer


def number(answer: Answer) -> int:
    return int(answer.json()["multipleBirthInteger"])


def test_a_read_after_a_write_shows_it(door: Door) -> None:
    for count in range(3):
        put(door, "again", count)
        assert [number(door.get("/fhir/Patient/again")) for _ in range(3)] == [count] * 3


def test_a_deleted_resource_is_gone_at_once(door: Door) -> None:
    put(door, "gone", 1)
    assert [door.get("/fhir/Patient/gone").status for _ in range(2)] == [200, 200]
    assert door.request("DELETE", "/fhir/Patient/gone").status == 200
    assert [door.get("/fhir/Patient/gone").status for _ in range(2)] == [410, 410]
    assert door.get("/fhir/Patient/gone/_history/1").status == 200


def test_each_form_of_a_resource_is_an_answer_of_its_own(door: Door) -> None:
    put(door, "forms", 1)
    forms: list[dict[str, str | None]] = [
        {"Accept": "application/fhir+json"},
        {"Accept": "application/fhir+xml"},
        {"Accept": "text/html"},
        {"If-None-Match": 'W/"1"'},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-None-Match": 'W/"7"'},
    ]
    first, second = ([door.get("/fhir/Patient/forms", form) for form in forms] for _ in range(2))
    assert [answer.status for answer in first] == [200, 200, 200, 304, 304, 200]
    assert [(answer.status, answer.headers["Content-Type"], answer.body) for answer in second] == [
        (answer.status, answer.headers["Content-Type"], answer.body) for answer in first
    ]
    assert len({answer.headers["Content-Type"] for answer in first[:3]}) == 3


def test_the_two_versions_are_not_taken_for_each_other(door: Door) -> None:
    put(door, "both", 5)
    put(door, "both", 4, "/fhir-r4")
    roots = ("/fhir", "/fhir-r4", "/fhir", "/fhir-r4")
    assert [number(door.get(f"{root}/Patient/both")) for root in roots] == [5, 4, 5, 4]


def test_every_answer_has_an_id_of_its_own(door: Door) -> None:
    put(door, "ids", 1)
    assert len({door.get("/fhir/Patient/ids").headers["X-Request-ID"] for _ in range(5)}) == 5


def test_the_journal_tells_of_every_read(door: Door) -> None:
    put(door, "told", 1)
    for _ in range(3):
        door.get("/fhir/Patient/told")
    here = {"Host": "localhost"}
    entries = door.get("/_fhantom/requests?limit=3", here).json()["requests"]
    assert [entry["parsed"] for entry in entries] == [{"interaction": "read", "type": "Patient", "id": "told"}] * 3


def test_whatever_an_exchange_is_told_is_told_to_the_memory() -> None:
    assert set(routes._HEADERS.values()) <= set(TOLD)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("home"), "--seed", "none", "--ephemeral", "--workers", "2") as running:
        yield running


def test_no_worker_shows_what_another_has_overwritten(server: Server) -> None:
    def write_and_read(client: int) -> list[tuple[int, int]]:
        wrong = []
        for count in range(25):
            put(server.door, f"client{client}", count)
            # Each request is a connection of its own, so either worker may answer it.
            wrong += [(count, seen) for _ in range(4) if (seen := number(server.door.get(path(client)))) != count]
        return wrong

    def path(client: int) -> str:
        return f"/fhir/Patient/client{client}"

    assert at_once(4, write_and_read) == [[]] * 4


def test_a_reset_is_seen_by_every_worker(server: Server) -> None:
    door: Socket = server.door
    put(door, "reset", 1)
    assert {door.get("/fhir/Patient/reset").status for _ in range(8)} == {200}
    assert door.request("POST", "/_fhantom/reset").status == 200
    assert {door.get("/fhir/Patient/reset").status for _ in range(8)} == {404}


def test_worlds_of_two_keys_are_not_taken_for_each_other(tmp_path: Path) -> None:
    options = ("--seed", "none", "--ephemeral", "--worlds", "per-key", "--key", "one", "--key", "two")
    with serving(tmp_path, *options) as running:
        for key in ("one", "two"):
            body = json.dumps({"resourceType": "Basic", "id": "a", "language": key, "code": {"text": "x"}}).encode()
            assert running.door.request("PUT", "/fhir/Basic/a", {**JSON, "apikey": key}, body).status == 201
        found = [running.door.get("/fhir/Basic/a", {"apikey": key}).json()["language"] for key in ("one", "two") * 4]
        assert found == ["one", "two"] * 4
