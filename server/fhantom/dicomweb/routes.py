"""The blueprint of `/dicomweb`: searches, storage and retrieval each add their own routes."""

from __future__ import annotations

from flask import Blueprint

from fhantom.dicomweb import routes_qido, routes_stow, routes_wado
from fhantom.site import Site


def blueprint(site: Site) -> Blueprint:
    """Everything below `/dicomweb`."""
    dicomweb = Blueprint("dicomweb", __name__, url_prefix="/dicomweb")
    for service in (routes_qido, routes_stow, routes_wado):
        service.register(dicomweb, site)
    return dicomweb
