"""Reads that are answered again as they were before, for as long as nothing was written to their world."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.bounded import BoundedCache
from fhantom.wire.context import BROWSED, ORIGIN, world_of
from fhantom.wire.notes import NOTES, Notes, notes_of

LASTS = "fhantom.lasts"
"""Set by a room whose answer rests on nothing but its world's rows and what `TOLD` names."""

# What of a request such an answer may depend on, beside its world. A room that reads more must not set LASTS.
TOLD = (
    "PATH_INFO",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_EXIST",
    "HTTP_IF_NONE_MATCH",
    "HTTP_ORIGIN",
    "HTTP_PREFER",
    "HTTP_X_CASCADE",
    "HTTP_X_REQUESTED_WITH",
    ORIGIN,
    BROWSED,
)

_OWN = 1024  # bytes that an answer takes beside its body, about

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that was given, and the state of the world that it was given in."""

    state: Hashable
    status: str
    headers: Headers
    pieces: tuple[bytes, ...]
    notes: Notes


def _size(answer: _Answer) -> int:
    return _OWN + sum(map(len, answer.pieces))


class Remembering:
    """Passes requests on to `app`, but for reads that it has an answer to; those never reach it.

    Each is checked against the world's state, so no answer is older than what was written before it was asked.

    Args:
        size: bytes of answers to keep; those that nobody asked for longest go first.
    """

    def __init__(self, app: WSGIApplication, size: int) -> None:
        self._app = app
        self._answers = BoundedCache(size, _size)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith("/fhir"):
            return self._app(environ, start_response)
        world = world_of(environ)
        state = world.stamp()  # before the rows are read: an answer may be newer than its state, never older
        asked = (world.key, *map(environ.get, TOLD))
        kept = self._answers.get(asked)
        if kept is not None and kept.state == state:
            environ[NOTES] = kept.notes
            start_response(kept.status, kept.headers.copy())
            return kept.pieces
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
            started[:] = status, headers.copy()
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        body = self._app(environ, start)
        if LASTS not in environ:
            return body
        pieces = tuple(body)
        status, headers = started
        self._answers.put(asked, _Answer(state, status, headers, pieces, notes_of(environ)))
        return pieces
