"""History of a resource, a type or the whole server (FHIR http 3.2.0.12)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir import bundle, links, showing
from fhantom.fhir.exchange import Answer, Exchange, http_date, instant
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import offset_and_count
from fhantom.resources import dates, store
from fhantom.resources.records import HistoryPage, Stored

_REQUESTS = {"create": ("POST", "201 Created"), "update": ("PUT", "200 OK"), "delete": ("DELETE", "200 OK")}


def history(exchange: Exchange, resource_type: str | None = None, id: str | None = None) -> Answer:
    """All versions, newest first, a page at a time; with `_since` or `_at` the total is not told."""
    offset, count = offset_and_count(exchange)
    only_total = exchange.first("_summary") == "count" or count == 0
    since, at = exchange.first("_since"), exchange.first("_at")
    with exchange.world.reading() as connection:
        if resource_type and id and store.read(connection, exchange.version, resource_type, id) is None:
            raise Refusal("2001", reference=f"{resource_type}/{id}")
        found = store.history(
            connection,
            exchange.version,
            resource_type,
            id,
            since=_period(since).low if since else None,
            at=(_period(at).low, _period(at).high) if at else None,
            count=count,
            offset=offset,
        )
        view = showing.view_of(exchange, connection, {stored.type for stored in found.entries})
        entries = [] if only_total else _entries(exchange, connection, view, found)
    url = exchange.url
    part = links.Slice(offset, count, found.more)
    now = exchange.now()
    frame = bundle.Frame(
        type="history",
        id=exchange.world.chance.uuid(),
        updated=instant(now),
        total=None if since or at else found.total,
        links=() if only_total else links.of_offsets(url, part, exchange.version, exchange.pairs),
        subsetted=exchange.first("_summary") in ("count", "true", "text", "data") or count == 0,
    )
    headers = (("Content-Location", f"{exchange.base}/Bundle/{frame.id}"), ("Last-Modified", http_date(now)))
    return Answer(200, headers, bundle.written(frame, entries))


def _period(text: str) -> dates.Period:
    try:
        return dates.parse(text)
    except ValueError:
        raise Refusal("1882", value=text) from None


def _entries(exchange: Exchange, connection: Connection, view: showing.View, found: HistoryPage) -> list[bytes]:
    kept = [stored for stored in found.entries if stored.change != "delete"]
    texts = iter(showing.all_shown(exchange, view, kept))
    return [_entry(exchange, stored, None if stored.change == "delete" else next(texts)) for stored in found.entries]


def _entry(exchange: Exchange, stored: Stored, text: bytes | None) -> bytes:
    method, status = _REQUESTS[stored.change if stored.version > 1 else "create"]
    if stored.change == "create" and stored.version > 1:  # written again after a deletion: told as an update
        method, status = _REQUESTS["update"]
    return bundle.history_entry(
        f"{exchange.base}/{stored.reference}",
        text,
        method,
        f"{stored.reference}/_history/{stored.version}",
        status,
        f'W/"{stored.version}"',
    )
