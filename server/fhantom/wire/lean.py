"""Flask without what no room uses, which was a third of the time of a small answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

import flask
from flask.sessions import NullSession, SessionInterface
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter, Rule

_NO_BODY = frozenset((204, 304))
_URI = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]*", re.ASCII)  # what RFC 3986 lets stand as it is
_NO_SESSION = NullSession()


class _Response(flask.Response):
    """A response whose headers are sent as they are, where werkzeug would have changed nothing."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers to send, with the length of a body at hand."""
        headers = self.headers
        if self.status_code < 200 or self.status_code in _NO_BODY:
            return super().get_wsgi_headers(environ)
        for name in ("Location", "Content-Location"):
            value = headers.get(name)
            if value is not None and not _URI.fullmatch(value):
                return super().get_wsgi_headers(environ)
        if self.is_sequence and "Content-Length" not in headers:
            headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return headers


class _NoSessions(SessionInterface):
    def open_session(self, app: flask.Flask, request: flask.Request) -> NullSession:
        """The session that every request has: none."""
        return _NO_SESSION


class _Rule(Rule):
    """A rule that only matches: no room asks for the address of a route, and to be able to tell takes 60 ms a start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _no_address


def _no_address(self: Rule, **values: Any) -> tuple[str, str]:
    raise LookupError("routes have no addresses to be built; write the path")


class LeanFlask(flask.Flask):
    """A Flask application without sessions, coroutines and addresses of routes."""

    url_rule_class = _Rule
    response_class = _Response
    session_interface = _NoSessions()

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """What matches a request's path; no route here depends on host, scheme or query."""
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        return MapAdapter(self.url_map, "", request.root_path, "", request.scheme, request.path, request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none here is asynchronous."""
        return func
