"""The error object of Orthanc's REST API, which DICOMweb and WADO-URI answer with."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom import errors


class OrthancCode(NamedTuple):
    """Number and name of an error in Orthanc's list (the enumeration ErrorCode of its REST API)."""

    number: int
    name: str


PLUGIN_FAILED = OrthancCode(1, "Error encountered within the plugin engine")
NOT_IMPLEMENTED = OrthancCode(2, "Not implemented yet")
UNKNOWN_TAG = OrthancCode(27, "Unknown DICOM tag")
INTERNAL = OrthancCode(-1, "Internal error")


KNOWN_METHODS = frozenset(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"))
"""Those that it knows; of the others it says 400, or 404 of WebDAV's."""

WEBDAV_METHODS = frozenset(("LOCK", "MKCOL", "PROPFIND", "PROPPATCH", "UNLOCK"))


class RealFailure(errors.FhantomError):
    """A failure of the real server, which a strict one answers with too; `code` is what that calls it."""

    def __init__(self, code: OrthancCode) -> None:
        super().__init__()
        self.code = code


def error_response(error: errors.FhantomError, code: OrthancCode, environ: WSGIEnvironment) -> Response:
    """One JSON object with sorted keys; 405 has an empty body and `Allow`."""
    if isinstance(error, errors.MethodNotAllowed):
        return Response(b"", status=405, headers={"Allow": ", ".join(error.allow)})
    if isinstance(error, RealFailure):
        code = error.code
    body = {
        "HttpError": HTTPStatus(error.status).phrase,
        "HttpStatus": error.status,
        "Message": code.name,
        "Method": environ["REQUEST_METHOD"],
        "OrthancError": code.name,
        "OrthancStatus": code.number,
        "Uri": environ.get("PATH_INFO", ""),
    }
    if error.message:
        body["Details"] = error.message
    text = json.dumps(body, indent="\t", sort_keys=True, ensure_ascii=False)
    response = Response(text.encode(), status=error.status, content_type="application/json")
    if isinstance(error, errors.RangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    return response
