"""$everything of a patient or an encounter, page by page (FHIR patient-operation-everything)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir import sessions
from fhantom.fhir.exchange import Answer, Exchange, http_date
from fhantom.fhir.operations.target import Target, with_parameters
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import DEFAULT_COUNT, number_of
from fhantom.fhir.parameters import commas
from fhantom.fhir.searching import Listing, listed
from fhantom.resources import store, totals
from fhantom.resources.compartments import everything
from fhantom.resources.query import Search
from fhantom.resources.records import Page, Stored

_ALL = 1_000_000


def run(exchange: Exchange, target: Target) -> Answer:
    """The first page; `_since` is taken and does nothing, as on the real server."""
    exchange = with_parameters(exchange)
    session = sessions.Session(exchange.world.chance.uuid(), exchange.path, exchange.pairs, 0, exchange.now())
    count = number_of(exchange, "_count")
    return further(exchange, target, session, 0, DEFAULT_COUNT if count is None else max(count, 0), False)


def further(
    exchange: Exchange,
    target: Target,
    session: sessions.Session,
    offset: int,
    count: int,
    resumed: bool = True,
) -> Answer:
    """A page of the record; all its resources are matches."""
    with exchange.world.reading() as connection:
        found = _record(exchange, connection, target)
        if wanted := commas(exchange.every("_type")):
            found = [record for record in found if record.type in (target.type, *wanted)]
        matches = tuple(found[offset : offset + count])
        total = totals.told(len(found), offset, count)
        page = Page(matches, (), total, 0 < count < len(found) - offset, 0)
        answer = listed(exchange, connection, Listing(page, offset, count, session, resumed=resumed))
    where = f"{exchange.base}/Bundle/{session.id}"
    headers = (("Content-Location", where), ("Last-Modified", http_date(exchange.now())))
    return Answer(answer.status, headers, answer.content)


def _record(exchange: Exchange, connection: Connection, target: Target) -> list[Stored]:
    """Everything of one resource; of a type, everything of each, the resources of the type first."""
    if target.id:
        present = store.read(connection, exchange.version, target.type, target.id)
        if present is None or present.digest is None:
            raise Refusal("2841", reference=target.reference)
        return everything(connection, exchange.version, target.type, target.id)
    records: dict[int, Stored] = {}
    every = Search(exchange.version, (target.type,), count=_ALL)
    for head in store.search(exchange.world, connection, every).matches:
        records |= {
            record.key: record
            for record in everything(connection, exchange.version, head.type, head.id)
            if record.key not in records
        }
    return sorted(records.values(), key=lambda record: (record.type != target.type, record.number))
