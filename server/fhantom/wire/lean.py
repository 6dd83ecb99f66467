"""Flask without what no room uses, which was a third of the time of a small answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import flask
from flask.sessions import NullSession, SessionInterface
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter, Rule

from fhantom.wire.reply import NO_BODY, Reply, is_uri

Answering = Callable[[WSGIEnvironment], Reply | None]

_NO_SESSION = NullSession()


class _Response(flask.Response):
    """A response whose headers are sent as they are, where werkzeug would have changed nothing."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers to send, with the length of a body at hand."""
        headers = self.headers
        if self.status_code < 200 or self.status_code in NO_BODY:
            return super().get_wsgi_headers(environ)
        for name in ("Location", "Content-Location"):
            value = headers.get(name)
            if value is not None and not is_uri(value):
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

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self.answering: dict[str, Answering] = {}
        """Rooms whose answers need nothing of Flask, by the first segment of their paths; None leaves it to Flask."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: contexts, routing and response objects are a sixth of the time of a FHIR search."""
        answering = self.answering.get(environ["PATH_INFO"].split("/", 2)[1])
        if answering is None or self.before_request_funcs.get(None):
            return super().wsgi_app(environ, start_response)
        try:
            reply = answering(environ)
        except Exception as error:
            with self.request_context(environ):
                told = self.finalize_request(self.handle_user_exception(error))
                return told(environ, start_response)
        return super().wsgi_app(environ, start_response) if reply is None else reply(environ, start_response)

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """What matches a request's path; no route here depends on host, scheme or query."""
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        return MapAdapter(self.url_map, "", request.root_path, "", request.scheme, request.path, request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none here is asynchronous."""
        return func
