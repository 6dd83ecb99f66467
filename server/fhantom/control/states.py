"""Reset, snapshots and worlds."""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify, request

from fhantom.control.asking import Asking
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.world import snapshots

_ONLY = ("data", "journal", "faults", "clock")


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes that put worlds into a known state."""
    worlds = site.worlds

    def counts(key: str) -> dict[str, int]:
        with worlds.open(key).reading() as connection:
            return snapshots.counts(connection)

    def change(key: str, to: str) -> dict[str, int]:
        before = counts(key)
        if to == "seed":
            worlds.reset(key)
        elif to == "empty":
            snapshots.empty(worlds, key)
        elif to.startswith("snapshot:"):
            snapshots.restore(worlds, key, to.removeprefix("snapshot:"))
        else:
            raise BadRequest("to: must be seed, empty or snapshot:NAME")
        after = counts(key)
        return {name: before[name] - after[name] for name in before if before[name] != after[name]}

    @control.post("/reset")
    def reset() -> Response:
        asking.only("to", "only", "key")
        key, only = asking.world(), asking.choice("only", ("", *_ONLY), "")
        began = time.perf_counter()
        removed = change(key, request.args.get("to", "seed")) if only in ("", "data") else {}
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

    @control.get("/snapshots")
    def list_snapshots() -> Response:
        asking.only("key")
        return jsonify(snapshots=snapshots.names(worlds, asking.world()))

    @control.put("/snapshots/<name>")
    def save(name: str) -> tuple[Response, int]:
        asking.only("key")
        key = asking.world()
        snapshots.save(worlds, key, name)
        return jsonify(name=name, holds=counts(key)), 201

    @control.post("/snapshots/<name>/restore")
    def restore(name: str) -> Response:
        asking.only("key")
        return jsonify(removed=change(asking.world(), f"snapshot:{name}"))

    @control.delete("/snapshots/<name>")
    def remove(name: str) -> tuple[str, int]:
        asking.only("key")
        snapshots.remove(worlds, asking.world(), name)
        return "", 204

    @control.delete("/worlds")
    def drop() -> tuple[str, int]:
        asking.only("key")
        worlds.drop(asking.world())
        return "", 204
