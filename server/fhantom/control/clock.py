"""The clock: what it shows, and setting it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from fhantom.control.asking import Asking
from fhantom.errors import BadRequest
from fhantom.site import Site

_YEARS = 100 * 366 * 86400


def register(control: Blueprint, site: Site, asking: Asking) -> None:
    """Add the routes of the clock."""

    def shown() -> Response:
        return jsonify(now=site.clock.now().isoformat(timespec="milliseconds"), tick=site.clock.speed)

    @control.get("/clock")
    def show() -> Response:
        asking.everything()
        return shown()

    @control.put("/clock")
    def put() -> Response:
        asking.everything()
        body = asking.body("now", "tick")
        if "now" not in body:
            raise BadRequest("now: is missing; it must be a moment or null")
        site.clock.set(_moment(body["now"]), _number(body.get("tick", 1), "tick", 0, 1000))
        return shown()

    @control.post("/clock/advance")
    def advance() -> Response:
        asking.everything()
        site.clock.advance(_number(asking.body("seconds").get("seconds"), "seconds", 0, _YEARS))
        return shown()


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRequest("now: must be a moment with its offset, as 2026-12-01T09:00:00Z, or null")
    return moment


def _number(value: Any, name: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadRequest(f"{name}: must be a number from {least:g} to {most:g}")
    return float(value)
