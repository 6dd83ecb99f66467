"""Health, readiness, and what this server is."""

from __future__ import annotations

import time

from flask import Response, jsonify, request
from sqlalchemy import select

from fhantom import __version__
from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.readiness import Phase
from fhantom.site import Site
from fhantom.sole import tables as sole
from fhantom.wire.context import origin_of
from fhantom.world import facts, snapshots

_SECRETS = {"keys", "control_token", "key_prefix"}

_HEALTH = Row(
    "GET",
    "/health",
    "Tell that the server is alive.",
    Who.EVERYBODY,
    answer={"status": "`healthy`", "version": "of fhantom", "uptimeInSeconds": "since the process started"},
)
_READY = Row(
    "GET",
    "/ready",
    "Tell whether the data is there; 503 until it is.",
    Who.EVERYBODY,
    answer={
        "ready": "whether it is",
        "phase": "what happens meanwhile",
        "done": "things loaded",
        "of": "things to load",
    },
)
_INFO = Row(
    "GET",
    "/info",
    "Tell what this server is, and what a world holds.",
    query=(KEY,),
    answer={
        "version": "of fhantom",
        "bases": "addresses of the services",
        "seed": "what the world began as",
        "holds": "how many things of each kind",
        "settings": "in force, secrets masked",
    },
)
_EVENTS = Row(
    "GET", "/sole/events", "List what was stored under /sole/.", query=(KEY,), answer={"events": "oldest first"}
)


def register(routes: Routes, site: Site, asking: Asking) -> None:
    """Add the routes that only read."""
    started = time.monotonic()

    @routes.add(_HEALTH)
    def health(given: Given) -> Response:
        uptime = round(time.monotonic() - started, 3)
        return jsonify(status="healthy", version=__version__, uptimeInSeconds=uptime)

    @routes.add(_READY)
    def ready(given: Given) -> tuple[Response, int]:
        phase = site.readiness.phase
        if phase is Phase.READY:
            return jsonify(ready=True), 200
        done, of = site.readiness.progress
        return jsonify(ready=False, phase=phase.name.lower(), done=done, of=of), 503

    @routes.add(_INFO)
    def info(given: Given) -> Response:
        origin = origin_of(request.environ)
        with site.worlds.open(asking.world()).reading() as connection:
            holds, seed = snapshots.counts(connection), facts.get(connection, "seed")
        return jsonify(
            version=__version__,
            bases={
                "fhir R5": f"{origin}/fhir",
                "fhir R4": f"{origin}/fhir-r4",
                "dicomweb": f"{origin}/dicomweb",
                "wado-uri": f"{origin}/wadouri",
                "sole": f"{origin}/sole",
            },
            seed=seed,
            holds=holds,
            settings={
                name: "***" if name in _SECRETS else _plain(getattr(site.settings, name))
                for name in site.settings.__dataclass_fields__
            },
        )

    @routes.add(_EVENTS)
    def events(given: Given) -> Response:
        with site.worlds.open(asking.world()).reading() as connection:
            rows = connection.execute(select(sole.event).order_by(sole.event.c.id)).mappings().all()
            people = connection.execute(select(sole.participant)).mappings().all()
        listed = [dict(row) | {"participants": []} for row in rows]
        by_id = {row["id"]: row for row in listed}
        for person in people:
            shown = {name: person[name] for name in ("kind", "name", "role")}
            by_id[person["event_id"]]["participants"].append(shown)
        return jsonify(events=listed)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
