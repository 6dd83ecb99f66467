"""Search by GET and POST, and its further pages (FHIR search 3.2.1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import Connection

from fhantom.fhir import bundle, links, parameters, sessions, showing
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange, http_date, instant
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import DEFAULT_COUNT, number_of
from fhantom.fhir.parameters import first, with_query
from fhantom.fhir.reading import unsupported
from fhantom.fhir.understood import note
from fhantom.resources import store
from fhantom.resources.query import Total
from fhantom.resources.records import Page

_OF_THE_LINK = frozenset(("_getpages", "_getpagesoffset", "_count", "_bundletype", "_format", "_pretty"))


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """A page of results, and where it stands among them.

    Attributes:
        session: the search that further pages belong to.
        by_offset: the client pages by `_offset` itself; no session is kept.
        only_total: how many there are was asked, not which.
        resumed: a link of an earlier page led here.
        type: of the Bundle.
        subject: the resource type that `_elements` chooses of, where matches are of several; empty for all of them.
    """

    page: Page
    offset: int
    count: int
    session: sessions.Session
    by_offset: bool = False
    only_total: bool = False
    resumed: bool = False
    type: str = "searchset"
    subject: str = ""


def search(exchange: Exchange, resource_type: str) -> Answer:
    """The first page of a search, or the one that `_offset` names."""
    if exchange.first("_query"):
        raise unsupported(exchange)
    count = number_of(exchange, "_count")
    by_offset = number_of(exchange, "_offset")
    if by_offset is not None and by_offset < 0:
        raise Refusal("0389", value=by_offset)
    showing.part_of(exchange)
    with exchange.world.reading() as connection:
        asked = understood(exchange, connection, resource_type, exchange.pairs)
        if count is not None and count < 0:  # the real server then tells the total and lists nothing
            asked = dataclasses.replace(asked, count=0, total=Total.ACCURATE)
        note(exchange, asked, exchange.pairs)
        page = store.search(exchange.world, connection, asked)
        exchange.notes.matches = page.total
        if count is not None and count < 0:
            page = dataclasses.replace(page, matches=(), includes=(), more=True)
        elif count == 0:
            page = dataclasses.replace(page, more=False)
        listing = Listing(
            page,
            asked.offset,
            asked.count if count is None or count >= 0 else count,
            _session(exchange, page),
            by_offset is not None,
            asked.total is Total.ONLY and _is_only_total(exchange),
        )
        return listed(exchange, connection, listing)


def _is_only_total(exchange: Exchange) -> bool:
    """Whether a search that lists nothing is answered as `_summary=count` is, without links.

    The real server does so for `_count=0`, unless that is written otherwise (`00`) or stands beside `_elements`.
    """
    if parameters.summary(exchange.pairs) == "count":
        return True
    return exchange.first("_count") == "0" and not parameters.commas(exchange.every("_elements"))


def _session(exchange: Exchange, page: Page) -> sessions.Session:
    path = exchange.path.removesuffix("_search").rstrip("/")
    now = exchange.now()
    return sessions.Session(exchange.world.chance.uuid(), path, exchange.pairs, page.snapshot, now, page.position)


def resumed(exchange: Exchange) -> tuple[Exchange, sessions.Session, int, int]:
    """The search that `_getpages` names: as it was asked, its session, and the slice wanted of it."""
    session = sessions.resumed(exchange.world, exchange.first("_getpages") or "", exchange.now())
    offset = number_of(exchange, "_getpagesoffset") or 0
    count = number_of(exchange, "_count")
    pairs = tuple(pair for pair in session.pairs if pair[0] not in _OF_THE_LINK)
    forms = tuple(pair for pair in exchange.pairs if pair[0] in ("_format", "_pretty"))
    again = exchange.with_(path=session.path, pairs=(*pairs, *forms))
    return again, session, max(offset, 0), DEFAULT_COUNT if count is None else max(count, 0)


def further(exchange: Exchange, session: sessions.Session, offset: int, count: int) -> Answer:
    """A later page of a search."""
    with exchange.world.reading() as connection:
        resource_type = exchange.path.partition("/")[0]
        asked = understood(exchange, connection, resource_type, exchange.pairs)
        note(exchange, asked, exchange.pairs)
        after = session.after if session.after and session.after[0] == offset else None
        asked = dataclasses.replace(asked, offset=offset, count=count, snapshot=session.snapshot, after=after)
        page = store.search(exchange.world, connection, asked)
        session = dataclasses.replace(session, after=page.position)
        return listed(exchange, connection, Listing(page, offset, count, session, resumed=True))


def listed(exchange: Exchange, connection: Connection, listing: Listing) -> Answer:
    """The Bundle of a page."""
    page, now = listing.page, exchange.now()
    summary = parameters.summary(exchange.pairs)
    frame = bundle.Frame(
        type=listing.type,
        id=listing.session.id,
        updated=instant(now),
        total=page.total,
        links=() if listing.only_total else _links(exchange, listing),
        subsetted=listing.only_total or summary in ("true", "data"),
    )
    entries = () if listing.only_total else _entries(exchange, connection, listing)
    return Answer(200, (("Last-Modified", http_date(now)),), bundle.written(frame, entries))


def _links(exchange: Exchange, listing: Listing) -> list[links.Link]:
    part = links.Slice(listing.offset, listing.count, listing.page.more)
    url = exchange.url
    if listing.by_offset:
        return links.of_offsets(url, part, exchange.version, exchange.pairs)
    many = part.more or listing.resumed
    paging = links.Paging(
        exchange.base,
        sessions.token(exchange.world, listing.session) if many else "",
        exchange.pairs,
        first(exchange.pairs, "_pretty") in (None, "true"),
    )
    if listing.resumed:
        return links.of_session(paging.at(part.offset, part.count), paging, part, exchange.version)
    # A form's parameters stand in no link.
    self_url = url if exchange.method == "POST" else with_query(url, exchange.pairs)
    return links.of_session(self_url, paging, part, exchange.version)


def _entries(exchange: Exchange, connection: Connection, listing: Listing) -> Iterable[bytes]:
    page = listing.page
    records = (*page.matches, *page.includes)
    view = showing.view_of(exchange, connection, {stored.type for stored in records})
    bodies = store.bodies(exchange.world, records)
    base = bundle.quoted(exchange.base)[:-1]  # what follows, Type/id, needs no escape in JSON
    for at, (stored, body) in enumerate(zip(records, bodies, strict=True)):
        mode, seen = b"match", view
        if at >= len(page.matches):
            mode, seen = b"include", view.of_included(stored.type)
        elif listing.subject not in ("", stored.type):
            seen = view.of_included(stored.type)
        text = showing.shown(exchange, seen, stored, body)
        yield bundle.search_entry(b'%b/%b"' % (base, stored.reference.encode()), text, mode)
