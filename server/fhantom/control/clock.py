"""The clock: what it shows, and setting it."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify

from fhantom.control.access import Who
from fhantom.control.fields import moment, number
from fhantom.control.table import Given, Routes, Row
from fhantom.site import Site

_YEARS = 100 * 366 * 86400
_SHOWN = {"now": "what it shows", "tick": "how fast it goes; 1 is real time, 0 stands still"}

_SHOW = Row("GET", "/clock", "Tell what the clock shows.", Who.ALL, answer=_SHOWN)
_SET = Row(
    "PUT",
    "/clock",
    "Set the clock, or let it show the real time again.",
    Who.ALL,
    body=(
        moment("now", "what it is to show; null for the real time", required=True),
        number("tick", "how fast it goes on from there", least=0, most=1000, default=1),
    ),
    answer=_SHOWN,
)
_ADVANCE = Row(
    "POST",
    "/clock/advance",
    "Move the clock forward.",
    Who.ALL,
    body=(number("seconds", "how far", least=0, most=_YEARS, required=True),),
    answer=_SHOWN,
)


def register(routes: Routes, site: Site) -> None:
    """Add the routes of the clock."""

    def shown() -> Response:
        return jsonify(now=site.clock.now().isoformat(timespec="milliseconds"), tick=site.clock.speed)

    @routes.add(_SHOW)
    def show(given: Given) -> Response:
        return shown()

    @routes.add(_SET)
    def put(given: Given) -> Response:
        now = given.body["now"]
        site.clock.set(datetime.fromisoformat(now) if now else None, float(given.body["tick"]))
        return shown()

    @routes.add(_ADVANCE)
    def advance(given: Given) -> Response:
        site.clock.advance(float(given.body["seconds"]))
        return shown()
