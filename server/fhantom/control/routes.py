"""The routes below `/_fhantom`."""

from __future__ import annotations

from flask import Blueprint, Response

from fhantom.control import clock, faults, journal, openapi, pages, service, skill, states
from fhantom.control.asking import Asking
from fhantom.control.table import Routes
from fhantom.errors import NotFound
from fhantom.site import Site

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def blueprint(site: Site) -> Blueprint:
    """Everything that the real server does not have."""
    control = Blueprint("control", __name__, url_prefix="/_fhantom", template_folder="templates")
    asking = Asking(site)
    routes = Routes(control, asking)
    service.register(routes, site, asking)
    states.register(routes, site, asking)
    reader = journal.Reader(site, asking)
    journal.register(routes, site, reader)
    pages.register(routes, reader)
    faults.register(routes, site)
    clock.register(routes, site)
    skill.register(routes, site, asking)
    openapi.register(routes)

    @control.route("", defaults={"path": ""}, methods=_METHODS)
    @control.route("/<path:path>", methods=_METHODS)
    def missing(path: str) -> Response:
        raise NotFound(f"there is no route /_fhantom/{path}")

    return control
