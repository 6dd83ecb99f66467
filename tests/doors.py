"""The two ways into the server that protocol tests take: a WSGI call, and a real socket."""

from __future__ import annotations

import http.client
import io
import threading
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server

from fhantom.settings import BUILT_IN_KEY

Headers = Mapping[str, str | None] | list[tuple[str, str]]
Body = bytes | Iterable[bytes]
NONE: Headers = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """What a client sees of an answer; `headers` looks names up in any case."""

    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes = field(repr=False)

    def json(self) -> Any:
        import json

        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Door(Protocol):
    """Sends one request; `body` as an iterable goes out chunked; a header of None is left out."""

    origin: str

    def request(self, method: str, path: str, headers: Headers = NONE, body: Body = b"") -> Answer: ...

    def get(self, path: str, headers: Headers = NONE) -> Answer: ...


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    given = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    if not any(name.lower() == "apikey" for name, _ in given):
        given.append(("apikey", BUILT_IN_KEY))
    return [(name, value) for name, value in given if value is not None]


class InProcess:
    """Calls the WSGI application as a server would."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.origin = "http://testserver"

    def get(self, path: str, headers: Headers = NONE) -> Answer:
        return self.request("GET", path, headers)

    def request(self, method: str, path: str, headers: Headers = NONE, body: Body = b"") -> Answer:
        raw_path, _, query = path.partition("?")
        chunked = not isinstance(body, bytes)
        content = body if isinstance(body, bytes) else b"".join(body)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": urllib.parse.unquote(raw_path, "latin-1"),
            "RAW_URI": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.input_terminated": chunked,
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if chunked:
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        elif content or method in ("POST", "PUT", "PATCH"):
            environ["CONTENT_LENGTH"] = str(len(content))
        for name, value in _pairs(headers):
            key = name.upper().replace("-", "_")
            key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ and key != "HTTP_HOST" else value
        caught: list[Any] = []

        def start_response(status: str, answer_headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            caught[:] = [status, answer_headers]
            return lambda data: None

        result = self.app(environ, start_response)
        try:
            received = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        status, _, reason = caught[0].partition(" ")
        message = http.client.HTTPMessage()
        for name, value in caught[1]:
            message[name] = value
        return Answer(int(status), reason, message, b"" if method == "HEAD" else received)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class Socket:
    """Speaks HTTP/1.1 to a server on a real port."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.origin = f"http://{host}:{port}"

    def get(self, path: str, headers: Headers = NONE) -> Answer:
        return self.request("GET", path, headers)

    def request(self, method: str, path: str, headers: Headers = NONE, body: Body = b"") -> Answer:
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=60)) as connection:
            _send(connection, method, path, _pairs(headers), body)
            response = connection.getresponse()
            return Answer(response.status, response.reason, response.msg, response.read())


def _send(
    connection: http.client.HTTPConnection, method: str, path: str, pairs: list[tuple[str, str]], body: Body
) -> None:
    names = {name.lower() for name, _ in pairs}
    connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding="accept-encoding" in names)
    for name, value in pairs:
        connection.putheader(name, value)
    if isinstance(body, bytes):
        if body or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        return
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for piece in body:
        if piece:
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    connection.send(b"0\r\n\r\n")


@contextmanager
def listening(app: WSGIApplication) -> Iterator[Socket]:
    """A threaded server on a free port for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Socket("127.0.0.1", server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
