"""The blueprint of `/dicomweb`: searches, storage and retrieval each add their own routes."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, jsonify, request

from fhantom.dicomweb import routes_qido, routes_stow, routes_wado
from fhantom.site import Site

# What Orthanc's plugin says of itself: its own root, which is an alias of ours, and where Orthanc's REST API lies.
_INFO = {"DicomWebRoot": "/dicom-web/", "OrthancApiRoot": "./../"}

_COMPRESSED = frozenset(("application/dicom+json", "application/json", "text/csv"))
_SMALLEST = 1400  # bytes: what fits into one packet gains nothing


def blueprint(site: Site) -> Blueprint:
    """Everything below `/dicomweb`."""
    dicomweb = Blueprint("dicomweb", __name__, url_prefix="/dicomweb")
    for service in (routes_qido, routes_stow, routes_wado):
        service.register(dicomweb, site)
    dicomweb.after_request(_compress)

    @dicomweb.get("/info")
    def info() -> Response:
        return jsonify(_INFO)

    @dicomweb.get("/servers")
    def servers() -> Response:
        """Other DICOMweb servers that this one would ask for a client: none."""
        return jsonify([])

    return dicomweb


def _compress(response: Response) -> Response:
    """Text goes out compressed for a client that takes gzip, as Orthanc's does; images and DICOM never."""
    body = response.response
    if response.mimetype not in _COMPRESSED or not isinstance(body, list):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or sum(map(len, body)) < _SMALLEST:
        return response
    pieces = [piece.encode() if isinstance(piece, str) else piece for piece in body]
    response.set_data(gzip.compress(b"".join(pieces), compresslevel=1))
    response.headers["Content-Encoding"] = "gzip"
    return response
