"""Health, readiness, and what this server is."""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select

from fhantom import __version__
from fhantom.control.asking import Asking
from fhantom.readiness import Phase
from fhantom.site import Site
from fhantom.sole import tables as sole
from fhantom.wire.context import origin_of
from fhantom.world import facts, snapshots

_SECRETS = {"keys", "control_token", "key_prefix"}


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes that only read."""
    started = time.monotonic()

    @control.get("/health")
    def health() -> Response:
        uptime = round(time.monotonic() - started, 3)
        return jsonify(status="healthy", version=__version__, uptimeInSeconds=uptime)

    @control.get("/ready")
    def ready() -> tuple[Response, int]:
        phase = site.readiness.phase
        if phase is Phase.READY:
            return jsonify(ready=True), 200
        done, of = site.readiness.progress
        return jsonify(ready=False, phase=phase.name.lower(), done=done, of=of), 503

    @control.get("/info")
    def info() -> Response:
        asking.only("key")
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

    @control.get("/sole/events")
    def events() -> Response:
        asking.only("key")
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
