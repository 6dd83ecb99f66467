"""Refusals in the form of Orthanc's REST API."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom import errors
from fhantom.wire.orthanc import OrthancCode, error_response


class UnknownItem(errors.NotFound):
    """No resource has that identifier; Orthanc then answers without a body."""


class UnknownResource(errors.NotFound):
    """No route leads there."""


class NoPicture(errors.UnsupportedMediaType):
    """The object cannot be shown in that form; Orthanc then answers without a body."""


class MissingItem(errors.NotFound):
    """A resource is there, but has no attachment or metadata of that name."""


class UnknownTag(errors.BadRequest):
    """A name is none of DICOM's."""


class BadFileFormat(errors.BadRequest):
    """What was sent is no DICOM file."""


class BadParameterType(errors.BadRequest):
    """A parameter is not of the form that it must have."""


class ParameterOutOfRange(errors.BadRequest):
    """A parameter is of the right form but not among the values allowed."""


# The first row that fits counts: subclasses stand before their base.
_CODES: tuple[tuple[type[errors.FhantomError], OrthancCode], ...] = (
    (BadFileFormat, OrthancCode(15, "Bad file format")),
    (BadParameterType, OrthancCode(5, "Bad type for a parameter")),
    (ParameterOutOfRange, OrthancCode(3, "Parameter out of range")),
    (MissingItem, OrthancCode(7, "Accessing an inexistent item")),
    (UnknownTag, OrthancCode(27, "Unknown DICOM tag")),
    (errors.NotFound, OrthancCode(17, "Unknown resource")),
    (errors.StorageFull, OrthancCode(19, "The file storage is full")),
    (errors.BadRequest, OrthancCode(8, "Bad request")),
    (errors.NotBuilt, OrthancCode(2, "Not implemented yet")),
)
_INTERNAL = OrthancCode(-1, "Internal error")


def render_error(error: errors.FhantomError, environ: WSGIEnvironment) -> Response:
    """The error object; nothing but the status for an unknown identifier, for no picture and a wrong method."""
    if isinstance(error, UnknownItem | NoPicture):
        return Response(b"", status=error.status)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), _INTERNAL)
    return error_response(error, code, environ)
