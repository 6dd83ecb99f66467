"""Refusals in the form of Orthanc's REST API: one JSON object with sorted keys, or nothing at all for 405."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response, request

from fhantom import errors
from fhantom.dicomweb.wado_portability import REFUSALS
from fhantom.wire.orthanc import OrthancCode, error_response
from fhantom.wire.portability import depart


class BadFileFormat(errors.BadRequest):
    """A parameter is not of the form that it must have."""


class ParameterOutOfRange(errors.BadRequest):
    """A parameter is of the right form but not among the values allowed."""


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
    (errors.NotBuilt, OrthancCode(2, "Not implemented yet")),
)
_INTERNAL = OrthancCode(-1, "Internal error")


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; 405 has an empty body and `Allow`."""
    for kind, departure in REFUSALS:
        if isinstance(error, kind):
            depart(environ, departure)
    return error_response(error, _code_of(error), environ)


def _code_of(error: errors.FhantomError) -> OrthancCode:
    if isinstance(error, errors.NotFound) and request.blueprint != "dicomweb":
        return OrthancCode(17, "Unknown resource")  # none of this room's routes was meant
    return next((code for kind, code in _CODES if isinstance(error, kind)), _INTERNAL)
