"""An answer whose bytes are at hand: what goes to the client without a response object in between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Response
from werkzeug.http import HTTP_STATUS_CODES

Headers = list[tuple[str, str]]

NO_BODY = frozenset((204, 304))
"""Statuses whose answers have no body, nor headers that tell of one (RFC 9110 6.4.1)."""

_URI = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]*", re.ASCII)  # what RFC 3986 lets stand as it is
_ADDRESSES = ("Location", "Content-Location")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # what no header may hold (RFC 9110 5.5)


def is_uri(text: str) -> bool:
    """Whether an address can be sent as it is."""
    return _URI.fullmatch(text) is not None


@cache
def _line(status: int) -> str:
    return f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown').upper()}"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of an answer; a WSGI application of its own."""

    status: int
    headers: Headers
    body: bytes = b""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_plain(environ["REQUEST_METHOD"]):
            return self.response()(environ, start_response)
        start_response(_line(self.status), [*self.headers, ("Content-Length", str(len(self.body)))])
        return (self.body,)

    def _is_plain(self, method: str) -> bool:
        addresses = [value for name, value in self.headers if name in _ADDRESSES]
        return method != "HEAD" and self.status >= 200 and self.status not in NO_BODY and all(map(is_uri, addresses))

    def response(self) -> Response:
        """The same as Flask's kind of answer."""
        headers = [(name, _CONTROL.sub(lambda found: f"%{ord(found[0]):02X}", value)) for name, value in self.headers]
        made = Response(self.body, status=self.status, headers=headers)
        if all(name != "Content-Type" for name, _ in self.headers):
            del made.headers["Content-Type"]
        return made
