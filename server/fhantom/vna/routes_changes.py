"""The log of what came, and lists that are empty here: jobs, other servers, queries to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from fhantom.vna.changes import MOST, Changes, changes, newest
from fhantom.vna.errors import UnknownItem
from fhantom.vna.writing import written
from fhantom.wire.context import world_of

# Every job is done before its request is answered, and there is no other server to speak to; each by what it answers,
# and what with `?expand`.
_EMPTY: dict[str, tuple[Any, Any]] = {
    "jobs": ([], []),
    "modalities": ([], {}),
    "peers": ([], {}),
    "queries": ([], []),
    "exports": ({"Done": True, "Exports": [], "Last": 0},) * 2,
}


def register(vna: Blueprint) -> None:
    """Add the routes."""
    vna.add_url_rule("/vna/changes", "changes", logged)
    for name, (plain, expanded) in _EMPTY.items():
        vna.add_url_rule(f"/vna/{name}", name, _empty(plain, expanded))
        if name != "exports":
            vna.add_url_rule(f"/vna/{name}/<id>", f"{name} one", unknown)


def logged() -> Response:
    """The part of the log after `since`, at most `limit` of it, or its `last` entry."""
    world = world_of(request.environ)
    with world.reading() as connection:
        if "last" in request.args:
            found = newest(world, connection)
        else:
            found = changes(world, connection, _number("since"), _number("limit") or MOST)
    return written(_told(found))


def unknown(id: str) -> Response:
    """There is none of any name."""
    raise UnknownItem


def _told(found: Changes) -> dict[str, Any]:
    return {"Changes": list(found.entries), "Done": found.done, "Last": found.last}


def _number(name: str) -> int:
    """Of a parameter; 0 for what is no number, as Orthanc reads it."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _empty(plain: Any, expanded: Any) -> Callable[[], Response]:
    return lambda: written(expanded if "expand" in request.args else plain)
