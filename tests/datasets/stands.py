"""A server of this machine that files are fetched from, and that breaks in every way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar


@dataclass(frozen=True)
class Told:
    """What is answered.

    Attributes:
        cut: bytes after which the connection ends, None to send all.
    """

    body: bytes
    etag: str = ""
    tells_length: bool = True
    cut: int | None = None


class Stand:
    """What the server does next, and what it was asked; a test says by `answer` what it has."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.knows_ranges = True
        self.asked: list[str] = []
        self.ranges: list[str] = []

    def answer(self, path: str) -> Told | None:
        """What is there, None for nothing."""
        raise LookupError(path)


AnyStand = TypeVar("AnyStand", bound=Stand)


@contextmanager
def standing(stand: AnyStand) -> Iterator[AnyStand]:
    """The stand while its server runs."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            stand.asked.append(self.path)
            stand.ranges.append(asked)
            if stand.statuses:
                self.send_error(stand.statuses.pop(0))
                return
            told = stand.answer(self.path)
            if told is None:
                self.send_error(404)
                return
            current = self.headers.get("If-Range") in (None, told.etag)
            begin = int(asked[6:-1]) if asked and stand.knows_ranges and current else 0
            if begin and begin >= len(told.body):
                self.send_error(416)
                return
            rest = told.body[begin:]
            self.send_response(206 if begin else 200)
            if begin:
                self.send_header("Content-Range", f"bytes {begin}-{len(told.body) - 1}/{len(told.body)}")
            if told.tells_length:
                self.send_header("Content-Length", str(len(rest)))
            if told.etag:
                self.send_header("ETag", told.etag)
            self.end_headers()
            self.wfile.write(rest[: told.cut])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    stand.url = f"http://127.0.0.1:{server.server_port}"
    yield stand
    server.shutdown()
    thread.join()
    server.server_close()
