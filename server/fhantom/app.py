"""The WSGI application: the rooms behind the gateway, and the one place where errors become HTTP."""

from __future__ import annotations

import errno
import importlib
import logging
import sqlite3
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication

import flask
from werkzeug.exceptions import HTTPException

from fhantom import errors
from fhantom.site import Site
from fhantom.wire.context import world_of
from fhantom.wire.lean import LeanFlask
from fhantom.wire.near_misses import NEAR_MISSES
from fhantom.wire.notes import notes_of

log = logging.getLogger("fhantom")


@dataclass(frozen=True, slots=True)
class Room:
    """A protocol room: the paths that it answers for and the package that holds it.

    Attributes:
        searches: it has a module `near_misses`, which says of an empty search what it nearly found.
    """

    prefix: str
    package: str
    searches: bool = False


# The first prefix that fits decides in which form an error is told. A room exports `blueprint(site)` from its
# `routes` module and `render_error(error, environ)` from its package.
ROOMS = (
    Room("/dicomweb", "fhantom.dicomweb", searches=True),
    Room("/wadouri", "fhantom.wadouri"),
    Room("/fhir", "fhantom.fhir", searches=True),  # and /fhir-r4
    Room("/sole", "fhantom.sole"),
    Room("/vna", "fhantom.vna"),
    Room("/_fhantom", "fhantom.control"),
    Room("/", "fhantom.pages"),
)

# What werkzeug itself refuses, in our own terms.
_HTTP_ERRORS: dict[int, type[errors.FhantomError]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.UnsupportedMediaType,
}


def create_app(site: Site) -> WSGIApplication:
    """The whole server as one WSGI callable."""
    from fhantom.faults import Faulting
    from fhantom.gateway import Gateway, SigningIn
    from fhantom.journal import Journaling
    from fhantom.wire.remembering import Remembering
    from fhantom.wire.takeover import TakingOver

    # Faults come before the key is asked for, as on a network; the journal sees what they did.
    inner = rooms(site)
    app: WSGIApplication = inner
    writes_on_reading = bool(inner.before_request_funcs.get(None))  # what `rooms` puts before every request
    if site.settings.read_cache and not writes_on_reading:
        app = Remembering(app, site.settings.read_cache)
    gateway = Gateway(app, site)
    faulting = Faulting(gateway, site.faults, site.clock, gateway.words)
    per_key, bodies = site.settings.worlds == "per-key", site.settings.journal_bodies
    journaling = Journaling(faulting, site.ring, site.clock, per_key=per_key, bodies=bodies)
    signing_in = SigningIn(journaling)
    return TakingOver(signing_in) if site.settings.subscriptions else signing_in


def rooms(site: Site) -> flask.Flask:
    """The protocol rooms as one Flask application, without the gateway in front."""
    app = LeanFlask("fhantom")
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # the gateway has done it
    renderers = []
    for room in ROOMS:
        package = importlib.import_module(room.package)
        app.register_blueprint(importlib.import_module(f"{room.package}.routes").blueprint(site))
        renderers.append((room.prefix, package.render_error))
        if room.searches:
            teller = importlib.import_module(f"{room.package}.near_misses").near_misses
            app.extensions.setdefault(NEAR_MISSES, {})[room.prefix.strip("/")] = teller

    if site.settings.imaging_link in ("immediate", "time"):
        app.before_request(_link_imaging)
    if site.settings.mirror_versions:
        app.before_request(_mirror_versions)

    def render(error: errors.FhantomError) -> flask.Response:
        path = flask.request.path
        notes_of(flask.request.environ).refusal = error.message or None
        renderer = next(renderer for prefix, renderer in renderers if path.startswith(prefix))
        response: flask.Response = renderer(error, flask.request.environ)
        return response

    @app.errorhandler(errors.FhantomError)
    def refused(error: errors.FhantomError) -> flask.Response:
        return render(error)

    @app.errorhandler(HTTPException)
    def refused_by_werkzeug(error: HTTPException) -> flask.Response:
        return render(_translated(error))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> flask.Response:
        if _means_full(error):
            return render(errors.StorageFull("no space left to store it"))
        log.exception("%s %s failed", flask.request.method, flask.request.path)
        return render(errors.FhantomError("an internal error; the log has its trace"))

    return app


def _link_imaging() -> None:
    """Let FHIR know of DICOM that was stored since it was last asked."""
    if flask.request.path.startswith("/fhir"):
        from fhantom.bridge.linking import link_changed

        link_changed(world_of(flask.request.environ))


def _mirror_versions() -> None:
    """Let each FHIR version know what was written to the other since it was last asked."""
    if flask.request.path.startswith("/fhir"):
        from fhantom.bridge.mirroring import mirror

        world = world_of(flask.request.environ)
        while mirror(world):
            pass


def _translated(error: HTTPException) -> errors.FhantomError:
    message = error.description or ""
    if error.code == 405:
        allow: Any = getattr(error, "valid_methods", None) or ()
        return errors.MethodNotAllowed(message, allow=tuple(sorted(allow)))
    return _HTTP_ERRORS.get(error.code or 500, errors.FhantomError)(message)


def _means_full(error: Exception) -> bool:
    origin = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's exception
    if isinstance(origin, sqlite3.OperationalError):
        return "full" in str(origin)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
