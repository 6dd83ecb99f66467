"""What every page has: its template's surroundings, its security headers, and the form of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from flask import Response, render_template, request

from fhantom.errors import FhantomError
from fhantom.wire import browser, plain
from fhantom.wire.context import origin_of

_NOTHING: Mapping[str, object] = MappingProxyType({})


def page(template: str, title: str, values: Mapping[str, object] = _NOTHING, status: int = 200) -> Response:
    """A page made of a template of this room."""
    text = render_template(f"pages/{template}.html", root=root_of(request.environ), title=title, **values)
    response = Response(text, status=status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def root_of(environ: WSGIEnvironment) -> str:
    """What a proxy's prefix puts in front of every path, mostly nothing."""
    return urlsplit(origin_of(environ)).path


def render_error(error: FhantomError, environ: WSGIEnvironment) -> Response:
    """A page for a browser; `{"message": "..."}` for a script."""
    if "text/html" not in environ.get("HTTP_ACCEPT", ""):
        return plain.render_error(error)
    phrase = HTTPStatus(error.status).phrase
    values = {"message": (error.message or phrase).rstrip("."), "status": error.status}
    return browser.guard(page("error", phrase.capitalize(), values, error.status))
