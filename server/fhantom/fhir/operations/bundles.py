"""What operations that answer with a Bundle have in common."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir.exchange import Answer, Exchange, http_date
from fhantom.fhir.searching import Listing, listed


def bundled(exchange: Exchange, connection: Connection, listing: Listing) -> Answer:
    """A page as a Bundle, its address in Content-Location, and in Location after a POST (HAPI 8.8.0, asked)."""
    answer = listed(exchange, connection, listing)
    where = f"{exchange.base}/Bundle/{listing.session.id}"
    headers = [("Content-Location", where), ("Last-Modified", http_date(exchange.now()))]
    if exchange.method == "POST":
        headers.append(("Location", where))
    return Answer(answer.status, tuple(headers), answer.content)
