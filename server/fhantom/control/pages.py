"""The journal and the portability report as pages, which follow along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from flask import Response, render_template, request

from fhantom.control.access import Who
from fhantom.control.fields import Field, choice, text, whole
from fhantom.control.journal import Reader
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.control.telling import is_telling, shown
from fhantom.errors import NotFound
from fhantom.journal import portability
from fhantom.wire import browser
from fhantom.wire.context import origin_of

_SHOWN = 100
_HTML = "text/html"
_ASSETS = {"journal.css": "text/css", "journal.js": "text/javascript"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ROOMS = ("dicomweb", "fhir", "wadouri", "sole", "other")

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to show fewer requests.

    Attributes:
        words: the label of its field.
        keeps: whether an entry is shown, by the field's value.
    """

    name: str
    words: str
    keeps: Callable[[Entry, str], bool]
    choices: tuple[str, ...] = ()

    @property
    def field(self) -> Field:
        """What the route takes."""
        says = f"only requests by {self.words}"
        if not self.choices:
            return text(self.name, says)
        one_of = choice(self.name, says, self.choices)
        return replace(one_of, schema={"type": "string", "enum": ["", *self.choices]})  # "" of a field left empty


_SIGHTS: dict[str, Callable[[Entry], bool]] = {
    "anything": is_telling,
    "found nothing": lambda entry: entry.get("matches") == 0,
    "ignored": lambda entry: bool(entry.get("ignored")),
    "not portable": lambda entry: bool(entry.get("findings")),
    "quirk": lambda entry: bool(entry.get("quirks")),
    "fault": lambda entry: bool(entry.get("fault")),
}

_FILTERS = (
    Filter("method", "method", lambda entry, value: bool(entry["request"]["method"] == value), _METHODS),
    Filter("room", "room", lambda entry, value: bool(entry["room"] == value), _ROOMS),
    Filter(
        "status",
        "status",
        lambda entry, value: str(entry["response"]["status"]).startswith(value[0]),
        ("2xx", "3xx", "4xx", "5xx"),
    ),
    Filter("contains", "path or query", lambda entry, value: value.lower() in entry["request"]["url"].lower()),
    Filter("what", "what there is to see", lambda entry, value: _SIGHTS[value](entry), tuple(_SIGHTS)),
)

_QUERY = (KEY, *(one.field for one in _FILTERS))
_PAGE = Row("GET", "", "Show the journal as a page that follows along.", query=_QUERY, media_type=_HTML)
_ROWS = Row(
    "GET",
    "/rows",
    "What the page adds to itself as requests come in.",
    query=(*_QUERY, whole("after", "only requests after the one of this id", default=0)),
    media_type=_HTML,
)
_PORTABILITY = Row("GET", "/portability.html", "Show the portability report as a page.", query=(KEY,), media_type=_HTML)
_ASSET = Row("GET", "/assets/<name>", "A file that the pages refer to.", Who.EVERYBODY, media_type="text/*")


def register(routes: Routes, reader: Reader) -> None:
    """Add the pages."""

    @routes.add(_PAGE)
    def journal(given: Given) -> Response:
        return _page("journal", "Journal", filters=_FILTERS, chosen=given.query, **_listing(reader, given))

    @routes.add(_ROWS)
    def rows(given: Given) -> Response:
        return _page("rows", "", **_listing(reader, given, given.query["after"]))

    @routes.add(_PORTABILITY)
    def report(given: Given) -> Response:
        return _page("portability", "Portability", report=portability.report(reader.entries()))

    @routes.add(_ASSET)
    def asset(given: Given, name: str) -> Response:
        if name not in _ASSETS:
            raise NotFound(f"there is no asset {name}")
        content = (files("fhantom.control") / "assets" / name).read_bytes()
        response = Response(content, content_type=f"{_ASSETS[name]}; charset=utf-8")
        response.add_etag()
        response.make_conditional(request)
        return browser.guard(response)


def _listing(reader: Reader, given: Given, after: int = 0) -> Mapping[str, Any]:
    """The newest entries that the filters leave, the newest first, with what they nearly found."""
    found = reader.entries(after)
    kept = [entry for entry in found if _is_kept(entry, given)][-_SHOWN:]
    reader.explain(kept)
    held, dropped = reader.counts()
    return {
        "shown": [shown(entry) for entry in reversed(kept)],
        "newest": found[-1]["id"] if found else after,
        "held": held,
        "dropped": dropped,
    }


def _is_kept(entry: Entry, given: Given) -> bool:
    chosen = ((one, given.query[one.name]) for one in _FILTERS)
    return all(one.keeps(entry, value) for one, value in chosen if value)


def _page(template: str, title: str, **values: Any) -> Response:
    root = urlsplit(origin_of(request.environ)).path
    frame = {"root": root, "title": title, "navigation": browser.NAVIGATION, "footer": browser.FOOTER}
    text = render_template(f"control/{template}.html", **frame, **values)
    response = Response(text, content_type=f"{_HTML}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return browser.guard(response)
