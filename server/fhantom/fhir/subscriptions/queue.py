"""Subscribers of a world, and what each is still to be told, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from fhantom.definitions import Version
from fhantom.fhir.subscriptions import tables

LONGEST = 1000
"""Notices that a subscriber may leave waiting."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A Subscription that is requested or active, and how far its subscriber has been told.

    Attributes:
        key: of the Subscription.
        digest: of the Subscription's text as it was last looked at.
        active: whether events are told; before that, only a handshake is.
        events: how many there were.
        failures: in a row.
        due: the next attempt is not before that; milliseconds since 1970.
        told: when it was last told something; milliseconds since 1970.
    """

    key: int
    release: Version
    id: str
    digest: bytes
    active: bool
    events: int = 0
    failures: int = 0
    due: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told.

    Attributes:
        number: 0 until it is in the queue.
        kind: handshake, heartbeat or event-notification.
        event: its number for the subscriber.
        moment: when it happened; milliseconds since 1970.
        type, id, version: of the resource that changed; empty for what is no event.
    """

    subscriber: int
    kind: str
    event: int
    moment: int
    type: str = ""
    id: str = ""
    version: int = 0
    number: int = 0


def watched(connection: Connection) -> dict[int, Watched]:
    """All subscribers by key."""
    rows = connection.execute(select(tables.subscriber))
    return {row.key: Watched(**{**row._mapping, "active": bool(row.active)}) for row in rows}


def keep(connection: Connection, subscribers: Iterable[Watched]) -> None:
    """Add subscribers, or replace what is known of them."""
    rows = [{**asdict(one), "active": int(one.active)} for one in subscribers]
    if rows:
        statement = upsert(tables.subscriber)
        columns = {name: statement.excluded[name] for name in rows[0] if name != "key"}
        connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=columns), rows)


def drop(connection: Connection, key: int) -> None:
    """Forget a subscriber and what it was still to be told."""
    connection.execute(delete(tables.subscriber).where(tables.subscriber.c.key == key))
    connection.execute(delete(tables.notice).where(tables.notice.c.subscriber == key))


def add(connection: Connection, notices: Iterable[Notice]) -> None:
    """Put notices at the end of the queue."""
    rows = [{name: value for name, value in asdict(one).items() if name != "number"} for one in notices]
    if rows:
        connection.execute(insert(tables.notice), rows)


def firsts(connection: Connection) -> dict[int, Notice]:
    """The oldest notice of each subscriber that has one."""
    column = tables.notice.c
    oldest = select(func.min(column.number)).group_by(column.subscriber)
    rows = connection.execute(select(tables.notice).where(column.number.in_(oldest)))
    return {row.subscriber: Notice(**row._mapping) for row in rows}


def waiting(connection: Connection) -> dict[int, int]:
    """How many notices wait for each subscriber that has some."""
    column = tables.notice.c.subscriber
    rows = connection.execute(select(column, func.count()).group_by(column))
    return {key: count for key, count in rows}


def told(connection: Connection, notice: Notice, now: int) -> None:
    """A notice has arrived: take it out and forget failures."""
    connection.execute(delete(tables.notice).where(tables.notice.c.number == notice.number))
    column = tables.subscriber.c
    row = {"failures": 0, "due": 0, "told": now}
    connection.execute(update(tables.subscriber).where(column.key == notice.subscriber).values(row))


def failed(connection: Connection, notice: Notice, failures: int, due: int) -> None:
    """A notice has not arrived: keep it for another attempt at `due`."""
    column = tables.subscriber.c
    row = {"failures": failures, "due": due}
    connection.execute(update(tables.subscriber).where(column.key == notice.subscriber).values(row))
