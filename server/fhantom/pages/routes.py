"""The routes of the pages; each reads what it shows in one snapshot of the world, the rest is its template's."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

from flask import Blueprint, Response, request

from fhantom.definitions import Version, load
from fhantom.errors import NotFound
from fhantom.pages import browsing, images, overview, people, requests, showing, signing
from fhantom.pages.chart import chart
from fhantom.pages.frame import page
from fhantom.pages.snippets import export_of, snippets
from fhantom.resources import store
from fhantom.site import Site
from fhantom.wire import browser
from fhantom.wire.context import origin_of, world_of

_ASSETS = {"pages.css": "text/css", "pages.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HISTORY = 50  # versions on one page


def blueprint(site: Site) -> Blueprint:
    """The pages, and the files that they need."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    pages.after_request(browser.guard)
    signing.register(pages, site)
    browsing.register(pages)
    views: dict[str, Callable[..., Response]] = {
        "/": first_page,
        "/studies": studies,
        "/patients/<id>": patient,
        "/search": search,
        "/licences": licences,
        "/key": key,
        "/assets/<name>": asset,
        "/<any(r5, r4):version>/<type>/<id>": resource,
        "/<any(r5, r4):version>/<type>/<id>/history": history,
        "/<any(r5, r4):version>/<type>/<id>/history/<int:number>": resource,
    }
    for path, view in views.items():
        pages.add_url_rule(path, path, view)

    @pages.context_processor
    def frame_values() -> dict[str, object]:
        frame = {"footer": browser.FOOTER, "signs_in": not site.settings.any_key}
        return {**frame, "navigation": browser.NAVIGATION, "browse": browsing.ROOT}

    @pages.get("/<path:path>")  # no other method: what is 405 in another room has to stay so
    def missing(path: str) -> Response:
        raise NotFound(f"there is no page at /{path}")

    return pages


def first_page() -> Response:
    """The server, and the first patients of a FHIR version."""
    world, number = world_of(request.environ), _page_number()
    name = request.args.get("name", "").strip()
    with world.reading() as connection:
        services = overview.services(connection)
        totals = {version: people.counted(world, connection, version, name) for version in people.VERSIONS}
        with_any: Version = next((version for version in people.VERSIONS if totals[version]), "R5")
        version = showing.VERSIONS.get(request.args.get("fhir", ""), with_any)
        found = people.people(world, connection, version, name, number)
        loaded = overview.licences(connection)
    kind = "patient" if version == "R5" else "patient-r4"
    values = {"services": services, "people": found, "name": name, "number": number, "version": version}
    asked = {"asked": requests.request_for(kind, name), "kind": kind}
    told = {"totals": totals, "origin": _origin(), "licences": loaded}
    return page("overview", "Patients", values | asked | told)


def studies() -> Response:
    """The studies of the image archive."""
    world, number = world_of(request.environ), _page_number()
    name = request.args.get("name", "").strip()
    with world.reading() as connection:
        found = images.studies(world, connection, name, number)
    return page("studies", "Images", {"name": name, "number": number, "found": found})


def patient(id: str) -> Response:
    """One patient."""
    world = world_of(request.environ)
    with world.reading() as connection:
        found = chart(world, connection, id)
    return page("patient", found.name, {"chart": found})


def resource(version: str, type: str, id: str, number: int = 0) -> Response:
    """One resource, or one of its versions."""
    world, release = world_of(request.environ), showing.VERSIONS[version]
    _known(release, type)
    with world.reading() as connection:
        shown = showing.shown(world, connection, release, type, id, number)
        others = {
            other: store.read(connection, there, type, id) is not None
            for other, there in showing.VERSIONS.items()
            if load(there).is_resource(type)
        }
    target = f"{showing.BASES[release]}/{type}/{id}" + (f"/_history/{number}" if number else "")
    code = snippets(_origin() + target, "application/fhir+json")
    values = {"shown": shown, "version": version, "others": others, "number": number}
    return page("resource", shown.stored.reference, values | {"snippets": code, "target": target})


def history(version: str, type: str, id: str) -> Response:
    """The versions of a resource."""
    world, release = world_of(request.environ), showing.VERSIONS[version]
    _known(release, type)
    offset = (_page_number() - 1) * _HISTORY
    with world.reading() as connection:
        found = store.history(connection, release, type, id, count=_HISTORY, offset=offset)
    if not found.total:
        raise NotFound(f"there is no {type}/{id} in {release}")
    rows = [(entry, showing.moment(entry.updated)) for entry in found.entries]
    values = {"rows": rows, "more": found.more, "number": _page_number(), "version": version}
    return page("history", f"History of {type}/{id}", values | {"type": type, "id": id})


def search() -> Response:
    """A request, and how to make it."""
    kind, value = request.args.get("kind", requests.KINDS[0].name), request.args.get("value", "")
    asked = requests.request_for(kind, value)
    code = snippets(_origin() + asked.target, asked.accept) if asked else ()
    own_key = _own_key() if request.args.get("key") == "show" else ""
    values = {"kinds": requests.KINDS, "kind": kind, "value": value, "asked": asked, "snippets": code}
    return page("search", "Search", values | {"export": export_of(own_key) if own_key else ""})


def licences() -> Response:
    """The terms of what is loaded."""
    with world_of(request.environ).reading() as connection:
        found = overview.licences(connection)
    return page("licences", "Licences", {"licences": found})


def key() -> Response:
    """The key that the browser signed in with."""
    own_key = _own_key()
    return page("key", "Your key", {"key": own_key, "export": export_of(own_key) if own_key else ""})


def asset(name: str) -> Response:
    """A file that pages refer to."""
    if name not in _ASSETS:
        raise NotFound(f"there is no page at /assets/{name}")
    content = (files("fhantom.pages") / "assets" / name).read_bytes()
    response = Response(content, content_type=f"{_ASSETS[name]}; charset=utf-8")
    response.headers["Cache-Control"] = "max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response


def _origin() -> str:
    return origin_of(request.environ)


def _own_key() -> str:
    return str(request.environ.get("HTTP_APIKEY") or "")


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 1_000_000)


def _known(version: Version, resource_type: str) -> None:
    if not load(version).is_resource(resource_type):
        raise NotFound(f"{version} has no resource type {resource_type[:64]}")
