"""Subscriptions for tests: made, begun, and waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fhir_client import FhirClient
from listener import Listener

Resource = dict[str, Any]


def of_criteria(listener: Listener, criteria: str, **channel: Any) -> Resource:
    """A Subscription of R4; an element of the channel that is None is left out."""
    hook = {"type": "rest-hook", "endpoint": listener.url, "payload": "application/fhir+json", **channel}
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "a test",
        "criteria": criteria,
        "channel": {name: value for name, value in hook.items() if value is not None},
    }


def of_topic(listener: Listener, topic: str, **elements: Any) -> Resource:
    """A Subscription of R5."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "topic": topic,
        "channelType": {"code": "rest-hook"},
        "endpoint": listener.url,
        "content": "id-only",
        **elements,
    }


def topic(url: str, *triggers: Resource) -> Resource:
    """A SubscriptionTopic with these triggers."""
    return {"resourceType": "SubscriptionTopic", "status": "active", "url": url, "resourceTrigger": list(triggers)}


def subscribed(fhir: FhirClient, subscription: Resource) -> str:
    """The path of a new Subscription."""
    answer = fhir.post(subscription)
    assert answer.status == 201, answer.text
    return f"Subscription/{answer.json()['id']}"


def began(r5: FhirClient, listener: Listener, subscription: Resource) -> str:
    """The path of a Subscription of R5 whose handshake is done, once it is active."""
    path = subscribed(r5, subscription)
    assert status_in(listener.next().json())["type"] == "handshake"
    until(lambda: r5.get(path).json()["status"] == "active")
    return path


def until(holds: Callable[[], bool]) -> None:
    """Ask again until it holds; the server does it in a thread, which asking without a pause would starve."""
    for _ in range(20_000):
        if holds():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it does not come to hold")


def status_in(notification: Resource) -> Resource:
    """The SubscriptionStatus of a notification Bundle."""
    assert notification["type"] == "subscription-notification"
    status: Resource = notification["entry"][0]["resource"]
    return status


def given_up(fhir: FhirClient, *paths: str) -> None:
    """Delete Subscriptions, so that a module's other tests are not told to them."""
    for path in paths:
        assert fhir.send("DELETE", path).status == 200
