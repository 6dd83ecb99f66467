"""The blueprint of `/dicomweb`: searches, storage and retrieval each add their own routes."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from fhantom.dicomweb import routes_qido, routes_stow, routes_wado
from fhantom.site import Site

# What Orthanc's plugin says of itself: its own root, which is an alias of ours, and where Orthanc's REST API lies.
_INFO = {"DicomWebRoot": "/dicom-web/", "OrthancApiRoot": "./../"}


def blueprint(site: Site) -> Blueprint:
    """Everything below `/dicomweb`."""
    dicomweb = Blueprint("dicomweb", __name__, url_prefix="/dicomweb")
    for service in (routes_qido, routes_stow, routes_wado):
        service.register(dicomweb, site)

    @dicomweb.get("/info")
    def info() -> Response:
        return jsonify(_INFO)

    @dicomweb.get("/servers")
    def servers() -> Response:
        """Other DICOMweb servers that this one would ask for a client: none."""
        return jsonify([])

    return dicomweb
