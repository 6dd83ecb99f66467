"""Refusals of WADO-URI, in the form of Orthanc's REST API."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom import errors
from fhantom.wadouri.portability import NO_PICTURE
from fhantom.wire.context import world_of
from fhantom.wire.orthanc import INTERNAL, OrthancCode, error_response
from fhantom.wire.portability import depart


class NoPicture(errors.BadRequest):
    """The instance has no pixels to show."""


# The first row that fits counts.
_CODES: tuple[tuple[type[errors.FhantomError], OrthancCode], ...] = (
    (errors.NotFound, OrthancCode(17, "Unknown resource")),
    (errors.NotAcceptable, OrthancCode(3001, "Not acceptable")),
    (errors.RangeNotSatisfiable, OrthancCode(3, "Parameter out of range")),
    (errors.BadRequest, OrthancCode(8, "Bad request")),
)


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; 405 has an empty body and `Allow`."""
    if isinstance(error, NoPicture):
        if world_of(environ).settings.strict:
            return render_error(NO_PICTURE.refusal, environ)
        depart(environ, NO_PICTURE)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)
    return error_response(error, code, environ)
