"""The journal: what clients sent, found and counted."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.fields import flag, text, whole
from fhantom.control.nearly import NearMisses
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.errors import NotFound
from fhantom.journal import har
from fhantom.journal.entry import read
from fhantom.site import Site

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
_CLEAR = Row("DELETE", "/requests", "Forget every request up to now.", Who.ALL, status=204)


def register(routes: Routes, site: Site, asking: Asking) -> None:
    """Add the routes of the journal; each caller sees the worlds that it may see."""

    near = NearMisses(site)

    def entries(after: int = 0) -> list[dict[str, Any]]:
        key = asking.world(reading=True)
        wanted = None if asking.may_everything() and "key" not in request.args else asking.shown(key)
        found = [read(moment, packed) for moment, packed in site.ring.entries() if moment > after]
        return [entry for entry in found if wanted in (None, entry["world"])]

    @routes.add(_LIST)
    def list_requests(given: Given) -> Response:
        found, limit = entries(given.query["after"]), given.query["limit"]
        kept = found[-limit:] if limit else []
        if given.query["explain"]:
            near.add(kept, given.query["key"])
        return jsonify(requests=kept, dropped=max(0, site.ring.written() - len(site.ring.entries())))

    @routes.add(_ONE)
    def one(given: Given, id: str) -> Response:
        found = [entry for entry in entries() if entry["id"] == id]
        if not found:
            raise NotFound(f"there is no request {id} in the journal")
        near.add(found, given.query["key"])
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

    @routes.add(_CLEAR)
    def clear(given: Given) -> tuple[str, int]:
        site.ring.clear()
        return "", 204


def _matching(entries: list[dict[str, Any]], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    asked = {name: value for name, value in wanted.items() if value is not None}
    return [entry for entry in entries if all(_fits(entry, name, value) for name, value in asked.items())]


def _fits(entry: dict[str, Any], name: str, value: Any) -> bool:
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
