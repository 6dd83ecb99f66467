"""What a Subscription asks for, read into one shape from R4's criteria and from R5's topics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Version
from fhantom.fhir import parameters
from fhantom.fhir.parameters import Pairs
from fhantom.resources import dates
from fhantom.resources.records import Change

Resource = Mapping[str, Any]

REST_HOOK, WEBSOCKET = "rest-hook", "websocket"
CHANNELS = (REST_HOOK, WEBSOCKET)
LIVE = ("requested", "active")
"""The statuses in which a Subscription is told of what happens."""

JSON, XML = "application/fhir+json", "application/fhir+xml"
MEDIA_TYPES = {
    **dict.fromkeys((JSON, "application/json", "application/json+fhir", "text/json", "json"), JSON),
    **dict.fromkeys((XML, "application/xml", "application/xml+fhir", "text/xml", "xml"), XML),
}
"""What a payload may be called, and the type that it is sent as."""

_TYPES = re.compile(r"\[([\w\s,*]+)\]")
_EVERY: tuple[Change, ...] = ("create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One kind of change that is told (SubscriptionTopic.resourceTrigger, Subscription.criteria of R4).

    Attributes:
        resource_type: empty for every type.
        changes: the interactions that count.
        current: search parameters that the resource must fulfil after the change; None if that does not matter.
        previous: the same before the change.
        require_both: one of the two is not enough.
        on_create: what `previous` gives where there was nothing before.
        on_delete: what `current` gives where nothing is left.
    """

    resource_type: str
    changes: tuple[Change, ...] = ("create", "update")
    current: Pairs | None = None
    previous: Pairs | None = None
    require_both: bool = False
    on_create: bool = True
    on_delete: bool = True


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A Subscription of either version.

    Attributes:
        headers: sent as they were given.
        media_type: of what is sent; empty for a call without a body, which only R4 knows.
        content: how much of a resource is told: empty, id-only, full-resource.
        heartbeat: seconds of silence after which a sign of life is sent; 0 for never.
        end: from when on nothing is told; milliseconds since 1970, None for never.
        filters: what each changed resource must fulfil besides, by resource type (empty: any).
    """

    version: Version
    status: str
    channel: str
    endpoint: str
    headers: tuple[tuple[str, str], ...]
    media_type: str
    content: str
    heartbeat: int = 0
    timeout: int = 0
    end: int | None = None
    criteria: str = ""
    topic: str = ""
    filters: tuple[tuple[str, tuple[str, str]], ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it is to be told of anything at all."""
        return self.status in LIVE

    @property
    def shakes_hands(self) -> bool:
        """Whether its endpoint has to answer before it is active (R5 subscription 3.2.14.3.1)."""
        return self.version == "R5" and self.channel == REST_HOOK


def read(version: Version, resource: Resource) -> Subscriber:
    """The subscriber of a Subscription; what is absent or cannot be told is empty."""
    return _of_r4(resource) if version == "R4" else _of_r5(resource)


def _of_r4(resource: Resource) -> Subscriber:
    channel = resource.get("channel", {})
    payload = channel.get("payload", "")
    return Subscriber(
        version="R4",
        status=resource.get("status", ""),
        channel=channel.get("type", ""),
        endpoint=channel.get("endpoint", ""),
        headers=tuple(_header(line) for line in channel.get("header", ()) if ":" in line),
        media_type=media_type(payload) if payload else "",
        content="full-resource" if payload else "empty",
        end=_milliseconds(resource.get("end")),
        criteria=resource.get("criteria", ""),
    )


def _of_r5(resource: Resource) -> Subscriber:
    return Subscriber(
        version="R5",
        status=resource.get("status", ""),
        channel=resource.get("channelType", {}).get("code", ""),
        endpoint=resource.get("endpoint", ""),
        headers=tuple((row.get("name", ""), row.get("value", "")) for row in resource.get("parameter", ())),
        media_type=media_type(resource.get("contentType", JSON)),
        content=resource.get("content", "empty"),
        heartbeat=resource.get("heartbeatPeriod", 0),
        timeout=resource.get("timeout", 0),
        end=_milliseconds(resource.get("end")),
        topic=resource.get("topic", "").partition("|")[0],
        filters=tuple((_named(row.get("resourceType", "")), _filter(row)) for row in resource.get("filterBy", ())),
    )


def media_type(text: str) -> str:
    """The FHIR type that a payload's name means, empty if none."""
    return MEDIA_TYPES.get(text.partition(";")[0].strip().lower(), "")


def triggers_of_criteria(criteria: str) -> tuple[Trigger, ...]:
    """What R4's criteria stand for: `Observation?code=x`; as HAPI takes them, `[Patient,Observation]` and `[*]` too."""
    if several := _TYPES.fullmatch(criteria.strip()):
        names = [name.strip() for name in several[1].split(",")]
        return tuple(Trigger("" if name == "*" else name) for name in names)
    resource_type, _, query = criteria.partition("?")
    return (Trigger(resource_type, current=parameters.parse(query)),)


def triggers_of_topic(topic: Resource) -> tuple[Trigger, ...]:
    """What a SubscriptionTopic's triggers stand for."""
    return tuple(_trigger(row) for row in topic.get("resourceTrigger", ()))


def _trigger(row: Resource) -> Trigger:
    query = row.get("queryCriteria", {})
    return Trigger(
        _named(row.get("resource", "")),
        tuple(row.get("supportedInteraction", ())) or _EVERY,
        current=_query(query.get("current")),
        previous=_query(query.get("previous")),
        require_both=query.get("requireBoth", False),
        on_create=query.get("resultForCreate", "test-passes") == "test-passes",
        on_delete=query.get("resultForDelete", "test-passes") == "test-passes",
    )


def _query(text: str | None) -> Pairs | None:
    return None if text is None else parameters.parse(text.rpartition("?")[2])


def _named(uri: str) -> str:
    """`Patient` of `http://hl7.org/fhir/StructureDefinition/Patient`; empty for what stands for all types."""
    name = uri.rpartition("/")[2]
    return "" if name in ("Resource", "DomainResource") else name


def _filter(row: Resource) -> tuple[str, str]:
    modifier = f":{row['modifier']}" if row.get("modifier") else ""
    comparator = row.get("comparator", "")
    prefix = "" if comparator == "eq" else comparator
    return f"{row.get('filterParameter', '')}{modifier}", f"{prefix}{row.get('value', '')}"


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _milliseconds(instant: str | None) -> int | None:
    return None if instant is None else dates.parse(instant).low


def filters_for(subscriber: Subscriber, resource_type: str) -> Sequence[tuple[str, str]]:
    """The filters that a changed resource of a type must fulfil."""
    return [pair for name, pair in subscriber.filters if name in ("", resource_type)]
