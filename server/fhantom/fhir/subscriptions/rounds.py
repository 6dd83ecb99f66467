"""Telling the subscribers of one world what there is to tell; whoever calls holds the world's lease."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.fhir.subscriptions import queue, statuses
from fhantom.fhir.subscriptions.notifying import Call, call_of
from fhantom.fhir.subscriptions.queue import Notice, Watched
from fhantom.fhir.subscriptions.sending import TIMEOUT, NotDelivered, send
from fhantom.fhir.subscriptions.subscriber import REST_HOOK, Subscriber
from fhantom.fhir.subscriptions.watching import ORIGIN, subscriber_of, watch
from fhantom.resources import store
from fhantom.resources.records import Draft
from fhantom.world import World, facts
from fhantom.world.scratch import Scratch

MOST_FAILURES = 6
"""Attempts in a row, with waits of 1, 2, 4, 8 and 16 seconds between them, until a Subscription is given up."""

_WAIT = 1000
_AT_ONCE = 8  # endpoints that are called at the same time
_ROOTS: dict[Version, str] = {"R5": "/fhir", "R4": "/fhir-r4"}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One call that is due, and what it is about."""

    watched: Watched
    notice: Notice
    call: Call
    timeout: float


def work(world: World, scratch: Scratch) -> bool:
    """Read the log and tell everything that is due; whether anything waits for time to pass."""
    loopback_only = world.settings.subscription_targets == "loopback"
    with ThreadPoolExecutor(_AT_ONCE, "fhantom-subscriptions") as pool:
        while True:
            while watch(world, scratch):
                pass
            _beat(world)
            due, waits = _due(world)
            if not due:
                return waits
            outcomes = pool.map(lambda delivery: _tried(delivery, loopback_only=loopback_only), due)
            _note(world, zip(due, outcomes, strict=True))


def _due(world: World) -> tuple[list[_Delivery], bool]:
    """The calls to be made now, one a subscriber, and whether others wait for their time."""
    now = world.clock.now_ms()
    due: list[_Delivery] = []
    with world.reading() as connection:
        subscribers = queue.watched(connection)
        firsts = queue.firsts(connection)
        origin = facts.get(connection, ORIGIN) or ""
        waits = any(_heartbeat(world, watched, _asked(world, watched)) for watched in subscribers.values())
        for key, notice in firsts.items():
            watched = subscribers[key]
            if watched.due > now:
                waits = True
                continue
            subscriber = _asked(world, watched)
            base = origin + _ROOTS[watched.release]
            call = call_of(world, connection, base, subscriber, watched, notice)
            due.append(_Delivery(watched, notice, call, min(subscriber.timeout or TIMEOUT, TIMEOUT)))
    return due, waits


def _tried(delivery: _Delivery, *, loopback_only: bool) -> str:
    """What went wrong, empty if nothing did."""
    try:
        send(delivery.call, loopback_only=loopback_only, timeout=delivery.timeout)
    except NotDelivered as error:
        return str(error)
    return ""


def _note(world: World, outcomes: Iterable[tuple[_Delivery, str]]) -> None:
    now = world.clock.now_ms()
    with world.reading() as connection:
        changes = [(delivery, problem, _change(world, connection, delivery, problem)) for delivery, problem in outcomes]
    with world.writing() as connection:
        for delivery, problem, change in changes:
            failures = delivery.watched.failures + 1
            if not problem:
                queue.told(connection, delivery.notice, now)
            elif failures < MOST_FAILURES:
                queue.failed(connection, delivery.notice, failures, now + _WAIT * 2 ** (failures - 1))
            else:
                queue.drop(connection, delivery.watched.key)
            statuses.store_all(world, connection, [change] if change else [])


def _change(world: World, connection: Connection, delivery: _Delivery, problem: str) -> tuple[Draft, int] | None:
    """The new status of a Subscription whose handshake was answered or that has failed for good."""
    watched = delivery.watched
    if problem and watched.failures + 1 >= MOST_FAILURES:
        status = "error"
    elif not problem and delivery.notice.kind == "handshake":
        status = "active"
    else:
        return None
    present = store.read(connection, watched.release, "Subscription", watched.id)
    if present is None or present.digest != watched.digest:  # the client has changed it meanwhile
        return None
    return statuses.prepared(world, connection, present, status, problem)


def _beat(world: World) -> None:
    """Note a heartbeat for each subscriber that was told nothing for as long as it allows; end those that are over."""
    now = world.clock.now_ms()
    with world.reading() as connection:
        present = {
            watched: store.read(connection, watched.release, "Subscription", watched.id)
            for watched in queue.watched(connection).values()
        }
        waiting = queue.waiting(connection)
        over: list[Watched] = []
        ended: list[tuple[Draft, int]] = []
        beats: list[Notice] = []
        for watched, stored in present.items():
            if stored is None:  # expunged, which leaves nothing in the log
                over.append(watched)
                continue
            subscriber = _asked(world, watched)
            if subscriber.end is not None and subscriber.end <= now:
                over.append(watched)
                if stored.digest == watched.digest:
                    ended.append(statuses.prepared(world, connection, stored, "off"))
            elif (period := _heartbeat(world, watched, subscriber)) and watched.key not in waiting:
                beats += [Notice(watched.key, "heartbeat", 0, now)] if watched.told + period * 1000 <= now else []
    if not beats and not over:
        return
    with world.writing() as connection:
        queue.add(connection, beats)
        for watched in over:
            queue.drop(connection, watched.key)
        statuses.store_all(world, connection, ended)


def _heartbeat(world: World, watched: Watched, subscriber: Subscriber) -> int:
    """Seconds between signs of life; 0 for none. R4 knows none (R5 subscription 3.2.14.3.2)."""
    if subscriber.version == "R4" or subscriber.channel != REST_HOOK or not watched.active:
        return 0
    return subscriber.heartbeat or world.settings.subscription_heartbeat


def _asked(world: World, watched: Watched) -> Subscriber:
    subscriber = subscriber_of(world, watched.release, watched.digest)
    assert subscriber is not None, "what is watched has a text"
    return subscriber
