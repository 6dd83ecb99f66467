"""Refusals of WADO-URI, in the form of Orthanc's REST API."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom import errors
from fhantom.wire.orthanc import OrthancCode, error_response

# The first row that fits counts.
_CODES: tuple[tuple[type[errors.FhantomError], OrthancCode], ...] = (
    (errors.NotFound, OrthancCode(17, "Unknown resource")),
    (errors.NotAcceptable, OrthancCode(3001, "Not acceptable")),
    (errors.RangeNotSatisfiable, OrthancCode(3, "Parameter out of range")),
    (errors.BadRequest, OrthancCode(8, "Bad request")),
)
_INTERNAL = OrthancCode(-1, "Internal error")


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; 405 has an empty body and `Allow`."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), _INTERNAL)
    return error_response(error, code, environ)
