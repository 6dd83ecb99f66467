"""Connections to a server of one worker with two threads, byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fhantom.settings import BUILT_IN_KEY
from running import Server, at_once, serving

Connect = Callable[[], "Connection"]
THREADS = 2


class Connection:
    """A client that sends bytes and reads one answer at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._input = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a request."""
        self.send(data)
        return self.answer()

    def answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """The next answer on the connection."""
        status = int(self._input.readline().split()[1])
        headers = {}
        while line := self._input.readline().strip().decode():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0)) if has_body else 0
        return status, headers, self._input.read(length)

    def ended(self) -> bool:
        """Whether the server has closed the connection; waits for that."""
        return self._input.read() == b""

    def close(self) -> None:
        self._input.close()
        self._socket.close()


def request(method: str, path: str, *headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/{version}", "Host: here", f"apikey: {BUILT_IN_KEY}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def announced(name: str, body: bytes) -> bytes:
    """The head of a PUT whose body waits for the server's word."""
    headers = ("Content-Type: application/fhir+json", f"Content-Length: {len(body)}", "Expect: 100-continue")
    return request("PUT", f"/fhir/Patient/{name}", *headers)


def patient(name: str) -> bytes:
    """A Patient as a client sends it."""
    return b'{"resourceType": "Patient", "id": "%s", "active": true}' % name.encode()


READ = request("GET", "/fhir/Patient/one")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    options = ("--seed", "none", "--ephemeral", "--workers", "1", "--threads", str(THREADS), "--keep-alive", "30")
    with serving(home, *options) as running:
        json = {"Content-Type": "application/fhir+json"}
        assert running.door.request("PUT", "/fhir/Patient/one", json, patient("one")).status == 201
        yield running


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    with ExitStack() as stack:

        def connected() -> Connection:
            connection = Connection(server.door.port)
            stack.callback(connection.close)
            return connection

        yield connected


def test_requests_sent_without_waiting_are_answered_in_order(connect: Connect) -> None:
    connection = connect()
    connection.send(READ + request("GET", "/fhir/Patient/none") + request("GET", "/dicomweb/studies") + READ)
    assert [connection.answer()[0] for _ in range(4)] == [200, 404, 200, 200]


def test_a_request_that_comes_in_pieces_is_answered(connect: Connect) -> None:
    connection = connect()
    assert connection.ask(READ)[0] == 200
    for at in range(0, len(READ), 20):
        connection.send(READ[at : at + 20])
    assert connection.answer()[0] == 200


def test_more_open_connections_than_threads_take_turns(connect: Connect) -> None:
    connections = [connect() for _ in range(3 * THREADS)]
    for _ in range(3):
        assert [connection.ask(READ)[0] for connection in connections] == [200] * len(connections)


def test_busy_connections_do_not_keep_others_out(connect: Connect) -> None:
    def ask_often(number: int) -> set[int]:
        connection = connect()
        return {connection.ask(READ)[0] for _ in range(40)}

    assert at_once(3 * THREADS, ask_often) == [{200}] * (3 * THREADS)


def test_connections_that_say_nothing_do_not_keep_others_out(connect: Connect) -> None:
    silent = [connect() for _ in range(3 * THREADS)]
    for connection in silent[: 2 * THREADS]:
        assert connection.ask(READ)[0] == 200
    assert connect().ask(READ)[0] == 200


def test_http_1_0_ends_with_the_answer_unless_asked_to_stay(connect: Connect) -> None:
    ending, staying = connect(), connect()
    assert ending.ask(request("GET", "/fhir/Patient/one", version="1.0"))[0] == 200
    assert ending.ended()
    for _ in range(2):
        status, headers, _ = staying.ask(request("GET", "/fhir/Patient/one", "Connection: keep-alive", version="1.0"))
        assert (status, headers["connection"]) == (200, "keep-alive")


def test_a_client_that_wants_to_close_is_obeyed(connect: Connect) -> None:
    connection = connect()
    status, headers, _ = connection.ask(request("GET", "/fhir/Patient/one", "Connection: close"))
    assert (status, headers["connection"]) == (200, "close")
    assert connection.ended()


def test_a_client_that_waits_for_100_is_told_to_go_on(connect: Connect) -> None:
    connection, body = connect(), patient("awaited")
    assert connection.ask(announced("awaited", body))[0] == 100
    assert connection.ask(body)[0] == 201
    assert connection.ask(READ)[0] == 200


def test_a_chunked_body_is_read_and_the_connection_stays(connect: Connect) -> None:
    connection, body = connect(), patient("chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:])) + b"0\r\n\r\n"
    headers = ("Content-Type: application/fhir+json", "Transfer-Encoding: chunked")
    assert connection.ask(request("PUT", "/fhir/Patient/chunked", *headers, body=chunks))[0] == 201
    assert connection.ask(READ)[0] == 200


def test_answers_without_a_body_leave_the_connection_in_step(connect: Connect) -> None:
    connection = connect()
    _, headers, whole = connection.ask(READ)
    connection.send(request("HEAD", "/fhir/Patient/one"))
    status, told, _ = connection.answer(has_body=False)
    assert (status, told["content-length"]) == (200, headers["content-length"])
    connection.send(request("GET", "/fhir/Patient/one", f"If-None-Match: {headers['etag']}"))
    assert connection.answer(has_body=False)[0] == 304
    connection.send(request("OPTIONS", "/fhir/Patient", "Origin: http://a", "Access-Control-Request-Method: GET"))
    assert connection.answer()[0] == 200
    assert connection.ask(READ)[2] == whole


def test_bytes_that_are_no_request_are_refused_and_the_next_client_is_served(connect: Connect) -> None:
    connection = connect()
    assert connection.ask(READ)[0] == 200
    assert connection.ask(b"what is this\r\n\r\n")[0] == 400
    assert connection.ended()
    assert connect().ask(READ)[0] == 200


def test_a_client_that_never_closes_does_not_hold_up_others(connect: Connect) -> None:
    for _ in range(2 * THREADS):
        assert connect().ask(request("GET", "/fhir/Patient/one", "Connection: close"))[0] == 200
    assert connect().ask(READ)[0] == 200


def test_a_stop_answers_the_request_at_hand_and_closes_idle_connections(tmp_path: Path) -> None:
    with serving(tmp_path, "--seed", "none", "--ephemeral", "--workers", "1", "--threads", "2") as running:
        body = patient("late")
        idle, busy = Connection(running.door.port), Connection(running.door.port)
        assert idle.ask(request("GET", "/fhir/metadata"))[0] == 200
        assert busy.ask(announced("late", body))[0] == 100
        running.process.terminate()
        assert idle.ended()
        status, headers, _ = busy.ask(body)
        assert (status, headers["connection"]) == (201, "close")
        assert busy.ended()
        idle.close()
        busy.close()
        assert running.process.wait(timeout=30) == 0
