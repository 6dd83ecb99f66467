"""A connection that knows a client's headers tells the application of its requests what gunicorn alone would tell."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from fhantom.cli.gunicorn_connection import Connection
from fhantom.cli.gunicorn_patience import Patience

SECTION = "Host: here:8080\r\napikey: k\r\nAccept: application/json\r\nX-Forwarded-For: 1.2.3.4"
TARGETS = (
    "/fhir/Patient",
    "/fhir/Patient?",
    "/fhir/Patient?name=%C3%A9&a=b%20c",
    "/fhir/Patient/a%2Fb",
    "/fhir/Patient?x=a?b",
    "/fhir/Pa:tient;v=1,2?q=[a]|{b}",
    "//fhir/Patient",
    "/fhir/Patient#part",
    "/fhir/Patient?a=b#part",
    "http://elsewhere/fhir/Patient?a=b",
)


class Client:
    """A connection as the worker has it, and the client's end of it."""

    def __init__(self, here: socket.socket, there: socket.socket) -> None:
        config = Config()
        config.set("limit_request_line", 0)
        self._there = there
        self.connection = Connection(config, here, ("127.0.0.1", 4711), ("127.0.0.1", 8080))
        self.connection.patience = Patience(lambda: None)
        self.connection.init()

    def ask(self, method: str, target: str, section: str = SECTION) -> Any:
        """The request that the worker reads."""
        self._there.sendall(f"{method} {target} HTTP/1.1\r\n{section}\r\n\r\n".encode())
        return next(self.connection.parser)

    def told(self, method: str, target: str, section: str = SECTION) -> dict[str, Any]:
        """What the application is told of a request."""
        request = self.ask(method, target, section)
        return _comparable(self.connection.exchange(request)[1])


@pytest.fixture
def connect() -> Iterator[Callable[[], Client]]:
    with ExitStack() as stack:
        yield lambda: Client(*map(stack.enter_context, socket.socketpair()))


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    return connect()


def _comparable(environ: dict[str, Any]) -> dict[str, Any]:
    own = ("wsgi.errors", "wsgi.input", "wsgi.early_hints", "gunicorn.socket")
    return {name: value for name, value in environ.items() if name not in own}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_a_request_with_known_headers_is_told_as_by_gunicorn(
    connect: Callable[[], Client], method: str, target: str
) -> None:
    fresh, known = connect(), connect()
    request = fresh.ask(method, target)
    alone = wsgi.create(request, None, fresh.connection.client, fresh.connection.server, fresh.connection.cfg)[1]
    known.told("GET", "/dicomweb/studies")
    assert known.told(method, target) == _comparable(alone)


def test_known_headers_are_not_read_again(client: Client) -> None:
    client.connection.exchange(client.ask("GET", "/one"))
    assert client.ask("DELETE", "/two?a=b").told["QUERY_STRING"] == "a=b"


def test_what_the_application_leaves_in_one_request_is_not_in_the_next(client: Client) -> None:
    client.connection.exchange(client.ask("GET", "/one"))
    client.connection.exchange(client.ask("GET", "/two"))[1]["left"] = "behind"
    assert "left" not in client.told("GET", "/three")


def test_other_headers_are_read_again(client: Client) -> None:
    client.told("GET", "/one")
    assert client.told("GET", "/one", "Host: there")["HTTP_HOST"] == "there"
    assert client.told("GET", "/one")["HTTP_HOST"] == "here:8080"


def test_only_the_headers_that_came_last_are_kept(client: Client) -> None:
    for number in range(100):
        client.told("GET", "/one", f"Host: here\r\nX-Number: {number}")
    assert len(client.connection.parser._known) == 8


@pytest.mark.parametrize("line", ["Connection: close", "Content-Length: 3", "Upgrade: websocket"])
def test_headers_that_say_more_than_what_is_asked_are_not_kept(client: Client, line: str) -> None:
    request = client.ask("GET", "/one", f"Host: here\r\n{line}")
    client.connection.exchange(request)
    assert not client.connection.parser._known
