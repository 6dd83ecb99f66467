"""WSGI middleware that lets faults strike, outside Flask so that every server shows the same effect."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from fhantom.clock import Clock
from fhantom.faults import connection
from fhantom.faults.answers import DELIVERIES, Answer, Headers
from fhantom.faults.header import parse_header
from fhantom.faults.rules import BadFault, Fault
from fhantom.faults.store import FaultStore
from fhantom.wire.context import EXPIRED_KEY, FAULT, PARTIAL_STOW

_OWN = "/_fhantom"
_HEADER = "HTTP_X_FHANTOM_FAULT"


class Faulting:
    """Passes requests on to `app` unless a fault strikes them.

    Args:
        words: media type and body of an answer with a status, as the gateway writes them.
    """

    def __init__(
        self, app: WSGIApplication, store: FaultStore, clock: Clock, words: Callable[[int], tuple[str, bytes]]
    ) -> None:
        self._words = words
        self._app = app
        self._store = store
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(_OWN):
            return self._app(environ, start_response)
        try:
            fault = self._fault(environ, path)
        except BadFault as error:
            return _plain(start_response, 400, error.message)
        if fault is None:
            return self._app(environ, start_response)
        environ[FAULT] = fault.action["kind"]
        return self._strike(fault, environ, start_response)

    def _fault(self, environ: WSGIEnvironment, path: str) -> Fault | None:
        told = environ.get(_HEADER)
        if told is not None:
            return parse_header(told)
        return self._store.striking(environ["REQUEST_METHOD"], path, environ.get("HTTP_APIKEY"), environ)

    def _strike(self, fault: Fault, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        action = fault.action
        match action["kind"]:
            case "reset":
                connection.reset(environ)
            case "refuse":
                connection.reset(environ, "refuse")
            case "empty":
                connection.end(environ, "empty")
            case "status":
                return self._status(start, action)
            case "rate_limit":
                wait = self._store.wait(fault.id, action["per_minute"], self._clock.now().timestamp())
                if wait is not None:
                    headers = {"Retry-After": str(wait)}
                    return self._status(start, {"status": 429, "headers": headers, "body": None})
            case "delay":
                jitter = random.Random(fault.hits).uniform(0, action["jitter_ms"])
                time.sleep((action["ms"] + jitter) / 1000)
            case "expired_key":
                environ[EXPIRED_KEY] = True  # the gateway refuses it as it would any expired key
            case "partial_stow":
                environ[PARTIAL_STOW] = (action["instance"], action["reason"])
            case kind:
                return self._deliver(kind, action, environ, start)
        return self._app(environ, start)

    def _status(self, start: StartResponse, action: Any) -> Iterable[bytes]:
        status, content = action["status"], action["body"]
        media_type, body = self._words(status) if content is None else ("text/plain; charset=utf-8", content.encode())
        headers = {"Content-Type": media_type, **action["headers"], "Content-Length": str(len(body))}
        start(f"{status} {_phrase(status)}", list(headers.items()))
        return (body,)

    def _deliver(self, kind: str, action: Any, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        caught: list[Any] = []

        def catch(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
            caught[:] = status, headers
            return lambda data: None

        body = self._app(environ, catch)
        return DELIVERIES[kind](Answer(environ, caught[0], caught[1], body), action, start)


def _plain(start: StartResponse, status: int, message: str) -> Iterable[bytes]:
    content = json.dumps({"message": message}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    start(f"{status} {_phrase(status)}", headers)
    return (content,)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Fault"
