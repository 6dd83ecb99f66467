"""The FHIR room's front: Flask requests to exchanges, and answers to responses."""

from __future__ import annotations

import json
from functools import partial
from typing import cast
from wsgiref.types import WSGIEnvironment

import flask
from flask.blueprints import BlueprintSetupState
from werkzeug.wsgi import get_input_stream

from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json
from fhantom.errors import FhantomError
from fhantom.fhir import bodies, outcomes, parameters, quirks, respond
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.interactions import dispatch
from fhantom.site import Site
from fhantom.wire.context import ASKED_PATH, origin_of, world_of
from fhantom.wire.lean import LeanFlask
from fhantom.wire.notes import notes_of
from fhantom.wire.portability import warn, warnings_in
from fhantom.wire.remembering import LASTS
from fhantom.wire.reply import Reply

ROOTS: dict[str, Version] = {"/fhir": "R5", "/fhir-r4": "R4"}
"""The two servers by the first segment of the path."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ALLOWED_BY_CONTAINER = "HEAD, DELETE, POST, GET, OPTIONS, PUT"
_FORM = "application/x-www-form-urlencoded"
_HEADERS = {
    name: f"HTTP_{name.upper().replace('-', '_')}"
    for name in (
        "accept",
        "if-match",
        "if-modified-since",
        "if-none-exist",
        "if-none-match",
        "prefer",
        "x-cascade",
    )
}


def blueprint(site: Site) -> flask.Blueprint:
    """Both FHIR servers, at `/fhir` and `/fhir-r4`."""
    room = flask.Blueprint("fhir", __name__)
    for root in ROOTS:
        name = root.strip("/").replace("-", "_")
        for rule, suffix in ((root, ""), (f"{root}/<path:path>", "_below")):
            room.add_url_rule(rule, name + suffix, answer, methods=_METHODS, provide_automatic_options=False)
    room.after_request(warn)
    if site.settings.subscriptions:
        _tell_subscribers(room, site)
    else:
        room.record_once(_answer_directly)
    return room


def _answer_directly(state: BlueprintSetupState) -> None:
    application = cast(LeanFlask, state.app)
    application.answering.update((root.strip("/"), answering) for root in ROOTS)


def _tell_subscribers(room: flask.Blueprint, site: Site) -> None:
    """Have somebody look at what was written, after each answer and outside of any request."""
    from fhantom.fhir.subscriptions.deliverer import Deliverer
    from fhantom.fhir.subscriptions.watching import begin
    from fhantom.fhir.subscriptions.websocket import Sockets

    deliverer, sockets = Deliverer(site.worlds), Sockets(site.worlds)
    site.beginnings.append(deliverer.start)
    site.endings.extend((deliverer.close, sockets.close))
    for root, version in ROOTS.items():
        name = f"websocket_{version}"
        room.add_url_rule(f"{root}/websocket", name, partial(sockets.answer, version), websocket=True)

    @room.before_request
    def watch() -> None:
        if flask.request.method not in ("GET", "HEAD", "OPTIONS"):
            environ = flask.request.environ
            begin(world_of(environ), origin_of(environ))

    @room.after_request
    def nudge(response: flask.Response) -> flask.Response:
        deliverer.nudge(world_of(flask.request.environ).key)
        return response


def answer(path: str = "") -> flask.Response:
    """Answer Flask's present request."""
    return reply(flask.request.environ).response()


def answering(environ: WSGIEnvironment) -> Reply | None:
    """The answer to a request that needs nothing of Flask, with its warnings; None for one that does."""
    if "HTTP_UPGRADE" in environ:
        return None
    if environ["REQUEST_METHOD"] not in _METHODS:
        return _not_served(environ)
    made = reply(environ)
    made.headers.extend(warnings_in(environ))
    return made


def _not_served(environ: WSGIEnvironment) -> Reply:
    """What HAPI's servlet container answers in its place to methods that are none of REST's (HAPI 8.8.0, asked)."""
    if environ["REQUEST_METHOD"] == "TRACE":
        return Reply(405, [("Allow", _ALLOWED_BY_CONTAINER)])
    told = {
        "timestamp": world_of(environ).clock.now_ms(),
        "status": 501,
        "error": "Not Implemented",
        "path": environ.get(ASKED_PATH, environ["PATH_INFO"]),
    }
    return Reply(501, [("Content-Type", "application/json")], json.dumps(told, separators=(",", ":")).encode())


def reply(environ: WSGIEnvironment) -> Reply:
    """The answer to a request."""
    exchange = exchange_of(environ)
    form = respond.form_of(environ, exchange.pairs)
    refusal: outcomes.Refusal | None = None
    try:
        content = dispatch(exchange)
    except FhantomError as error:
        content = refused(error)
        refusal = error if isinstance(error, outcomes.Refusal) else None
    if refusal or exchange.pairs or exchange.headers:
        quirks.note(exchange, refusal)
    if content.lasts:
        environ[LASTS] = True
    return respond.reply(exchange.version, content, form, environ)


def refused(error: FhantomError) -> Answer:
    """The answer that tells an error."""
    headers = error.headers if isinstance(error, outcomes.Refusal) else ()
    return Answer(outcomes.status_of(error), headers, dump_json(outcomes.told(error)))


def root_of(path: str) -> str:
    """The root that a path lies under."""
    return "/" + path.split("/", 2)[1]


def exchange_of(environ: WSGIEnvironment) -> Exchange:
    """A request as the interactions see it."""
    path = environ["PATH_INFO"]
    if not path.isascii():
        path = path.encode("latin-1").decode("utf-8", "replace")  # PEP 3333
    if "%2f" in environ.get("RAW_URI", "").partition("?")[0].lower():
        raise outcomes.Refusal("encoded slash")  # the real server's Tomcat lets none in, as it would name another path
    root = root_of(path)
    query = environ.get("QUERY_STRING", "")
    method = environ["REQUEST_METHOD"]
    body = get_input_stream(environ).read() if method in ("POST", "PUT", "PATCH") else b""
    body = bodies.unpacked(environ.get("HTTP_CONTENT_ENCODING", ""), body)
    pairs = parameters.parse(query)
    notes = notes_of(environ)
    content_type = environ.get("CONTENT_TYPE", "")
    if method == "POST" and content_type.startswith(_FORM):
        notes.form = body.decode("utf-8", "replace")
        pairs += parameters.parse(notes.form)
    headers = {name: environ[key] for name, key in _HEADERS.items() if key in environ}
    headers["content-type"] = content_type
    return Exchange(
        version=ROOTS[root],
        method=method,
        path=path[len(root) :].strip("/"),
        world=world_of(environ),
        base=origin_of(environ) + root,
        query=query,
        pairs=pairs,
        headers=headers,
        body=body,
        slash=str(environ.get(ASKED_PATH, "")).endswith("/"),
        notes=notes,
    )


def render_error(error: FhantomError, environ: dict[str, object]) -> flask.Response:
    """The OperationOutcome of an error that was raised outside of the interactions."""
    version = ROOTS.get(root_of(str(environ["PATH_INFO"])), "R5")
    pairs = parameters.parse(str(environ.get("QUERY_STRING", "")))
    form = respond.form_of(environ, pairs)
    return respond.reply(version, refused(error), form, environ).response()
