"""What is sent to a subscriber: R4's plain resources, R5's notification bundles (R5 subscriptions 3.2.14.6)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.definitions.xmlwrite import dump_xml
from fhantom.fhir.exchange import instant
from fhantom.fhir.kept import rendered
from fhantom.fhir.subscriptions.queue import Notice, Watched
from fhantom.fhir.subscriptions.subscriber import XML, Subscriber
from fhantom.resources import store
from fhantom.resources.records import Stored
from fhantom.world import World

Resource = dict[str, Any]

# How a change is told as if a client had asked for it (Bundle.entry.request and response).
_REQUESTS = {"create": ("POST", "201"), "update": ("PUT", "200"), "delete": ("DELETE", "204")}


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a subscriber's endpoint."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def call_of(
    world: World, connection: Connection, base: str, subscriber: Subscriber, watched: Watched, notice: Notice
) -> Call:
    """The request that tells a subscriber of a notice.

    Args:
        base: address of the FHIR server that the Subscription is on.
    """
    focus = _focus(connection, subscriber.version, notice)
    if subscriber.version == "R4":
        return _plain(world, subscriber, focus)
    told = bundle(world, base, subscriber, watched, notice, focus)
    headers = (("Content-Type", f"{subscriber.media_type};charset=UTF-8"), *subscriber.headers)
    return Call("POST", subscriber.endpoint, headers, _written("R5", told, subscriber.media_type))


def _plain(world: World, subscriber: Subscriber, focus: Stored | None) -> Call:
    """R4: a POST of nothing, or a PUT of the resource below the endpoint (R4 subscription, rest-hook)."""
    if not subscriber.media_type or focus is None:
        return Call("POST", subscriber.endpoint, subscriber.headers)
    url = f"{subscriber.endpoint.rstrip('/')}/{focus.reference}"
    headers = (("Content-Type", f"{subscriber.media_type};charset=UTF-8"), *subscriber.headers)
    return Call("PUT", url, headers, _written("R4", _resource(world, focus), subscriber.media_type))


def bundle(
    world: World, base: str, subscriber: Subscriber, watched: Watched, notice: Notice, focus: Stored | None
) -> Resource:
    """The notification Bundle of R5, with as much of the focus as the subscriber wants."""
    status = status_of(base, subscriber, watched.id, watched, notice.kind)
    if notice.event:
        status["eventsSinceSubscriptionStart"] = notice.event
        status["notificationEvent"] = [_event(base, subscriber, notice)]
    entries = [
        {
            "fullUrl": f"urn:uuid:{uuid.uuid4()}",
            "resource": status,
            "request": {"method": "GET", "url": f"{base}/Subscription/{watched.id}/$status"},
            "response": {"status": "200"},
        }
    ]
    if focus is not None and subscriber.content != "empty":
        entries.append(_entry(world, base, focus, whole=subscriber.content == "full-resource"))
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "type": "subscription-notification",
        "timestamp": instant(world.clock.now_ms()),
        "entry": entries,
    }


def status_of(base: str, subscriber: Subscriber, id: str, watched: Watched | None, kind: str) -> Resource:
    """The SubscriptionStatus of a Subscription; `watched` is None of one that is not told of anything."""
    return {
        "resourceType": "SubscriptionStatus",
        "id": str(uuid.uuid4()),
        "status": subscriber.status,
        "type": kind,
        "eventsSinceSubscriptionStart": watched.events if watched else 0,
        "subscription": {"reference": f"{base}/Subscription/{id}"},
        "topic": subscriber.topic,
    }


def _event(base: str, subscriber: Subscriber, notice: Notice) -> Resource:
    event: Resource = {"eventNumber": notice.event, "timestamp": instant(notice.moment)}
    if subscriber.content != "empty":
        event["focus"] = {"reference": f"{base}/{notice.type}/{notice.id}"}
    return event


def _entry(world: World, base: str, focus: Stored, *, whole: bool) -> Resource:
    method, status = _REQUESTS[focus.change]
    entry: Resource = {"fullUrl": f"{base}/{focus.reference}"}
    if whole and focus.digest is not None:
        entry["resource"] = _resource(world, focus)
    entry["request"] = {"method": method, "url": focus.type if method == "POST" else focus.reference}
    entry["response"] = {"status": status}
    return entry


def _focus(connection: Connection, version: Version, notice: Notice) -> Stored | None:
    if not notice.type:
        return None
    return store.vread(connection, version, notice.type, notice.id, notice.version)


def _resource(world: World, stored: Stored) -> Resource:
    (body,) = store.bodies(world, (stored,))
    resource: Resource = read_json(rendered(stored, body))
    return resource


def _written(version: Version, resource: Resource, media_type: str) -> bytes:
    kept = canonical(version, resource)
    return dump_xml(version, kept) if media_type == XML else dump_json(kept)
