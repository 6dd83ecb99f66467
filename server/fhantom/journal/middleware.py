"""WSGI middleware that writes every request to data routes into the ring."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.clock import Clock
from fhantom.journal import entry
from fhantom.journal.bodies import BODY, KeptBody
from fhantom.journal.entry import Exchange
from fhantom.journal.ring import Ring
from fhantom.wire.context import ASKED_PATH, FAULT, TAKES_VIEWS, WORLD_NAME

_OWN = ("/_fhantom", "/assets/", "/vna/assets/", "/favicon.ico")  # nothing that a client of the real server sends
_LONGEST_BODY = 1 << 20  # an entry is to fit into the ring


class Journaling:
    """Passes everything on to `app` unchanged and keeps what it saw.

    Args:
        per_key: each key has its own world.
        bodies: bytes of each request's body that are kept.
    """

    def __init__(
        self, app: WSGIApplication, ring: Ring, clock: Clock, *, per_key: bool = False, bodies: int = 0
    ) -> None:
        self._app = app
        self._ring = ring
        self._clock = clock
        self._per_key = per_key
        self._bodies = min(bodies, _LONGEST_BODY)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(_OWN):
            return self._app(environ, start_response)
        environ[ASKED_PATH] = environ["PATH_INFO"]
        if self._per_key:  # told here, since a fault may keep the request from the gateway
            environ[WORLD_NAME] = entry.masked(environ.get("HTTP_APIKEY", ""))
        if self._bodies:
            environ["wsgi.input"] = environ[BODY] = KeptBody(environ["wsgi.input"], self._bodies)
        watched = _Watched(self, environ, start_response)
        try:
            body = self._app(environ, watched.start)
        except BaseException:
            watched.close()  # a fault that breaks the connection is an exchange too
            raise
        if isinstance(body, environ.get("wsgi.file_wrapper", ())):
            # The server copies the file by itself, but only if nothing is wrapped around it.
            watched.sent = watched.length() or 0
            watched.close()
            return cast("Iterable[bytes]", body)
        watched.body = body
        return watched

    def keep(self, exchange: Exchange) -> None:
        """Write one exchange into the ring."""
        moment = time.time_ns()  # entries keep their order whatever the clock shows
        self._ring.append(moment, entry.pack(self._clock.now_ms(), exchange))


class _Watched:
    """An answer on its way out; it is journaled before it is complete, or when it is given up."""

    def __init__(self, journal: Journaling, environ: WSGIEnvironment, start: StartResponse) -> None:
        self._journal = journal
        self._environ = environ
        self._start = start
        self._began = time.perf_counter()
        self._status = "000 no answer"
        self._headers: list[tuple[str, str]] = []
        self.sent = 0
        self._kept = False
        self.body: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
        self._status, self._headers = status, headers
        return self._start(status, headers, exc_info) if exc_info else self._start(status, headers)

    def __iter__(self) -> Iterator[bytes]:
        # The entry is written before the client can have the whole answer: whoever has it finds the entry.
        length = self.length()
        takes_views = TAKES_VIEWS in self._environ
        for piece in self.body:
            self.sent += len(piece)
            if length is not None and self.sent >= length:
                self.keep()
            yield piece if takes_views else bytes(piece)
        self.keep()

    def length(self) -> int | None:
        """The answer's Content-Length, if it has one."""
        found = [value for name, value in self._headers if name.lower() == "content-length"]
        return int(found[0]) if found else None

    def close(self) -> None:
        close = getattr(self.body, "close", None)
        if close is not None:
            close()
        self.keep()

    def keep(self) -> None:
        """Write the entry, once."""
        if self._kept:
            return
        self._kept = True
        length = self._environ.get("CONTENT_LENGTH") or "0"
        self._journal.keep(
            Exchange(
                environ=self._environ,
                status=self._status,
                headers=self._headers,
                received=int(length) if length.isdigit() else 0,
                sent=self.sent,
                milliseconds=(time.perf_counter() - self._began) * 1000,
                fault=self._environ.get(FAULT),
            )
        )
