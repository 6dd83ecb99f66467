"""Faults: list, make, lift."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from fhantom.control.asking import Asking
from fhantom.errors import BadRequest, NotFound
from fhantom.faults import parse
from fhantom.faults.rules import as_json
from fhantom.site import Site


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes of faults; they are the server's, not a world's."""

    @control.get("/faults")
    def list_faults() -> Response:
        asking.everything()
        return jsonify(faults=[as_json(fault) for fault in site.faults.all()])

    @control.post("/faults")
    def add() -> tuple[Response, int]:
        asking.everything()
        raw = request.get_json(force=True, silent=True)
        if raw is None:
            raise BadRequest("fault: must be a JSON object")
        return jsonify(as_json(site.faults.add(parse(raw, "")))), 201

    @control.delete("/faults")
    def lift_all() -> Response:
        asking.everything()
        return jsonify(removed=site.faults.remove())

    @control.delete("/faults/<id>")
    def lift(id: str) -> tuple[str, int]:
        asking.everything()
        if not site.faults.remove(id):
            raise NotFound(f"there is no fault {id}")
        return "", 204
