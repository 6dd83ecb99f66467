"""QIDO-RS (PS3.18 10.6): the six search resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from fhantom.archive.query import Level
from fhantom.archive.search import Match, remaining, search
from fhantom.dicomweb import qido_encode, qido_parse
from fhantom.dicomweb.addresses import service_of, warn
from fhantom.dicomweb.portability import DEPARTURES, depart
from fhantom.dicomweb.qido_compared import UNSEEN, finds_the_same
from fhantom.dicomweb.qido_parse import Search
from fhantom.dicomweb.qido_understood import understood
from fhantom.errors import FhantomError
from fhantom.site import Site
from fhantom.wire.context import world_of
from fhantom.wire.notes import notes_of
from fhantom.world import World

# PS3.18 table 10.6.1-1
_RESOURCES = (
    ("/studies", Level.STUDY),
    ("/studies/<study>/series", Level.SERIES),
    ("/series", Level.SERIES),
    ("/studies/<study>/instances", Level.INSTANCE),
    ("/studies/<study>/series/<series>/instances", Level.INSTANCE),
    ("/instances", Level.INSTANCE),
)

_HELD = 2000
"""Rows up to which an answer is made before it is sent, so that it has a Content-Length."""

_COUNTED = 100
"""Rows beyond the limit that are counted for the warning."""


def register(blueprint: Blueprint, site: Site) -> None:
    """Add the search resources to `blueprint`."""
    for rule, level in _RESOURCES:

        def view(study: str | None = None, series: str | None = None, level: Level = level) -> Response:
            return _answer(level, study, series)

        blueprint.add_url_rule(rule, f"search {rule}", view, methods=["GET"])


def _answer(level: Level, study: str | None, series: str | None) -> Response:
    world, service = world_of(request.environ), service_of(request.environ)
    strict = world.settings.strict
    parse = partial(qido_parse.parse, level, study, series, request.query_string.decode("latin-1"))
    found = parse(strict=strict)
    form = _form(found.accept, strict=strict)
    notes = notes_of(request.environ)
    notes.understood = understood(found.query)
    notes.ignored += found.ignored
    warnings = [f"{text} has no meaning here and was ignored" for text in found.ignored]
    with ExitStack() as stack:
        connection = stack.enter_context(world.reading())
        matches = search(world, connection, found.query)
        held = list(islice(matches, _HELD))
        if strict:
            _depart(row for row in found.departures if not DEPARTURES[row].imitated)
        else:
            _depart(_rows_told(world, connection, held, found, parse))
        if len(held) == found.query.limit and (left := remaining(world, connection, found.query, _COUNTED)):
            warnings.append(_left_out(left))
        encoded = qido_encode.encode(form, chain(held, matches), found.query, service, strict=strict)
        if len(held) < _HELD:
            notes.matches = len(held)
            body = b"".join(encoded.pieces)
            if not strict and held and (form == qido_encode.XML or _goes_beyond_latin_1(body)):
                depart(request.environ, "qido-names")
            response = Response(body)
        else:
            # Rows are still to come: the snapshot stays open until the last one is sent.
            response = Response(encoded.pieces)
            response.call_on_close(stack.pop_all().close)
    response.content_type = encoded.content_type
    warn(response, service, warnings)
    return response


def _depart(rows: Iterable[str]) -> None:
    for row in rows:
        depart(request.environ, row)


def _rows_told(
    world: World, connection: Connection, held: list[Match], found: Search, parse: Callable[..., Search]
) -> Sequence[str]:
    """What of the search the real server reads otherwise, all of it where that leads to another answer."""
    always = [row for row in found.departures if not DEPARTURES[row].imitated or row in UNSEEN]
    if len(always) == len(found.departures):
        return always
    try:
        as_recorded = parse(strict=True).query
    except FhantomError:
        return found.departures
    same = len(held) < _HELD and finds_the_same(world, connection, held, as_recorded)
    return always if same else found.departures


def _form(accept_parameter: str, *, strict: bool) -> str:
    header = request.headers.get("Accept", "")
    form = qido_encode.choose(accept_parameter or header)
    recorded = qido_encode.choose_as_recorded(header)
    if strict:
        return recorded
    if form != recorded:
        depart(request.environ, "qido-accept-parameter" if accept_parameter else "qido-form")
    return form


def _goes_beyond_latin_1(body: bytes) -> bool:
    return not body.isascii() and max(body.decode("utf-8", "replace")) > "\xff"


def _left_out(left: int) -> str:
    """PS3.18 8.3.4.4: the client is told what the limit kept from it."""
    number = f"{_COUNTED} or more" if left == _COUNTED else str(left)
    return f"There are {number} additional results that can be requested"
