"""Reset, snapshots and worlds."""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify, request

from fhantom.bridge.linking import link_changed
from fhantom.control.asking import Asking
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.world import snapshots

_ONLY = ("data", "journal", "faults", "clock")


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes that put worlds into a known state."""
    _register_reset(control, site, asking)
    _register_snapshots(control, site, asking)

    @control.post("/imaging/link")
    def link_imaging() -> Response:
        asking.only("key")
        return jsonify(studies=link_changed(site.worlds.open(asking.world())))

    @control.delete("/worlds")
    def drop() -> tuple[str, int]:
        asking.only("key")
        snapshots.drop(site.worlds, asking.world())
        return "", 204


def _register_reset(control: Blueprint, site: Site, asking: Asking) -> None:
    @control.post("/reset")
    def reset() -> Response:
        asking.only("to", "only", "key")
        key, only = asking.world(), asking.choice("only", ("", *_ONLY), "")
        began = time.perf_counter()
        removed = _change(site, key, request.args.get("to", "seed")) if only in ("", "data") else {}
        answer: dict[str, object] = {"world": asking.shown(key), "removed": removed}
        if asking.may_everything():
            if only in ("", "journal"):
                site.ring.clear()
            if only in ("", "faults"):
                answer["faults"] = site.faults.remove()
            if only in ("", "clock"):
                site.clock.set(None)
        answer["ms"] = round((time.perf_counter() - began) * 1000, 2)
        return jsonify(answer)


def _register_snapshots(control: Blueprint, site: Site, asking: Asking) -> None:
    worlds = site.worlds

    @control.get("/snapshots")
    def list_snapshots() -> Response:
        asking.only("key")
        return jsonify(snapshots=snapshots.names(worlds, asking.world()))

    @control.put("/snapshots/<name>")
    def save(name: str) -> tuple[Response, int]:
        asking.only("key")
        key = asking.world()
        snapshots.save(worlds, key, name)
        return jsonify(name=name, holds=_counts(site, key)), 201

    @control.post("/snapshots/<name>/restore")
    def restore(name: str) -> Response:
        asking.only("key")
        return jsonify(removed=_change(site, asking.world(), f"snapshot:{name}"))

    @control.delete("/snapshots/<name>")
    def remove(name: str) -> tuple[str, int]:
        asking.only("key")
        snapshots.remove(worlds, asking.world(), name)
        return "", 204


def _change(site: Site, key: str, to: str) -> dict[str, int]:
    """Put a world to a state; what it holds less than before, by what its tables call it."""
    before = _counts(site, key)
    if to == "seed":
        site.worlds.reset(key)
    elif to == "empty":
        snapshots.empty(site.worlds, key)
    elif to.startswith("snapshot:"):
        snapshots.restore(site.worlds, key, to.removeprefix("snapshot:"))
    else:
        raise BadRequest("to: must be seed, empty or snapshot:NAME")
    after = _counts(site, key)
    return {name: before[name] - after[name] for name in before if before[name] != after[name]}


def _counts(site: Site, key: str) -> dict[str, int]:
    with site.worlds.open(key).reading() as connection:
        return snapshots.counts(connection)
