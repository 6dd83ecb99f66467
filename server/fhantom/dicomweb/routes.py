"""The blueprint of `/dicomweb`: searches, storage and retrieval each add their own routes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, jsonify, request

from fhantom.dicomweb import (
    capabilities,
    portability,
    routes_qido,
    routes_reject,
    routes_stow,
    routes_wado,
    wado_portability,
)
from fhantom.dicomweb.addresses import service_of
from fhantom.dicomweb.errors import UnknownResource, render_error
from fhantom.site import Site
from fhantom.wire.context import UNRANGED
from fhantom.wire.notes import notes_of
from fhantom.wire.portability import teller, warn

# What Orthanc's plugin says of itself: its own root, which is an alias of ours, and where Orthanc's REST API lies.
_INFO = {"DicomWebRoot": "/dicom-web/", "OrthancApiRoot": "./../"}

_PREFIX = "/dicomweb"
_COMPRESSED = frozenset(("application/dicom+json", "application/json", "text/csv"))
_SMALLEST = 1400  # bytes: what fits into one packet gains nothing

# What retrievals read of a query (PS3.18 8.3.3 to 8.3.5, 10.4.1.1.1)
_READ = frozenset(
    ("accept", "includefield", "dicomdir", "window", "viewport", "quality", "annotation", "iccprofile", "charset")
)


def blueprint(site: Site) -> Blueprint:
    """Everything below `/dicomweb`."""
    dicomweb = Blueprint("dicomweb", __name__, url_prefix=_PREFIX)
    for service in (routes_qido, routes_stow, routes_wado, routes_reject):
        service.register(dicomweb, site)
    dicomweb.after_request(_compress)
    dicomweb.after_request(_note_retrieval)
    dicomweb.after_request(warn)  # Flask calls the last one first
    dicomweb.after_request(teller(wado_portability.DEPARTURES, render_error, strict=site.settings.strict))
    dicomweb.add_url_rule("", "root", _capabilities, methods=["OPTIONS"], provide_automatic_options=False)

    @dicomweb.before_request
    def unknown_to_the_real_server() -> Response | None:
        if site.settings.strict:
            request.environ[UNRANGED] = True
        for row in _of_headers():
            portability.depart(request.environ, row)
        if request.method not in ("HEAD", "OPTIONS"):
            return None
        if site.settings.strict:
            raise UnknownResource(f"{request.method} is not answered")
        portability.depart(request.environ, request.method.lower())
        return _capabilities() if request.method == "OPTIONS" else None

    @dicomweb.get("/info")
    def info() -> Response:
        return jsonify(_INFO)

    @dicomweb.get("/servers")
    def servers() -> Response:
        """Other DICOMweb servers that this one would ask for a client: none."""
        return jsonify([])

    return dicomweb


def _of_headers() -> Iterator[str]:
    """The rows of what the real server reads of the head of any request."""
    environ = request.environ
    query = environ["QUERY_STRING"]
    override = (
        request.args.get("_method", "") if "_method=" in query else environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
    )
    if override.upper() in ("PUT", "DELETE"):
        yield "method-override"
    if '"' in environ.get("HTTP_FORWARDED", ""):
        yield "forwarded-quoted"


def _note_retrieval(response: Response) -> Response:
    """Tell the journal what was retrieved in which form; searches and uploads have told more themselves."""
    notes = notes_of(request.environ)
    if notes.understood is None and request.url_rule is not None:
        form = (response.content_type or "").partition("; boundary=")[0] if response.status_code < 400 else None
        notes.understood = {"resource": request.url_rule.rule, **(request.view_args or {}), "form": form}
        notes.ignored += [name for name in request.args if name not in _READ]
    return response


def _capabilities() -> Response:
    """OPTIONS describes the resource and those below it (PS3.18 8.9)."""
    rules = current_app.url_map.iter_rules()
    found = capabilities.resources(rules, _PREFIX, request.url_rule.rule if request.url_rule else _PREFIX)
    form = capabilities.choose(request.args.get("accept", request.headers.get("Accept", "")))
    body = capabilities.encode(form, found, service_of(request.environ))
    adapter = current_app.create_url_adapter(request)
    allowed = sorted({*(adapter.allowed_methods() if adapter else ()), "OPTIONS"})
    return Response(body, content_type=form, headers={"Allow": ", ".join(allowed)})


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
