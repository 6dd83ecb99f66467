"""The nightly reset, and what a server does on its own, on demand."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Response, jsonify

from fhantom.control.access import Who
from fhantom.control.fields import choice, whole
from fhantom.control.table import Given, Routes, Row
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.world.nights import KINDS, LONGEST

_OUTAGE = {"outage": "the kind of the outage that goes on, or null", "left": "seconds until its end"}

_SHOW = Row(
    "GET",
    "/nightly",
    "Tell when the next nightly reset is due, and whether the server is away.",
    Who.ALL,
    answer={"next": "the moment, or null without a schedule", **_OUTAGE},
)
_REHEARSE = Row(
    "POST",
    "/nightly",
    "Have a nightly reset now: every world goes back to the seed, and the server is away for a while.",
    Who.ALL,
    body=(
        whole("downtime", f"seconds that the server is away by its clock, up to {LONGEST}", default=0),
        choice("kind", "what clients meet meanwhile", KINDS, default="502"),
    ),
    answer={"removed": "how many things of each kind all worlds hold less", **_OUTAGE, "ms": "how long it took"},
)
_END = Row("DELETE", "/nightly", "End the outage.", Who.ALL, status=204)
_WORLDS = Row(
    "GET",
    "/worlds",
    "List the worlds that have a folder; names are digests of keys.",
    Who.ALL,
    answer={"worlds": "each with `name`, `used` (when it last was) and `bytes` (of its own files)"},
)
_UPKEEP = Row(
    "POST",
    "/upkeep",
    "Do now what the server does now and then: drop worlds that nobody uses, remove bytes that nobody names.",
    Who.ALL,
    body=(
        whole("idle", "seconds after which an unused world goes; without it as the settings say"),
        whole("age", "seconds that bytes and texts without a name are kept; texts go at the second call", default=900),
    ),
    answer={
        "worlds": "how many were dropped",
        "blobs": "DICOM objects removed",
        "texts": "texts removed",
        "bytes": "of both",
    },
)


def register(routes: Routes, site: Site) -> None:
    """Add the routes of nights and of upkeep."""
    _register_nights(routes, site)

    @routes.add(_WORLDS)
    def worlds(given: Given) -> Response:
        return jsonify(worlds=[_described(path) for path in sorted(site.worlds.folder.worlds.iterdir())])

    @routes.add(_UPKEEP)
    def upkeep(given: Given) -> Response:
        kept = site.upkeep.round(idle=given.body["idle"], age=given.body["age"])
        collected = kept.collected
        return jsonify(worlds=kept.worlds, blobs=collected.blobs, texts=collected.texts, bytes=collected.bytes)


def _register_nights(routes: Routes, site: Site) -> None:
    def outage() -> dict[str, Any]:
        found = site.nights.outage()
        return {"outage": found and found.kind, "left": found.left if found else 0}

    @routes.add(_SHOW)
    def show(given: Given) -> Response:
        due = site.nights.next
        return jsonify(next=due and due.isoformat(), **outage())

    @routes.add(_REHEARSE)
    def rehearse(given: Given) -> Response:
        downtime = given.body["downtime"]
        if downtime > LONGEST:
            raise BadRequest(f"downtime: must be at most {LONGEST}")
        kind = next(kind for kind in KINDS if kind == given.body["kind"])
        began = time.perf_counter()
        removed = site.nights.rehearse(downtime, kind)
        return jsonify(removed=removed, **outage(), ms=round((time.perf_counter() - began) * 1000, 2))

    @routes.add(_END)
    def end(given: Given) -> tuple[str, int]:
        site.nights.end()
        return "", 204


def _described(folder: Path) -> dict[str, Any]:
    used = _looked_at(folder / "used")
    moment = used and datetime.fromtimestamp(used.st_mtime, UTC).isoformat(timespec="seconds")
    found = [_looked_at(path) for path in folder.glob("*.sqlite*")]
    return {"name": folder.name, "used": moment, "bytes": sum(each.st_size for each in found if each)}


def _looked_at(path: Path) -> os.stat_result | None:
    """What is known of a file; None if it has gone, as a world's files may at any time."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
