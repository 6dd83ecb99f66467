"""Subscriptions by websocket: bind, bound, ping, through every server that fhantom runs on."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from doors import Door, InProcess, Socket
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.wire.frames import CLOSE, PING, PONG, TEXT, BrokenFrame, FrameReader, accept_of, frame
from fhir_client import FhirClient, patient
from running import serving
from subscribing import given_up, subscribed

SUBSCRIPTION = {
    "resourceType": "Subscription",
    "status": "requested",
    "reason": "a test",
    "criteria": "Patient?gender=female",
    "channel": {"type": "websocket"},
}
HANDSHAKE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, subscriptions=True)


class Client:
    """A WebSocket client of a few lines."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = b""

    def send(self, opcode: int, payload: bytes, mask: bytes = b"abcd") -> None:
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._connection.sendall(bytes((0x80 | opcode, 0x80 | len(payload))) + mask + masked)

    def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame, all of which are short."""
        head = self._exactly(2)
        return head[0] & 0x0F, self._exactly(head[1])

    def head(self) -> str:
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        return head.decode()

    def _exactly(self, count: int) -> bytes:
        while len(self._held) < count:
            self._more()
        found, self._held = self._held[:count], self._held[count:]
        return found

    def _more(self) -> None:
        data = self._connection.recv(4096)
        assert data, "the server has closed"
        self._held += data


@contextmanager
def connected(door: Socket) -> Iterator[Client]:
    """A client whose handshake is done."""
    key = base64.b64encode(os.urandom(16)).decode()
    headers = {**HANDSHAKE, "Host": door.host, "Sec-WebSocket-Key": key, "apikey": BUILT_IN_KEY}
    lines = ["GET /fhir-r4/websocket HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection((door.host, door.port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        client = Client(connection)
        head = client.head()
        assert head.startswith("HTTP/1.1 101")
        assert f"Sec-WebSocket-Accept: {accept_of(key)}" in head
        yield client


@pytest.fixture
def socket_door(door: Door) -> Socket:
    if isinstance(door, InProcess):
        pytest.skip("a websocket needs a socket")
    assert isinstance(door, Socket)
    return door


def check_that_pings_come(door: Socket) -> None:
    r4 = FhirClient(door, "/fhir-r4")
    path = subscribed(r4, SUBSCRIPTION)
    id = path.rpartition("/")[2]
    with connected(door) as client:
        client.send(TEXT, f"bind {id}".encode())
        assert client.receive() == (TEXT, f"bound {id}".encode())
        r4.put(patient("told", gender="female"))
        assert client.receive() == (TEXT, f"ping {id}".encode())
        client.send(PING, b"here?")
        assert client.receive() == (PONG, b"here?")
        client.send(CLOSE, (1000).to_bytes(2, "big"))
        assert client.receive() == (CLOSE, (1000).to_bytes(2, "big"))
    given_up(r4, path)


def test_a_bound_client_is_pinged(socket_door: Socket) -> None:
    check_that_pings_come(socket_door)


def test_any_worker_pings_its_clients(tmp_path: Path) -> None:
    with serving(tmp_path, "--ephemeral", "--seed", "none", "--subscriptions", "--workers", "2") as server:
        check_that_pings_come(server.door)
        assert server.door.get("/fhir-r4/Patient/told").status == 200


@pytest.mark.parametrize("text", [b"bind nobody", b"bind", b"hello"])
def test_who_binds_nothing_is_let_go(socket_door: Socket, text: bytes) -> None:
    with connected(socket_door) as client:
        client.send(TEXT, text)
        opcode, reason = client.receive()
        assert (opcode, int.from_bytes(reason[:2], "big")) == (CLOSE, 1002)


def test_without_a_handshake_the_address_is_no_other_than_on_the_real_server(door: Door) -> None:
    assert door.get("/fhir-r4/websocket").status == 404


@pytest.mark.parametrize("key", [None, "x"], ids=["no key", "nothing to take over"])
def test_a_handshake_that_cannot_be_answered_is_refused(door: Door, key: str | None) -> None:
    if key and not isinstance(door, InProcess):
        pytest.skip("a socket can be taken over")
    answer = door.get("/fhir/websocket", {**HANDSHAKE, "Sec-WebSocket-Key": key})
    assert (answer.status, answer.json()["resourceType"]) == (400, "OperationOutcome")


def test_the_accept_value_is_that_of_the_standard() -> None:
    assert accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 1.3


def test_frames_are_put_together_from_pieces() -> None:
    reader = FrameReader()
    masked = bytes((0x81, 0x82)) + b"abcd" + bytes((ord("h") ^ ord("a"), ord("i") ^ ord("b")))
    assert [found for byte in masked for found in reader.feed(bytes((byte,)))] == [(TEXT, b"hi")]


@pytest.mark.parametrize(
    "data",
    [frame(TEXT, b"not masked"), b"\x01\x80abcd", b"\x81\xff" + b"\0" * 8, b"\x81\xfe\xff\xff"],
    ids=["not masked", "in pieces", "very long", "too long"],
)
def test_frames_that_are_not_taken_end_the_conversation(data: bytes) -> None:
    with pytest.raises(BrokenFrame):
        list(FrameReader().feed(data))
