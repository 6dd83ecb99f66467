"""What the real server demands of single resource types before it keeps them."""

from __future__ import annotations

import re
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

_KEPT_CODES = {"complete", "not-present"}
"""Contents of a CodeSystem whose codes the real server keeps besides, and of each url and version only once."""

_PATH = re.compile(r"[( ]*(?:[A-Z][A-Za-z]+\.)?[a-z]")
"""How an expression begins that leads anywhere."""

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
        if base == "DomainResource":  # which the real server takes no parameters for, as it does for Resource
            raise Refusal("1684", type=base)
        try:
            compile_expression(exchange.definitions, base, expression)
        except UnusableExpression:
            raise Refusal("1121" if _PATH.match(expression) else "1120", expression=expression) from None


def _code_system(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    if not resource.get("url") or resource.get("content", "complete") not in _KEPT_CODES:
        return
    seen: set[str] = set()
    waiting = list(resource.get("concept", []))
    while waiting:
        concept = waiting.pop()
        if (code := concept.get("code")) is not None:
            if code in seen:
                raise Refusal("2528", code=code)
            seen.add(code)
        waiting += concept.get("concept", [])
    _check_only_one(exchange, connection, resource, id, "0848", "0848")


def _concept_map(exchange: Exchange, connection: Connection, resource: Resource, id: str | None) -> None:
    if not resource.get("url"):
        raise Refusal("1766", type="ConceptMap")
    _check_only_one(exchange, connection, resource, id, "0840", "0841")


def _check_only_one(
    exchange: Exchange, connection: Connection, resource: Resource, id: str | None, bare: str, versioned: str
) -> None:
    """Refuse a second resource of the same url and version, by the number for one without a version or with one."""
    type, url, version = resource["resourceType"], resource["url"], resource.get("version")
    query = f"{type}?url={escaped(url)}&version" + (f"={escaped(version)}" if version else ":missing=true")
    for stored in conditions.matches(exchange, connection, query):
        if stored.id != id:
            raise Refusal(versioned if version else bare, type=type, url=url, existing=stored.reference)


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
    "CodeSystem": _code_system,
    "ConceptMap": _concept_map,
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
