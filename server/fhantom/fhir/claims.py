"""Conditions under which resources were created: HAPI keeps each, so that nobody creates on it twice at a time.

Where the new resource itself fulfils the condition, the next client finds it. Where HAPI cannot tell (a chain, `_has`),
only the note of the condition keeps a second client away, until the first resource is changed or deleted.
"""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir import conditions, parameters
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.records import Stored
from fhantom.world import facts


def stake(exchange: Exchange, connection: Connection, url: str, stored: Stored) -> None:
    """Note that a resource was created on a match URL in full. Refusal 2745 if another still stands for it."""
    resource_type, _, query = url.partition("?")
    pairs = parameters.parse(query)
    if not any(conditions.needs_store(name) for name, _ in pairs):
        return
    name = f"match url {exchange.version} {resource_type}?{parameters.written(pairs)}"
    id = facts.get(connection, name)
    first = store.read(connection, exchange.version, resource_type, id) if id else None
    if first is not None and first.key != stored.key and first.version == 1:
        raise Refusal("2745", url=url, reference=first.reference)
    facts.put(connection, name, stored.id)
