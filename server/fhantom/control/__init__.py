"""fhantom's own routes below `/_fhantom/`, which the real server does not have.

Health and readiness exist; every other path of this room is answered with 404 and a small JSON object.
"""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom.errors import FhantomError
from fhantom.wire import plain


def render_error(error: FhantomError, environ: WSGIEnvironment) -> Response:
    """The error as `{"message": "..."}`."""
    return plain.render_error(error)
