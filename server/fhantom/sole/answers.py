"""Answers of the SOLE repository: no body, the text stands in the reason phrase."""

from __future__ import annotations

import html
import json
from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom.errors import BadRequest, FhantomError, MethodNotAllowed, NotFound

_INTERNAL = "Internal server error, check the server logs for more information"
_HTML = "text/html; charset=UTF-8"


def stored() -> Response:
    """204 without a Content-Type."""
    response = Response(status="204 No Content")
    del response.headers["Content-Type"]
    return response


def methods(allowed: str) -> Response:
    """The answer to OPTIONS."""
    return Response(f"Allowed methods: {allowed}", content_type="text/plain; charset=utf-8")


def render_error(error: FhantomError, environ: WSGIEnvironment) -> Response:
    """400 and 500 have an empty body; 404 and 405 are the framework's, JSON or HTML as the client accepts."""
    if isinstance(error, NotFound):
        return _framework(error, environ, "Not found", "Page Not Found")
    if isinstance(error, MethodNotAllowed):
        text = f"Method not allowed. Must be one of: {', '.join(error.allow)}"
        response = _framework(error, environ, text, "Method not allowed")
        response.headers["Allow"] = ", ".join(error.allow)
        return response
    reason = error.message if isinstance(error, BadRequest) else _INTERNAL
    return Response(b"", status=f"{error.status} {reason}", content_type=_HTML)


def _framework(error: FhantomError, environ: WSGIEnvironment, text: str, title: str) -> Response:
    if "application/json" in environ.get("HTTP_ACCEPT", ""):
        return Response(json.dumps({"message": text}), status=error.status, content_type="application/json")
    head = f"<!DOCTYPE html><html><head><title>{title}</title></head>"
    page = f"{head}<body><h1>{title}</h1><p>{html.escape(text)}</p></body></html>"
    return Response(page, status=error.status, content_type=_HTML)
