"""$lastn: the last observations of each code (FHIR observation-operation-lastn), as far as the real server goes.

Without a full-text index HAPI 8.8.0 sorts all observations by code and date and chooses none of them, whatever `max`
and the parameters of a search say (asked); it refuses the parameters that it does not know.
"""

from __future__ import annotations

import dataclasses

from sqlalchemy import Connection

from fhantom.fhir import sessions
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.bundles import bundled
from fhantom.fhir.operations.target import Target, with_parameters
from fhantom.fhir.paging import DEFAULT_COUNT, number_of
from fhantom.fhir.parameters import Pairs, summary
from fhantom.fhir.searching import Listing
from fhantom.resources import store
from fhantom.resources.query import Total
from fhantom.resources.records import Page

_BY_CODE = "code,-date"
_OF_SUBJECTS = ("patient", "subject")


def run(exchange: Exchange, target: Target) -> Answer:
    """The first page. Refusal: 0524 for an unknown parameter, 0375 for a number that is none."""
    exchange = with_parameters(exchange)
    number_of(exchange, "max")
    count = number_of(exchange, "_count")
    count = DEFAULT_COUNT if count is None else max(count, 0)
    with exchange.world.reading() as connection:
        given = tuple(pair for pair in exchange.pairs if pair[0] != "max" and ":" not in pair[0])
        understood(exchange, connection, "Observation", given)
        only_total = count == 0 or summary(exchange.pairs) == "count"
        page = _page(exchange, connection, 0, count, Total.ONLY if only_total else Total.DEFAULT)
        id, now = exchange.world.chance.uuid(), exchange.now()
        session = sessions.Session(id, exchange.path, exchange.pairs, page.snapshot, now)
        return bundled(exchange, connection, Listing(page, 0, count, session, only_total=only_total))


def further(exchange: Exchange, target: Target, session: sessions.Session, offset: int, count: int) -> Answer:
    """A later page."""
    with exchange.world.reading() as connection:
        page = _page(exchange, connection, offset, count, Total.DEFAULT, session.snapshot)
        return bundled(exchange, connection, Listing(page, offset, count, session, resumed=True))


def _page(exchange: Exchange, connection: Connection, offset: int, count: int, total: Total, snapshot: int = 0) -> Page:
    every: Pairs = (("_sort", _order(exchange.pairs)),)
    asked = understood(exchange, connection, "Observation", every)
    asked = dataclasses.replace(asked, offset=offset, count=count, total=total, snapshot=snapshot)
    return store.search(exchange.world, connection, asked)


def _order(pairs: Pairs) -> str:
    """By subject first where one is named."""
    return f"subject,{_BY_CODE}" if any(name in _OF_SUBJECTS for name, _ in pairs) else _BY_CODE
