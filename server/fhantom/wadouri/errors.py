"""Refusals of WADO-URI, in the form of Orthanc's REST API."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom import errors
from fhantom.pixels.errors import NoSuchFrame
from fhantom.wadouri.parameters import Malformed
from fhantom.wadouri.portability import MALFORMED, NO_PICTURE, UNKNOWN_METHOD
from fhantom.wire.context import world_of
from fhantom.wire.orthanc import INTERNAL, KNOWN_METHODS, WEBDAV_METHODS, OrthancCode, error_response
from fhantom.wire.portability import Departure, depart, warn


class NoPicture(errors.BadRequest):
    """The instance has no pixels to show."""


class NoPresentation(errors.NotFound):
    """The presentation state that is to arrange the picture is not stored."""


# Refusals that the real server words otherwise, or where it answers.
_TOLD: tuple[tuple[type[errors.FhantomError], Departure], ...] = (
    (NoPicture, NO_PICTURE),
    (Malformed, MALFORMED),
    (NoSuchFrame, MALFORMED),
    (NoPresentation, MALFORMED),
)

# The first row that fits counts.
_CODES: tuple[tuple[type[errors.FhantomError], OrthancCode], ...] = (
    (errors.NotFound, OrthancCode(17, "Unknown resource")),
    (errors.NotAcceptable, OrthancCode(3001, "Not acceptable")),
    (errors.RangeNotSatisfiable, OrthancCode(3, "Parameter out of range")),
    (errors.BadRequest, OrthancCode(8, "Bad request")),
)


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; 405 has an empty body and `Allow`."""
    if isinstance(error, errors.MethodNotAllowed) and environ["REQUEST_METHOD"] not in KNOWN_METHODS:
        return _unknown_method(error, environ)
    strict = world_of(environ).settings.strict
    departure = next((departure for kind, departure in _TOLD if isinstance(error, kind)), None)
    if departure is not None and strict and departure.status is not None:
        return render_error(departure.refusal, environ)
    if departure is not None and not strict:
        depart(environ, departure)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)
    return error_response(error, code, environ)


def _unknown_method(error: errors.MethodNotAllowed, environ: WSGIEnvironment) -> Response:
    """No route is met by it, and so no hook of the room."""
    if world_of(environ).settings.strict:
        return Response(b"", status=404 if environ["REQUEST_METHOD"] in WEBDAV_METHODS else 400)
    depart(environ, UNKNOWN_METHOD)
    return warn(error_response(error, INTERNAL, environ))
