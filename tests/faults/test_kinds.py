"""What a client sees of each fault, in process and through a socket of the threaded server."""

import http.client
import json
from collections.abc import Iterator

import pytest

from doors import Door, InProcess, Socket, listening
from fhantom.app import create_app
from fhantom.faults import FaultStore, parse
from fhantom.faults.connection import BrokenOff
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site

PATH = "/fhir/Patient"


@pytest.fixture(scope="module")
def socket(module_site: Site) -> Iterator[Socket]:
    with listening(create_app(module_site)) as socket:
        yield socket


@pytest.fixture
def faults(module_site: Site) -> Iterator[FaultStore]:
    yield module_site.faults
    module_site.faults.remove()


def add(faults: FaultStore, kind: str, **fields: object) -> None:
    faults.add(parse({"match": {"path": f"{PATH}*"}, "action": {"kind": kind, **fields}, "times": 1}, ""))


def good(door: Door) -> None:
    assert door.get(PATH).status == 200


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reset", ConnectionResetError),
        ("refuse", ConnectionResetError),
        ("empty", http.client.RemoteDisconnected),
        ("truncate", http.client.IncompleteRead),
        ("torn_multipart", http.client.IncompleteRead),
        ("wrong_content_length", http.client.IncompleteRead),
        ("malformed_chunk", http.client.IncompleteRead),
    ],
)
def test_a_broken_answer_breaks_at_the_client_and_the_next_one_is_good(
    socket: Socket, faults: FaultStore, kind: str, expected: type[Exception]
) -> None:
    add(faults, kind)
    with pytest.raises(expected):
        socket.get(PATH)
    good(socket)


def test_a_status_comes_with_its_headers(door: Door, faults: FaultStore) -> None:
    add(faults, "status", status=429, headers={"Retry-After": "2"})
    answer = door.get(PATH)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json() == {"message": "Too Many Requests"}
    good(door)


def test_a_status_comes_with_its_own_body(door: Door, faults: FaultStore) -> None:
    add(faults, "status", status=503, body="down for a moment")
    answer = door.get(PATH)
    assert (answer.status, answer.text) == (503, "down for a moment")


def test_an_expired_key_is_refused_as_the_gateway_does(door: Door, faults: FaultStore) -> None:
    add(faults, "expired_key")
    answer = door.get(PATH)
    assert answer.status == 403
    assert "expired" in answer.text
    good(door)


@pytest.mark.parametrize("kind", ["delay", "slow_first_byte"])
def test_a_slow_answer_is_otherwise_whole(door: Door, faults: FaultStore, kind: str) -> None:
    add(faults, kind, ms=1)
    assert door.get(PATH).json()["type"] == "searchset"


def test_a_dripping_answer_is_whole_in_the_end(door: Door, faults: FaultStore) -> None:
    whole = door.get("/fhir/metadata").body
    faults.add(parse({"action": {"kind": "drip", "chunks": 7, "total_ms": 7}, "times": 1}, ""))
    assert json.loads(door.get("/fhir/metadata").body).keys() == json.loads(whole).keys()


def test_a_rate_limit_counts_by_the_minute_of_the_clock(door: Door, faults: FaultStore, module_site: Site) -> None:
    faults.add(parse({"action": {"kind": "rate_limit", "per_minute": 2}}, ""))
    answers = [door.get(PATH) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    module_site.clock.advance(61)
    good(door)
    module_site.clock.set(None)


def test_a_fault_of_one_request_is_told_in_its_header(door: Door) -> None:
    answer = door.get(PATH, {"X-Fhantom-Fault": "status=429; retry-after=2"})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    good(door)


@pytest.mark.parametrize("value", ["explode", "status", "status=99", "drip=x", "delay=1; who=me", ";"])
def test_a_header_that_describes_no_fault_is_refused(door: Door, value: str) -> None:
    assert door.get(PATH, {"X-Fhantom-Fault": value}).status == 400


def test_in_process_a_broken_connection_is_an_exception(module_site: Site, faults: FaultStore) -> None:
    add(faults, "reset")
    with pytest.raises(BrokenOff):
        InProcess(create_app(module_site)).get(PATH)


def test_a_fault_for_another_key_does_not_strike(door: Door, faults: FaultStore) -> None:
    faults.add(parse({"match": {"key": "other"}, "action": {"kind": "status", "status": 500}}, ""))
    good(door)
    assert BUILT_IN_KEY != "other"
