"""Errors of routes that belong to no protocol, as a small JSON object."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response

from fhantom.errors import FhantomError, MethodNotAllowed, TooManyRequests


def render_error(error: FhantomError) -> Response:
    """`{"message": "..."}` with the error's status."""
    message = error.message or HTTPStatus(error.status).phrase
    response = Response(json.dumps({"message": message}), status=error.status, mimetype="application/json")
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.allow)
    if isinstance(error, TooManyRequests) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
