"""What is refused of Subscriptions and their topics, as HAPI refuses it also where nobody is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from fhantom.errors import FhantomError
from fhantom.fhir import conditions, parameters
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal, refusal_of
from fhantom.fhir.parameters import Pairs
from fhantom.fhir.subscriptions.sending import NotDelivered, check_allowed
from fhantom.fhir.subscriptions.subscriber import (
    CHANNELS,
    REST_HOOK,
    Subscriber,
    Trigger,
    filters_for,
    media_type,
    read,
    triggers_of_criteria,
    triggers_of_topic,
)
from fhantom.fhir.subscriptions.watching import topic_of
from fhantom.wire.notes import Finding

Resource = dict[str, Any]

_ENDPOINT = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_STORED_ONLY = "a Subscription is stored and nobody is told"


def check_subscription(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    """Refuse a Subscription that nobody could be told by; one that is off or in error may be as it likes."""
    if exchange.world.settings.subscriptions:
        exchange.notes.findings.append(Finding("fhir-subscriptions", _STORED_ONLY, "the defaults of HAPI's starter"))
    subscriber = read(exchange.version, resource)
    if not subscriber.status:
        raise Refusal("0008")
    if not subscriber.is_live:
        return
    triggers = _triggers(exchange, connection, subscriber)
    _check_channel(exchange, subscriber, resource)
    for trigger in triggers:
        filters = tuple(filters_for(subscriber, trigger.resource_type))
        _check_searches(exchange, connection, trigger.resource_type, (trigger.current or (), filters), "0009")


def check_topic(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    """Refuse a SubscriptionTopic whose criteria cannot be asked.

    Where topics are heeded, criteria need not name the type again, as the specification's own examples do not.
    """
    if not resource.get("status"):
        raise Refusal("2338")
    if resource["status"] != "active":
        return
    if not exchange.world.settings.subscriptions:
        for row in resource.get("resourceTrigger", []):
            for text in row.get("queryCriteria", {}).values():
                if isinstance(text, str) and ("?" in text or "=" in text):
                    _check_type(exchange, text.partition("?")[0])
    for trigger in triggers_of_topic(resource):
        searches = (trigger.current or (), trigger.previous or ())
        if any(searches):
            _check_searches(exchange, connection, trigger.resource_type, searches, "2339")


def _triggers(exchange: Exchange, connection: Connection, subscriber: Subscriber) -> tuple[Trigger, ...]:
    if subscriber.version == "R5":
        topic = topic_of(exchange.world, connection, subscriber.topic)
        if topic is None:
            raise Refusal("2322", topic=subscriber.topic)
        return triggers_of_topic(topic) if exchange.world.settings.subscriptions else ()
    criteria = subscriber.criteria.strip()
    if not criteria:
        raise Refusal("0011")
    if criteria[0] != "[":
        if not criteria[0].isalpha():
            raise Refusal("0012", criteria=criteria)
        _check_type(exchange, criteria.partition("?")[0])
        if "?" not in criteria:
            raise Refusal("0014", criteria=criteria)
    return triggers_of_criteria(criteria)


def _check_channel(exchange: Exchange, subscriber: Subscriber, resource: Resource) -> None:
    if not subscriber.channel:
        raise Refusal("0020")
    if subscriber.channel == "message" and not subscriber.endpoint.startswith("channel:"):
        raise Refusal("0017", endpoint=subscriber.endpoint)
    if exchange.world.settings.subscriptions and subscriber.channel not in CHANNELS:
        raise Refusal("subscription channel", value=subscriber.channel, known=" and ".join(CHANNELS))
    if subscriber.channel != REST_HOOK:
        return
    payload = resource.get("channel", {}).get("payload") or resource.get("contentType")
    if payload and not media_type(payload):
        raise Refusal("1985", value=payload)
    if not subscriber.endpoint:
        raise Refusal("0021")
    if not _ENDPOINT.match(subscriber.endpoint):
        raise Refusal("2545", value=subscriber.endpoint)
    if not exchange.world.settings.subscriptions:
        return
    try:
        check_allowed(subscriber.endpoint, loopback_only=exchange.world.settings.subscription_targets == "loopback")
    except NotDelivered as error:
        raise Refusal("subscription endpoint", cause=error) from None


def _check_type(exchange: Exchange, resource_type: str) -> None:
    if not exchange.definitions.is_resource(resource_type):
        raise Refusal("0013", type=resource_type)


def _check_searches(
    exchange: Exchange, connection: Connection, resource_type: str, searches: Iterable[Pairs], number: str
) -> None:
    if not resource_type:
        return
    _check_type(exchange, resource_type)
    for pairs in searches:
        try:
            url = f"{resource_type}?{parameters.written(pairs)}"
            conditions.understood(exchange, connection, url, may_be_empty=True)
        except FhantomError as error:
            criteria = "&".join(f"{name}={value}" for name, value in pairs)
            raise Refusal(number, criteria=criteria, cause=refusal_of(error).message) from None
