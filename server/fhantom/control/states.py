"""Reset, snapshots and worlds."""

from __future__ import annotations

import time

from flask import Response, jsonify

from fhantom.bridge.linking import link_changed
from fhantom.control import files, upkeep
from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.fields import choice, text, whole
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.world import snapshots
from fhantom.world.nights import LONGEST

_TO = text(
    "to",
    "the state to go to (default: seed)",
    must="seed, empty or snapshot:NAME",
    pattern="seed|empty|snapshot:.+",
)
_ONLY = choice("only", "what to reset; without it all four", ("data", "journal", "faults", "clock"))
_DOWNTIME = whole("downtime", f"seconds, up to {LONGEST}, that the server is then away for everybody, as at night")
_REMOVED = {"removed": "how many things of each kind it holds less than before"}

_RESET = Row(
    "POST",
    "/reset",
    "Put a world back, and for callers who may do everything also journal, faults and clock.",
    query=(_TO, _ONLY, _DOWNTIME, KEY),
    answer={**_REMOVED, "world": "which, masked", "faults": "how many were lifted", "ms": "how long it took"},
)
_LINK = Row(
    "POST",
    "/imaging/link",
    "Make ImagingStudies of DICOM that was stored since the last time.",
    query=(KEY,),
    answer={"studies": "how many"},
)
_DROP = Row(
    "DELETE",
    "/worlds",
    "Forget a world and its snapshots; it begins anew when it is next used.",
    query=(KEY,),
    status=204,
)
_SNAPSHOTS = Row(
    "GET", "/snapshots", "List the snapshots of a world.", query=(KEY,), answer={"snapshots": "names, oldest first"}
)
_SAVE = Row(
    "PUT",
    "/snapshots/<name>",
    "Keep the present state of a world under a name.",
    query=(KEY,),
    status=201,
    answer={"name": "as given", "holds": "how many things of each kind"},
)
_RESTORE = Row("POST", "/snapshots/<name>/restore", "Put a world back to a snapshot.", query=(KEY,), answer=_REMOVED)
_REMOVE = Row("DELETE", "/snapshots/<name>", "Forget a snapshot.", query=(KEY,), status=204)


def register(routes: Routes, site: Site, asking: Asking) -> None:
    """Add the routes that put worlds into a known state."""
    _register_reset(routes, site, asking)
    _register_snapshots(routes, site, asking)
    files.register(routes, site, asking)
    upkeep.register(routes, site)

    @routes.add(_LINK)
    def link_imaging(given: Given) -> Response:
        return jsonify(studies=link_changed(site.worlds.open(asking.world())))

    @routes.add(_DROP)
    def drop(given: Given) -> tuple[str, int]:
        snapshots.drop(site.worlds, asking.world())
        return "", 204


def _register_reset(routes: Routes, site: Site, asking: Asking) -> None:
    @routes.add(_RESET)
    def reset(given: Given) -> Response:
        key, only, downtime = asking.world(), given.query["only"], given.query["downtime"] or 0
        if downtime:
            asking.admit(Who.ALL)
        if downtime > LONGEST:
            raise BadRequest(f"downtime: must be at most {LONGEST}")
        began = time.perf_counter()
        removed = _change(site, key, given.query["to"] or "seed") if only in (None, "data") else {}
        answer: dict[str, object] = {"world": asking.shown(key), "removed": removed}
        if asking.may_everything():
            if only in (None, "journal"):
                site.ring.clear()
            if only in (None, "faults"):
                answer["faults"] = site.faults.remove()
            if only in (None, "clock"):
                site.clock.set(None)
            if only is None:
                site.worlds.chance.restart()
        site.nights.away(downtime)
        answer["ms"] = round((time.perf_counter() - began) * 1000, 2)
        return jsonify(answer)


def _register_snapshots(routes: Routes, site: Site, asking: Asking) -> None:
    worlds = site.worlds

    @routes.add(_SNAPSHOTS)
    def list_snapshots(given: Given) -> Response:
        return jsonify(snapshots=snapshots.names(worlds, asking.world()))

    @routes.add(_SAVE)
    def save(given: Given, name: str) -> tuple[Response, int]:
        key = asking.world()
        snapshots.save(worlds, key, name)
        return jsonify(name=name, holds=_counts(site, key)), 201

    @routes.add(_RESTORE)
    def restore(given: Given, name: str) -> Response:
        return jsonify(removed=_change(site, asking.world(), f"snapshot:{name}"))

    @routes.add(_REMOVE)
    def remove(given: Given, name: str) -> tuple[str, int]:
        snapshots.remove(worlds, asking.world(), name)
        return "", 204


def _change(site: Site, key: str, to: str) -> dict[str, int]:
    """Put a world to a state; what it holds less than before, by what its tables call it."""
    before = _counts(site, key)
    if to == "seed":
        site.worlds.reset(key)
    elif to == "empty":
        snapshots.empty(site.worlds, key)
    else:
        snapshots.restore(site.worlds, key, to.removeprefix("snapshot:"))
    after = _counts(site, key)
    return {name: before[name] - after[name] for name in before if before[name] != after[name]}


def _counts(site: Site, key: str) -> dict[str, int]:
    with site.worlds.open(key).reading() as connection:
        return snapshots.counts(connection)
