"""From the log of versions to notices: what each subscriber is to be told of what was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import load_json
from fhantom.fhir.subscriptions import queue, statuses
from fhantom.fhir.subscriptions.matching import Matcher
from fhantom.fhir.subscriptions.queue import Notice, Watched
from fhantom.fhir.subscriptions.subscriber import (
    WEBSOCKET,
    Subscriber,
    Trigger,
    filters_for,
    read,
    triggers_of_criteria,
    triggers_of_topic,
)
from fhantom.resources import store, understanding
from fhantom.resources.records import Draft, Stored
from fhantom.world import World, facts
from fhantom.world.scratch import Scratch

CURSOR = "subscriptions"  # the fact that tells how far the log has been read
ORIGIN = "subscriptions-origin"  # and where this server is found
_BATCH = 500


def begin(world: World, origin: str) -> None:
    """Watch a world from now on; what was written before is told to nobody.

    Args:
        origin: what the addresses in notifications begin with; the last one that a client wrote by counts.
    """
    with world.reading() as connection:
        if facts.get(connection, ORIGIN) == origin:
            return
    with world.writing() as connection:
        facts.put(connection, ORIGIN, origin)
        if facts.get(connection, CURSOR) is None:
            facts.put(connection, CURSOR, str(store.latest(connection)))
            for version in ("R5", "R4"):
                for stored in store.all_of(connection, version, "Subscription"):
                    known = _registered(stored, subscriber_of(world, stored.release, stored.digest), None)
                    queue.keep(connection, [known] if known else [])


def watch(world: World, scratch: Scratch) -> bool:
    """Read on in the log and note what is to be told; whether there may be more to read."""
    with world.reading() as connection:
        cursor = facts.get(connection, CURSOR)
        if cursor is None:
            return False
        latest = store.latest(connection)
        changes = store.changes(connection, int(cursor), _BATCH)
        look = _Look(world, connection, scratch)
        for _, changed in changes:
            look.at(changed)
    if latest == int(cursor):
        return False
    with world.writing() as connection:
        if facts.get(connection, CURSOR) != cursor:  # another process was quicker
            return True
        if changes and store.changes(connection, changes[-1][0] - 1, 1) != changes[-1:]:
            return True  # expunged meanwhile, and its place may be another's by now
        facts.put(connection, CURSOR, str(changes[-1][0] if changes else latest))
        for key in look.gone:
            queue.drop(connection, key)
        queue.keep(connection, look.known.values())
        queue.add(connection, look.notices)
        statuses.store_all(world, connection, look.statuses)
    return len(changes) == _BATCH or bool(look.statuses)  # which are in the log as well


class _Look:
    """One pass over changes in their order: who subscribes at that moment, and what each is to be told."""

    def __init__(self, world: World, connection: Connection, scratch: Scratch) -> None:
        self.known = queue.watched(connection)
        self.gone: set[int] = set()
        self.notices: list[Notice] = []
        self.statuses: list[tuple[Draft, int]] = []
        self._waiting = queue.waiting(connection)
        self._world = world
        self._connection = connection
        self._matcher = Matcher(world, connection, scratch)
        self._triggers: dict[int, tuple[Subscriber, tuple[Trigger, ...]]] = {}

    def at(self, changed: Stored) -> None:
        """Take one change into account."""
        for key, watched in list(self.known.items()):
            if watched.release == changed.release and watched.active and key != changed.key:
                self._match(watched, changed)
        if changed.type == "Subscription":
            self._subscription(changed)
        elif changed.type == "SubscriptionTopic":
            self._triggers.clear()

    def _match(self, watched: Watched, changed: Stored) -> None:
        subscriber, triggers = self._asked(watched)
        if subscriber.end is not None and changed.updated >= subscriber.end:
            return
        filters = tuple(filters_for(subscriber, changed.type))
        if not any(self._matcher.triggers(trigger, changed, filters) for trigger in triggers):
            return
        counted = self.known[watched.key] = replace(watched, events=watched.events + 1)
        if subscriber.channel == WEBSOCKET:  # a client at a socket is told that there is something, and asks itself
            return
        waiting = self._waiting[watched.key] = self._waiting.get(watched.key, 0) + 1
        if waiting > queue.LONGEST:
            self._give_up(watched)
            return
        about = (changed.type, changed.id, changed.version)
        self.notices.append(Notice(watched.key, "event-notification", counted.events, changed.updated, *about))

    def _give_up(self, watched: Watched) -> None:
        present = store.read(self._connection, watched.release, "Subscription", watched.id)
        self._forget(watched.key)
        if present is not None and present.digest == watched.digest:
            words = f"more than {queue.LONGEST} notifications wait"
            self.statuses.append(statuses.prepared(self._world, self._connection, present, "error", words))

    def _forget(self, key: int) -> None:
        self.known.pop(key, None)
        self.gone.add(key)
        self.notices = [notice for notice in self.notices if notice.subscriber != key]

    def _subscription(self, changed: Stored) -> None:
        subscriber = subscriber_of(self._world, changed.release, changed.digest)
        before = self.known.get(changed.key)
        known = _registered(changed, subscriber, before)
        self._triggers.pop(changed.key, None)
        if known is None:
            self._forget(changed.key)
            return
        self.known[changed.key] = known
        if subscriber is not None and subscriber.status == "requested":
            if subscriber.shakes_hands:
                self.notices.append(Notice(changed.key, "handshake", 0, changed.updated))
            else:
                draft, version = statuses.prepared(self._world, self._connection, changed, "active")
                self.statuses.append((draft, version))
                self.known[changed.key] = replace(known, digest=draft.digest)

    def _asked(self, watched: Watched) -> tuple[Subscriber, tuple[Trigger, ...]]:
        found = self._triggers.get(watched.key)
        if found is None:
            subscriber = subscriber_of(self._world, watched.release, watched.digest)
            assert subscriber is not None, "what is watched has a text"
            found = self._triggers[watched.key] = (subscriber, self._triggers_of(subscriber))
        return found

    def _triggers_of(self, subscriber: Subscriber) -> tuple[Trigger, ...]:
        if subscriber.version == "R4":
            return triggers_of_criteria(subscriber.criteria)
        topic = topic_of(self._world, self._connection, subscriber.topic)
        return triggers_of_topic(topic) if topic else ()


def subscriber_of(world: World, version: Any, digest: bytes | None) -> Subscriber | None:
    """The subscriber of a Subscription's text; None of a deletion."""
    return None if digest is None else read(version, load_json(world.texts.get(digest)))


def topic_of(world: World, connection: Connection, url: str) -> dict[str, Any] | None:
    """The SubscriptionTopic of that canonical address; None if it is not stored."""
    model = store.model_of(world, connection, "R5")
    pairs = (("url", url.replace(",", "\\,")), ("_count", "1"))
    found = store.search(world, connection, understanding.understand(model, "SubscriptionTopic", pairs)).matches
    if not url or not found:
        return None
    (body,) = store.bodies(world, found)
    topic: dict[str, Any] = load_json(body)
    return topic


def _registered(stored: Stored, subscriber: Subscriber | None, before: Watched | None) -> Watched | None:
    """What is to be known of a Subscription from a version of it on; None if it is not to be told of anything."""
    if subscriber is None or stored.digest is None or not subscriber.is_live:
        return None
    if before is not None and subscriber.status == "active":
        return replace(before, digest=stored.digest, active=True)
    active = subscriber.status == "active" or not subscriber.shakes_hands
    return Watched(stored.key, stored.release, stored.id, stored.digest, active, told=stored.updated)
