"""One request to a WSGI application as a server would make it, and what a client would have received."""

from __future__ import annotations

import io
import sys
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from fhantom.faults.connection import BrokenOff

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """What came back over a connection that does not exist.

    Attributes:
        status: 0 where the connection ended before a status line.
        broken: the kind of fault that broke the connection off; None where the answer is whole.
    """

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)
    broken: str | None = None


def call(app: WSGIApplication, method: str, url: str, headers: Pairs, body: bytes | Iterable[bytes] = b"") -> Received:
    """Send one request to `app`; a body that is not bytes goes out chunked, piece by piece."""
    started: list[Any] = []

    def start_response(status: str, answer_headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        started[:] = status, answer_headers
        return pieces.append

    pieces: list[bytes] = []
    broken = None
    try:
        _gather(app(environ_of(method, url, headers, body), start_response), pieces.append)
    except BrokenOff as error:
        broken = str(error).removeprefix("fault: ")
    status, _, reason = started[0].partition(" ") if started else ("0", "", "")
    content = b"" if method == "HEAD" else b"".join(pieces)
    return Received(int(status), reason, started[1] if started else [], content, broken)


def environ_of(method: str, url: str, headers: Pairs, body: bytes | Iterable[bytes]) -> WSGIEnvironment:
    """The environ of a request (PEP 3333)."""
    parts = urllib.parse.urlsplit(url)
    whole = isinstance(body, bytes)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method.upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote(parts.path or "/", "latin-1"),
        "QUERY_STRING": parts.query,
        "RAW_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else io.BufferedReader(_Pieces(iter(body))),
        # Without it Flask takes a body of unknown length for an empty one.
        "wsgi.input_terminated": not whole,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ and key != "HTTP_HOST" else value
    if isinstance(body, bytes):
        if body or method.upper() in ("POST", "PUT", "PATCH"):
            environ["CONTENT_LENGTH"] = str(len(body))
    else:
        environ.pop("CONTENT_LENGTH", None)
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    return environ


def _gather(answer: Iterable[bytes], take: Callable[[bytes], object]) -> None:
    try:
        for piece in answer:
            take(piece)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


class _Pieces(io.RawIOBase):
    """An iterable of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)
