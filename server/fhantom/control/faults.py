"""Faults: list, make, lift."""

from __future__ import annotations

from flask import Response, jsonify, request

from fhantom.control.access import Who
from fhantom.control.table import Given, Routes, Row
from fhantom.errors import BadRequest, NotFound
from fhantom.faults import parse
from fhantom.faults.rules import as_json, schema
from fhantom.site import Site

_FAULT = {
    "id": "names it",
    "match": "which requests it is for",
    "action": "what happens to them",
    "skip": "how many pass before it begins",
    "times": "how many it then strikes; null for all",
    "probability": "of each of those",
    "hits": "how many it has struck",
}

_LIST = Row(
    "GET", "/faults", "List the faults in force.", Who.ALL, answer={"faults": "each as it was made, and `hits`"}
)
_ADD = Row("POST", "/faults", "Let requests fail.", Who.ALL, raw=schema(), status=201, answer=_FAULT)
_LIFT_ALL = Row("DELETE", "/faults", "Lift every fault.", Who.ALL, answer={"removed": "how many there were"})
_LIFT = Row("DELETE", "/faults/<id>", "Lift one fault.", Who.ALL, status=204)


def register(routes: Routes, site: Site) -> None:
    """Add the routes of faults; they are the server's, not a world's."""

    @routes.add(_LIST)
    def list_faults(given: Given) -> Response:
        return jsonify(faults=[as_json(fault) for fault in site.faults.all()])

    @routes.add(_ADD)
    def add(given: Given) -> tuple[Response, int]:
        raw = request.get_json(force=True, silent=True)
        if raw is None:
            raise BadRequest("fault: must be a JSON object")
        return jsonify(as_json(site.faults.add(parse(raw, "")))), 201

    @routes.add(_LIFT_ALL)
    def lift_all(given: Given) -> Response:
        return jsonify(removed=site.faults.remove())

    @routes.add(_LIFT)
    def lift(given: Given, id: str) -> tuple[str, int]:
        if not site.faults.remove(id):
            raise NotFound(f"there is no fault {id}")
        return "", 204
