"""Asking a live server: one request at a time, and only when it wants to be asked."""

from __future__ import annotations

import base64
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

_ATTEMPTS = 6
_TIMEOUT = 120.0
_LONGEST_WAIT = 600.0  # seconds; a server that asks for more is left alone
_BUSY = frozenset((429, 502, 503, 504))


class Unreachable(Exception):
    """The server does not answer, or not now; what else would be asked of it would fare no better."""


class Refused(Exception):
    """The server answered this one request with something else than what was asked for."""


class Absent(Refused):
    """The server does not have it (404)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """A server at a base URL.

    Args:
        base: `https://host/prefix`; a user and a password in it are sent as HTTP Basic authentication.
        key: sent as the header `apikey`; empty for none.
        pause: seconds between the end of a request and the next.
        wait: waits so many seconds.
    """

    def __init__(
        self, base: str, key: str = "", *, pause: float = 0.0, wait: Callable[[float], None] = time.sleep
    ) -> None:
        split = urllib.parse.urlsplit(base)
        if split.scheme not in ("http", "https") or not split.hostname:
            raise ValueError(f"{base!r} is no http or https URL")
        host = split.netloc.rpartition("@")[2]
        self.base = f"{split.scheme}://{host}{split.path.rstrip('/')}"
        self._headers = {"User-Agent": "fhantom"}
        if key:
            self._headers["apikey"] = key
        if split.username is not None:
            told = f"{urllib.parse.unquote(split.username)}:{urllib.parse.unquote(split.password or '')}"
            self._headers["Authorization"] = "Basic " + base64.b64encode(told.encode()).decode()
        self._pause = pause
        self._wait = wait
        self._has_asked = False

    def get(self, path: str, accept: str) -> Answer:
        """The answer to a GET below the base, asked again while the server is busy or cuts the connection.

        Raises:
            Unreachable: it stayed so, or wants no more requests for longer than anybody waits.
        """
        said = ""
        for attempt in range(_ATTEMPTS):
            if self._has_asked and self._pause:
                self._wait(self._pause)
            self._has_asked = True
            try:
                answer = self._ask(path, accept)
            except (OSError, http.client.HTTPException) as error:
                said = f"{type(error).__name__}: {error}"
                self._wait(2.0**attempt)
                continue
            if answer.status not in _BUSY:
                return answer
            said = f"status {answer.status}"
            pause = retry_after(answer.headers.get("retry-after", ""))
            if pause is not None and pause > _LONGEST_WAIT:
                raise Unreachable(f"{self.base}{path}: it wants no request for {pause:.0f} seconds")
            self._wait(2.0**attempt if pause is None else pause)
        raise Unreachable(f"{self.base}{path}: {said}, {_ATTEMPTS} times")

    def _ask(self, path: str, accept: str) -> Answer:
        request = urllib.request.Request(self.base + path, headers={**self._headers, "Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                return _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return _answer(refused.code, refused.headers, refused.read())


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status, body, {name.lower(): value for name, value in headers.items()})


def retry_after(value: str) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110 10.2.3), None where it asks for nothing that is understood."""
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
