"""$document: a composition with all it refers to, as a Bundle (FHIR composition-operation-document)."""

from __future__ import annotations

from fhantom.fhir import sessions
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.bundles import bundled
from fhantom.fhir.operations.target import Target
from fhantom.fhir.paging import number_of
from fhantom.fhir.parameters import summary
from fhantom.fhir.searching import Listing
from fhantom.resources import store
from fhantom.resources.compartments import reached
from fhantom.resources.records import Page


def run(exchange: Exchange, target: Target) -> Answer:
    """The Composition first, then everything that references lead to, step by step; nothing if it is not there.

    It is one page, and neither a version nor `persist` changes it, as on the real server.
    """
    only_total = number_of(exchange, "_count") == 0 or summary(exchange.pairs) == "count"
    with exchange.world.reading() as connection:
        composition = store.read(connection, exchange.version, target.type, target.id)
        matches = () if composition is None or composition.digest is None else (composition,)
        page = Page(matches, tuple(reached(connection, exchange.version, matches)), len(matches), False, 0)
        session = sessions.Session(exchange.world.chance.uuid(), exchange.path, exchange.pairs, 0, exchange.now())
        listing = Listing(page, 0, len(matches), session, only_total=only_total, type="document")
        return bundled(exchange, connection, listing)
