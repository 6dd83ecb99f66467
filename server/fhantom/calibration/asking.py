"""Asking a server one question after another, politely."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol

from fhantom.calibration.questions import PATHS, Question, Service
from fhantom.clock import Clock

_WRONG_KEY = "fhantom-compare-no-such-key"
_MOST = 16 << 20  # bytes of an answer that are looked at
_PATIENCE = 60.0  # seconds for one answer
_LONGEST_WAIT = 900  # seconds of Retry-After that are waited for
_AGAIN = 3  # times that a refused question is asked again
_WAIT = 60  # seconds, where a refusal does not say how long
_ASK_LATER = {429, 503}  # RFC 9110 10.2.3, RFC 6585 4

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 with the reason where nothing did."""

    url: str
    status: int
    reason: str = ""
    headers: Pairs = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Sender(Protocol):
    """Sends one request to a server."""

    def __call__(self, method: str, url: str, headers: Pairs, body: bytes) -> Reply: ...


class Pace:
    """Lets at least so many seconds pass between two turns."""

    def __init__(
        self,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._now = now
        self._last: float | None = None
        self.sleep = sleep

    def take_turn(self) -> None:
        """Return when it is time."""
        if self._last is not None:
            left = self._last + self._seconds - self._now()
            if left > 0:
                self.sleep(left)
        self._last = self._now()


@dataclass(slots=True)
class Asked:
    """One server, and what it says.

    Attributes:
        base: scheme and host, without a trailing slash.
        paths: where its services lie; one that is not there is not asked.
        refusals: each "come back later" that it gave, as it was told.
    """

    base: str
    key: str
    send: Sender
    pace: Pace
    paths: Mapping[Service, str] = field(default_factory=lambda: PATHS)
    refusals: list[str] = field(default_factory=list)
    _count: int = 0

    def ask(self, question: Question, known: Mapping[str, str]) -> Reply | None:
        """The reply; None if the server lacks the service, or what the question is about."""
        if question.service not in self.paths:
            return None
        path = filled(question.path, known)
        body = filled(question.body, known)
        if path is None or body is None:
            return None
        base = _plain(self.base) if question.plain else self.base
        url = f"{base}{self.paths[question.service]}{path}"
        return self.request(question.method, url, list(self._headers(question)), body.encode())

    def request(self, method: str, url: str, headers: Pairs, body: bytes = b"") -> Reply:
        """Send a request, again if the server says to come back later."""
        for _ in range(_AGAIN):
            self.pace.take_turn()
            self._count += 1
            reply = self.send(method, url, headers, body)
            wait = _wait(reply)
            if wait is None or wait > _LONGEST_WAIT:
                return reply
            told = reply.header("Retry-After")
            self.refusals.append(
                f"request {self._count} was answered with {reply.status}, Retry-After {told or 'not given'}"
            )
            self.pace.sleep(wait)
        return reply

    def _headers(self, question: Question) -> Iterator[tuple[str, str]]:
        if question.key != "none":
            yield "apikey", self.key if question.key == "good" else _WRONG_KEY
        if question.accept:
            yield "Accept", question.accept
        yield from question.headers.items()


def _plain(base: str) -> str:
    parts = urllib.parse.urlsplit(base)
    return f"http://{parts.hostname}" if parts.scheme == "https" else base


def filled(text: str, known: Mapping[str, str]) -> str | None:
    """The text with its words in braces replaced; None if one is not known."""
    for word in ("study", "series", "instance", "id"):
        if "{" + word + "}" in text:
            if word not in known:
                return None
            text = text.replace("{" + word + "}", known[word])
    return text


def over_network(method: str, url: str, headers: Pairs, body: bytes) -> Reply:
    """Send a request over a connection of its own; a redirect is an answer like any other."""
    parts = urllib.parse.urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_PATIENCE, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, target, body or None, dict(headers))
        response = connection.getresponse()
        return Reply(url, response.status, response.reason, response.getheaders(), response.read(_MOST))
    except (OSError, http.client.HTTPException) as error:
        return Reply(url, 0, type(error).__name__)
    finally:
        connection.close()


def _wait(reply: Reply) -> float | None:
    """Seconds after which the server wants to be asked again; None if this is its answer."""
    told = reply.header("Retry-After")
    if reply.status not in _ASK_LATER or (told is None and reply.status != 429):
        return None
    if told is None:
        return _WAIT
    if told.strip().isdecimal():
        return int(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - Clock().now()).total_seconds())
    except (ValueError, TypeError):
        return _WAIT
