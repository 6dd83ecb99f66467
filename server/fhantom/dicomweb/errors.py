"""Refusals in the form of Orthanc's REST API: one JSON object with sorted keys, or nothing at all for 405."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response, request

from fhantom import errors
from fhantom.dicomweb.portability import DEPARTURES
from fhantom.dicomweb.wado_told import EMPTY_WINDOW, REFUSALS
from fhantom.wire.context import world_of
from fhantom.wire.orthanc import (
    INTERNAL,
    KNOWN_METHODS,
    NOT_IMPLEMENTED,
    WEBDAV_METHODS,
    OrthancCode,
    error_response,
)
from fhantom.wire.portability import Departure, depart, warn


class BadFileFormat(errors.BadRequest):
    """A parameter is not of the form that it must have."""


class ParameterOutOfRange(errors.BadRequest):
    """A parameter is of the right form but not among the values allowed."""


class NegativeNumber(BadFileFormat):
    """A number is below 0 that cannot be."""


class EmptyWindow(errors.BadRequest):
    """A window has no width, or less than none."""


class UnknownResource(errors.NotFound):
    """No route leads there."""


# The first row that fits counts: subclasses stand before their base.
_CODES: tuple[tuple[type[errors.FhantomError], OrthancCode], ...] = (
    (BadFileFormat, OrthancCode(15, "Bad file format")),
    (ParameterOutOfRange, OrthancCode(3, "Parameter out of range")),
    (UnknownResource, OrthancCode(17, "Unknown resource")),
    (errors.NotFound, OrthancCode(7, "Inexistent item")),
    (errors.UnsupportedMediaType, OrthancCode(3000, "Unsupported media type")),
    (errors.NotAcceptable, OrthancCode(3001, "Not acceptable")),
    (errors.StorageFull, OrthancCode(19, "The file storage is full")),
    (errors.RangeNotSatisfiable, OrthancCode(3, "Parameter out of range")),
    (errors.BadRequest, OrthancCode(8, "Bad request")),
    (errors.NotBuilt, NOT_IMPLEMENTED),
)

# Refusals that the real server words otherwise, or makes a failure of.
_TOLD: tuple[tuple[type[errors.FhantomError], Departure], ...] = (
    *REFUSALS,
    (NegativeNumber, DEPARTURES["qido-negative"]),
    (EmptyWindow, EMPTY_WINDOW),
)


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; 405 has an empty body and `Allow`."""
    if isinstance(error, errors.MethodNotAllowed) and environ["REQUEST_METHOD"] not in KNOWN_METHODS:
        return _unknown_method(error, environ)
    for kind, departure in _TOLD:
        if isinstance(error, kind):
            if world_of(environ).settings.strict:
                return render_error(departure.refusal, environ)
            depart(environ, departure)
    return error_response(error, _code_of(error), environ)


def _unknown_method(error: errors.MethodNotAllowed, environ: WSGIEnvironment) -> Response:
    """No route is met by it, and so no hook of the room."""
    if world_of(environ).settings.strict:
        return Response(b"", status=404 if environ["REQUEST_METHOD"] in WEBDAV_METHODS else 400)
    depart(environ, DEPARTURES["patch"])
    return warn(error_response(error, INTERNAL, environ))


def _code_of(error: errors.FhantomError) -> OrthancCode:
    if isinstance(error, errors.NotFound) and request.blueprint != "dicomweb":
        return OrthancCode(17, "Unknown resource")  # none of this room's routes was meant
    return next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)
