"""Every kind of fault has the same effect under gunicorn, under the threaded server and in process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from fhantom.faults.rules import KINDS
from fhantom.settings import BUILT_IN_KEY
from fhantom.testing.requests_adapter import AppAdapter
from fhantom.testing.servers import LocalServer, settings_of
from instances import MULTIPART, instance, multipart
from running import serving

Send = Callable[..., requests.Response]
SERVERS = ("gunicorn", "threaded", "in process")


@pytest.fixture(scope="module", params=SERVERS)
def send(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Sends a request with a fault in its header to a server of each kind."""
    home = tmp_path_factory.mktemp("home")
    with requests.Session() as session:
        session.headers["apikey"] = BUILT_IN_KEY
        if request.param == "in process":
            server = LocalServer(home / "data", settings_of({"seed": "none", "worlds": "shared", "cache": home}))
            session.mount("http://in.process", AppAdapter(server.app))
            yield sender(session, "http://in.process")
            server.close()
            return
        options = ("--ephemeral", "--seed", "none", "--server", request.param, "--workers", "2")
        with serving(home, *options) as running:
            yield sender(session, running.door.origin)


def sender(session: requests.Session, origin: str) -> Send:
    def send(fault: str, method: str = "GET", path: str = "/fhir/metadata", **more: object) -> requests.Response:
        headers = {"X-Fhantom-Fault": fault} if fault else {}
        headers.update(more.pop("headers", {}))  # type: ignore[call-overload]
        return session.request(method, origin + path, headers=headers, timeout=30, **more)  # type: ignore[arg-type]

    return send


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("reset", requests.ConnectionError),
        ("refuse", requests.ConnectionError),
        ("empty", requests.ConnectionError),
        ("truncate=20", requests.exceptions.ChunkedEncodingError),
        ("torn-multipart", requests.exceptions.ChunkedEncodingError),
        ("wrong-content-length=7", requests.exceptions.ChunkedEncodingError),
        ("malformed-chunk", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_broken_connection_is_the_same_exception(send: Send, fault: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        send(fault)
    assert send("").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ("status=429; retry-after=2", 429, "2"),
        ("status=502", 502, None),
        ("expired-key", 403, None),
    ],
)
def test_a_status_is_the_same_answer(send: Send, fault: str, status: int, header: str | None) -> None:
    answer = send(fault)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, header)
    assert list(answer.json()) == ["message"]


@pytest.mark.parametrize("fault", ["delay=30", "slow-first-byte=30", "drip=30; chunks=3"])
def test_a_slow_answer_is_whole_and_takes_its_time(send: Send, fault: str) -> None:
    began = time.perf_counter()
    answer = send(fault)
    assert answer.json()["resourceType"] == "CapabilityStatement"
    assert time.perf_counter() - began >= 0.03


def test_an_announced_length_that_is_too_short_cuts_the_body(send: Send) -> None:
    path = "/fhir/Patient"
    whole = send("", path=path).content
    assert len(send("wrong-content-length=-7", path=path).content) == len(whole) - 7


def test_a_limit_of_a_fault_is_told_with_a_time_to_wait(send: Send) -> None:
    answers = [send("rate-limit=1") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_one_instance_of_a_request_fails_and_the_others_are_stored(send: Send) -> None:
    bodies = [instance(number=number) for number in (1, 2, 3)]
    fault = "partial-stow=43264; instance=2"
    headers = {"Content-Type": MULTIPART}
    answer = send(fault, "POST", "/dicomweb/studies", data=multipart(*bodies), headers=headers)
    told = answer.json()
    assert told["00081198"]["Value"][0]["00081197"]["Value"] == [43264]
    assert len(told["00081199"]["Value"]) == 2
    assert len(send("", path="/dicomweb/instances").json()) == 2


def test_every_kind_is_tried_here() -> None:
    told = Path(__file__).read_text().replace("-", "_")
    assert [kind for kind in KINDS if kind not in told] == []
