"""The journal: what clients sent, found and counted."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from fhantom.control.asking import Asking
from fhantom.errors import BadRequest, NotFound
from fhantom.journal import har
from fhantom.site import Site

_UNMATCHED = {400, 404, 405}
_FIELDS = ("method", "path", "room", "status", "url_contains", "finding", "fault")
_LIMIT = 1000


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes of the journal; each caller sees the worlds that it may see."""

    def entries(after: int = 0) -> list[dict[str, Any]]:
        key = asking.world()
        wanted = None if asking.may_everything() and "key" not in request.args else asking.shown(key)
        found = [json.loads(body) for moment, body in site.ring.entries() if moment > after]
        return [entry for entry in found if wanted in (None, entry["world"])]

    @control.get("/requests")
    def list_requests() -> Response:
        asking.only("key", "limit", "after")
        found = entries(_whole("after", 0))
        limit = _whole("limit", _LIMIT)
        kept = found[-limit:] if limit else []
        return jsonify(requests=kept, dropped=max(0, site.ring.written() - len(site.ring.entries())))

    @control.get("/requests/<id>")
    def one(id: str) -> Response:
        found = [entry for entry in entries() if entry["id"] == id]
        if not found:
            raise NotFound(f"there is no request {id} in the journal")
        return jsonify(found[0])

    @control.post("/requests/find")
    def find() -> Response:
        return jsonify(requests=_matching(entries(), asking.body(*_FIELDS)))

    @control.post("/requests/count")
    def count() -> Response:
        return jsonify(count=len(_matching(entries(), asking.body(*_FIELDS))))

    @control.get("/requests/unmatched")
    def unmatched() -> Response:
        return jsonify(requests=[entry for entry in entries() if entry["response"]["status"] in _UNMATCHED])

    @control.get("/requests.har")
    def archive() -> Response:
        return jsonify(har.archive(entries()))

    @control.delete("/requests")
    def clear() -> tuple[str, int]:
        asking.everything()
        site.ring.clear()
        return "", 204


def _matching(entries: list[dict[str, Any]], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in entries if all(_fits(entry, name, value) for name, value in wanted.items())]


def _fits(entry: dict[str, Any], name: str, value: Any) -> bool:
    url = entry["request"]["url"]
    match name:
        case "method":
            return bool(entry["request"]["method"] == str(value).upper())
        case "path":
            return fnmatch.fnmatchcase(url.partition("?")[0], str(value))
        case "url_contains":
            return str(value) in url
        case "status":
            return bool(entry["response"]["status"] == value)
        case "finding":
            return any(found["row"] == value for found in entry.get("findings", ()))
        case _:
            return bool(entry.get(name) == value)


def _whole(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise BadRequest(f"{name}: must be a whole number")
    return int(text)
