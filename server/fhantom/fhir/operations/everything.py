"""$everything of a patient or an encounter, page by page (FHIR patient-operation-everything)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir import sessions
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.bundles import bundled
from fhantom.fhir.operations.target import Target, with_parameters
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import DEFAULT_COUNT, number_of
from fhantom.fhir.parameters import commas, summary
from fhantom.fhir.searching import Listing
from fhantom.resources import store, totals
from fhantom.resources.compartments import everything
from fhantom.resources.records import Page, Stored


def run(exchange: Exchange, target: Target) -> Answer:
    """The first page; `_since` is taken and does nothing, as on the real server."""
    exchange = with_parameters(exchange)
    if target.type == "Patient":
        _check(exchange)
    session = sessions.Session(exchange.world.chance.uuid(), exchange.path, exchange.pairs, 0, exchange.now())
    count = number_of(exchange, "_count")
    # Of an encounter, _offset is nothing that the real server can answer: it is passed over.
    offset = number_of(exchange, "_offset") if target.type == "Patient" else None
    by_offset, start = offset is not None, max(offset or 0, 0)
    with exchange.world.reading() as connection:
        found = _record(exchange, connection, target)
        size = DEFAULT_COUNT if count is None else count
        page = _page(found, start, size, by_offset)
        only_total = size == 0 or summary(exchange.pairs) == "count"
        listing = Listing(page, start, size, session, by_offset, only_total, subject=target.type)
        return bundled(exchange, connection, listing)


def further(exchange: Exchange, target: Target, session: sessions.Session, offset: int, count: int) -> Answer:
    """A later page of the record; all its resources are matches."""
    with exchange.world.reading() as connection:
        page = _page(_record(exchange, connection, target), offset, count, by_offset=False)
        listing = Listing(page, offset, count, session, resumed=True, subject=target.type)
        return bundled(exchange, connection, listing)


def _check(exchange: Exchange) -> None:
    """Refuse by 2197 a _type that is none, and by 1192 words that no index has; of a patient alone (HAPI 8.8.0)."""
    for name in commas(exchange.every("_type")):
        if not exchange.definitions.is_resource(name):
            raise Refusal("2197", type=name)
    for parameter in ("_content", "_text"):
        if exchange.first(parameter) and not exchange.world.settings.search_text:
            raise Refusal("1192", parameter=parameter)


def _page(found: list[Stored], offset: int, count: int, by_offset: bool) -> Page:
    """A slice; of fewer than none, nothing, but that there is more. By offset, the total is told at the end alone."""
    if count < 0:
        return Page((), (), len(found), bool(found), 0)
    matches = tuple(found[offset : offset + count])
    more = 0 < count < len(found) - offset
    if not count:
        return Page((), (), len(found), False, 0)
    if by_offset:
        return Page(matches, (), None if more else offset + len(matches), more, 0)
    return Page(matches, (), totals.told(len(found), offset, count), more, 0)


def _record(exchange: Exchange, connection: Connection, target: Target) -> list[Stored]:
    """Everything of one resource; of a type, everything of each, or of those of `_id`, these resources first."""
    types = commas(exchange.every("_type")) if target.type == "Patient" else ()
    ids = [target.id] if target.id else [id.rpartition("/")[2] for id in commas(exchange.every("_id"))]
    for id in ids:
        _check_present(exchange, connection, Target(target.type, id))
    heads = ids or [record.id for record in store.all_of(connection, exchange.version, target.type)]
    return everything(connection, exchange.version, target.type, heads, types)


def _check_present(exchange: Exchange, connection: Connection, target: Target) -> None:
    """Refuse by 2841 a resource that never was, by 2572 one that is deleted."""
    present = store.read(connection, exchange.version, target.type, target.id)
    if present is None or present.digest is None:
        raise Refusal("2841" if present is None else "2572", reference=target.reference)
