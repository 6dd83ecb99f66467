"""The journal: what clients sent, found and counted."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, jsonify, request

from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.fields import flag, text, whole
from fhantom.control.nearly import NearMisses
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.errors import NotFound
from fhantom.journal import har, portability
from fhantom.journal.entry import read
from fhantom.site import Site

Entry = dict[str, Any]

_UNMATCHED = {400, 404, 405}
_LIMIT = 1000
_PATTERN = (
    text("method", "the method"),
    text("path", "the path without the query, as a shell pattern"),
    text("room", "the part of the server: dicomweb, wadouri, fhir, sole, other"),
    whole("status", "the status of the answer"),
    text("url_contains", "what the path with its query contains"),
    text("finding", "the row of the portability table that it met"),
    text("fault", "the kind of fault that struck it"),
)
_REQUESTS = {"requests": "oldest first"}

_LIST = Row(
    "GET",
    "/requests",
    "List what clients sent.",
    query=(
        KEY,
        whole("limit", "the newest so many", default=_LIMIT),
        whole("after", "only those after the request of this id", default=0),
        flag("explain", "add to empty searches what they nearly found"),
    ),
    answer={**_REQUESTS, "dropped": "how many older ones had to make room"},
)
_ONE = Row("GET", "/requests/<id>", "Tell of one request, and what it nearly found if it found nothing.", query=(KEY,))
_FIND = Row("POST", "/requests/find", "List the requests that fit.", query=(KEY,), body=_PATTERN, answer=_REQUESTS)
_COUNT = Row(
    "POST", "/requests/count", "Count the requests that fit.", query=(KEY,), body=_PATTERN, answer={"count": "how many"}
)
_FAILED = Row(
    "GET",
    "/requests/unmatched",
    "List the requests that were answered with 400, 404 or 405.",
    query=(KEY,),
    answer=_REQUESTS,
)
_HAR = Row(
    "GET", "/requests.har", "The journal as an HTTP Archive (HAR 1.2).", query=(KEY,), answer={"log": "the archive"}
)
_PORTABILITY = Row(
    "GET",
    "/portability",
    "Tell which requests worked here and would not have on the real server, and how that is known.",
    query=(KEY, whole("after", "only requests after the one of this id", default=0)),
    answer={
        "failing": "requests that the real server refuses",
        "differing": "requests that it answers otherwise",
        "findings": "each row of the table of departures, with its reason, its evidence and its requests",
    },
)
_CLEAR = Row("DELETE", "/requests", "Forget every request up to now.", Who.ALL, status=204)


class Reader:
    """Reads the journal on behalf of the present request, as far as its caller may see it."""

    def __init__(self, site: Site, asking: Asking) -> None:
        self._ring = site.ring
        self._asking = asking
        self._near = NearMisses(site)

    def entries(self, after: int = 0) -> list[Entry]:
        """What is kept of the worlds that the caller may see, oldest first."""
        key = self._asking.world(reading=True)
        wanted = None if self._asking.may_everything() and not request.args.get("key") else self._asking.shown(key)
        found = [read(moment, packed) for moment, packed in self._ring.entries(after)]
        return [entry for entry in found if wanted in (None, entry["world"])]

    def explain(self, entries: Iterable[Entry]) -> None:
        """Add to entries what their searches nearly found."""
        self._near.add(entries)

    def counts(self) -> tuple[int, int]:
        """How many requests of all worlds are kept, and how many had to make room."""
        held = self._ring.held()
        return held, max(0, self._ring.written() - held)


def register(routes: Routes, site: Site, reader: Reader) -> None:
    """Add the routes of the journal."""
    entries = reader.entries

    @routes.add(_LIST)
    def list_requests(given: Given) -> Response:
        found, limit = entries(given.query["after"]), given.query["limit"]
        kept = found[-limit:] if limit else []
        if given.query["explain"]:
            reader.explain(kept)
        return jsonify(requests=kept, dropped=reader.counts()[1])

    @routes.add(_ONE)
    def one(given: Given, id: str) -> Response:
        after = int(id) - 1 if id.isascii() and id.isdigit() else 0
        found = [entry for entry in entries(after) if entry["id"] == id]
        if not found:
            raise NotFound(f"there is no request {id} in the journal")
        reader.explain(found)
        return jsonify(found[0])

    @routes.add(_FIND)
    def find(given: Given) -> Response:
        return jsonify(requests=_matching(entries(), given.body))

    @routes.add(_COUNT)
    def count(given: Given) -> Response:
        return jsonify(count=len(_matching(entries(), given.body)))

    @routes.add(_FAILED)
    def unmatched(given: Given) -> Response:
        return jsonify(requests=[entry for entry in entries() if entry["response"]["status"] in _UNMATCHED])

    @routes.add(_HAR)
    def archive(given: Given) -> Response:
        return jsonify(har.archive(entries()))

    @routes.add(_PORTABILITY)
    def report(given: Given) -> Response:
        return jsonify(portability.report(entries(given.query["after"])))

    @routes.add(_CLEAR)
    def clear(given: Given) -> tuple[str, int]:
        site.ring.clear()
        return "", 204


def _matching(entries: list[Entry], wanted: Mapping[str, Any]) -> list[Entry]:
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [entry for entry in entries if all(_fits(entry, name, value) for name, value in asked.items())]


def _fits(entry: Entry, name: str, value: Any) -> bool:
    url = entry["request"]["url"]
    match name:
        case "method":
            return bool(entry["request"]["method"] == value.upper())
        case "path":
            return fnmatch.fnmatchcase(url.partition("?")[0], value)
        case "url_contains":
            return value in url
        case "status":
            return bool(entry["response"]["status"] == value)
        case "finding":
            return any(found["row"] == value for found in entry.get("findings", ()))
        case _:
            return bool(entry.get(name) == value)
