"""The routes of the pages."""

from __future__ import annotations

from flask import Blueprint, Response

from fhantom.errors import NotFound
from fhantom.site import Site


def blueprint(site: Site) -> Blueprint:
    """The overview and the viewer, as far as they exist."""
    pages = Blueprint("pages", __name__)

    @pages.route("/", defaults={"path": ""})
    @pages.route("/<path:path>")
    def missing(path: str) -> Response:
        raise NotFound(f"there is no page at /{path}")

    return pages
