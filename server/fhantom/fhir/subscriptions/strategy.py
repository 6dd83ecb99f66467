"""How HAPI would match a Subscription, which it writes into the tags of each that is live (HAPI 8.8.0, asked)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Version
from fhantom.fhir import conditions, parameters
from fhantom.fhir.subscriptions.subscriber import read

Resource = dict[str, Any]

SYSTEM = "http://hapifhir.io/fhir/StructureDefinition/subscription-matching-strategy"
DISPLAYS = {"IN_MEMORY": "In-memory", "DATABASE": "Database", "TOPIC": "SubscriptionTopic"}


def strategy_of(version: Version, resource: Resource) -> str | None:
    """The code of the strategy; None for a Subscription that is not live."""
    subscriber = read(version, resource)
    if not subscriber.is_live:
        return None
    if version == "R5":
        return "TOPIC"
    names = [name for name, _ in parameters.parse(subscriber.criteria.partition("?")[2])]
    return "DATABASE" if any(map(conditions.needs_store, names)) else "IN_MEMORY"


def marked(version: Version, resource: Resource, meta: Resource) -> Resource:
    """`meta` of a Subscription with its strategy as the last tag, in place of an earlier one."""
    code = strategy_of(version, resource)
    if code is None:
        return meta
    others = [tag for tag in meta.get("tag", []) if tag.get("system") != SYSTEM]
    return {**meta, "tag": [*others, {"system": SYSTEM, "code": code, "display": DISPLAYS[code]}]}
