"""What the real server demands of single resource types before it keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from fhantom.fhir import conditions
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import escaped
from fhantom.fhir.subscriptions.checking import check_subscription, check_topic
from fhantom.resources.compiling import compile_expression
from fhantom.resources.refusal import UnusableExpression

Resource = dict[str, Any]
Check = Callable[[Exchange, Connection, Resource, str | None], None]

_KEPT_BUNDLES = {"collection", "document", "message"}


def _bundle(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    if (kind := resource.get("type")) not in _KEPT_BUNDLES:
        raise Refusal("0522", type=kind)


def _search_parameter(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    status = resource.get("status")
    if not status:
        raise Refusal("1112")
    if status != "active":
        return
    if resource.get("type") in ("composite", "special"):
        return
    if not resource.get("base"):
        raise Refusal("1113")
    expression = resource.get("expression")
    if not expression:
        raise Refusal("1114")
    for base in resource.get("base", []):
        try:
            compile_expression(exchange.definitions, base, expression)
        except UnusableExpression:
            raise Refusal("1120", expression=expression) from None


def _value_set(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    url = resource.get("url")
    if not url:
        raise Refusal("1766", type="ValueSet")
    query = f"ValueSet?url={escaped(url)}"
    if version := resource.get("version"):
        query += f"&version={escaped(version)}"
    for stored in conditions.matches(exchange, connection, query):
        if stored.id != id:
            raise Refusal("0902", type="ValueSet", url=url, existing=stored.reference)


CHECKS: dict[str, Check] = {
    "Bundle": _bundle,
    "SearchParameter": _search_parameter,
    "Subscription": check_subscription,
    "SubscriptionTopic": check_topic,
    "ValueSet": _value_set,
}


def check(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    """Refuse a resource that its type's rule does not let in; `id` is the one that it is to have."""
    rule = CHECKS.get(resource["resourceType"])
    if rule is not None:
        rule(exchange, connection, resource, id)
