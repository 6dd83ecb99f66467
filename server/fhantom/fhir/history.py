"""History of a resource, a type or the whole server (FHIR http 3.2.0.12)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir import bundle, links, parameters, showing
from fhantom.fhir.exchange import Answer, Exchange, http_date, instant
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import offset_and_count
from fhantom.resources import dates, store, values
from fhantom.resources.records import HistoryPage, Stored

_REQUESTS = {"create": ("POST", "201 Created"), "update": ("PUT", "200 OK"), "delete": ("DELETE", "200 OK")}


def history(exchange: Exchange, resource_type: str | None = None, id: str | None = None) -> Answer:
    """All versions, newest first, a page at a time; with `_since` or `_at` the total is not told."""
    offset, count = offset_and_count(exchange)
    summary = parameters.summary(exchange.pairs)
    only_total = summary == "count" or count == 0
    since, at = _since(exchange), _at(exchange)
    if since is not None and at is not None:
        raise Refusal("0553")
    low, high = (at if id else (dates.EARLIEST, at[1])) if at else (0, 0)
    with exchange.world.reading() as connection:
        if resource_type and id and store.read(connection, exchange.version, resource_type, id) is None:
            raise Refusal("2001", reference=f"{resource_type}/{id}")
        found = store.history(
            connection,
            exchange.version,
            resource_type,
            id,
            since=at[0] if at and not id else since,  # only a resource's own history shows what was current before
            at=(low, high) if at else None,
            count=count,
            offset=offset,
        )
        view = showing.view_of(exchange, connection, {stored.type for stored in found.entries})
        entries = [] if only_total else _entries(exchange, connection, view, found)
    url = exchange.url
    is_told = since is None and at is None
    more = found.more if is_told else len(found.entries) == count  # the real server then knows no more than that
    part = links.Slice(offset, count, more)
    now = exchange.now()
    frame = bundle.Frame(
        type="history",
        id=exchange.world.chance.uuid(),
        updated=instant(now),
        total=found.total if is_told else None,
        links=() if only_total else links.of_offsets(url, part, exchange.version, exchange.pairs),
        subsetted=summary in ("count", "true", "data") or count == 0,
    )
    headers = (("Content-Location", f"{exchange.base}/Bundle/{frame.id}"), ("Last-Modified", http_date(now)))
    return Answer(200, headers, bundle.written(frame, entries))


def _since(exchange: Exchange) -> int | None:
    """The instant of `_since`. Refusal: 1955 for several, 1882 or 1883 for none, 1885 for less than a second."""
    given = [value for value in exchange.every("_since") if value]
    if not given:
        return None
    if len(given) > 1 or "," in given[0]:
        raise Refusal("1955")
    period = values.moment(given[0])
    if period.high - period.low >= 1000:
        raise Refusal("1885", value=given[0])
    return period.low


def _at(exchange: Exchange) -> tuple[int, int] | None:
    """The two ends of `_at`, which may say each by a date of its own; refused as dates of searches are."""
    bounds = values.date_range([value for value in exchange.every("_at") if value])
    if not bounds:
        return None
    low, high = dates.EARLIEST, dates.LATEST
    for bound in bounds:
        scale = dates.DAY_MS if bound.by_day else 1
        if bound.prefix not in values.BEFORE:
            low = bound.low * scale
        if bound.prefix not in values.AFTER:
            high = bound.high * scale + scale - 1
    return low, high


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
