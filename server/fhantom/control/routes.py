"""Is the server alive, and does it have its data yet?"""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify

from fhantom import __version__
from fhantom.errors import NotFound
from fhantom.readiness import Phase
from fhantom.site import Site


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def blueprint(site: Site) -> Blueprint:
    """The routes below `/_fhantom`."""
    control = Blueprint("control", __name__, url_prefix="/_fhantom")
    started = time.monotonic()

    @control.get("/health")
    def health() -> Response:
        uptime = round(time.monotonic() - started, 3)
        return jsonify(status="healthy", version=__version__, uptimeInSeconds=uptime)

    @control.get("/ready")
    def ready() -> tuple[Response, int]:
        phase = site.readiness.phase
        if phase is Phase.READY:
            return jsonify(ready=True), 200
        done, of = site.readiness.progress
        return jsonify(ready=False, phase=phase.name.lower(), done=done, of=of), 503

    @control.route("", defaults={"path": ""}, methods=_METHODS)
    @control.route("/<path:path>", methods=_METHODS)
    def missing(path: str) -> Response:
        raise NotFound(f"there is no route /_fhantom/{path}")

    return control
