"""$expunge: remove resources or their earlier versions for good (HAPI's operation)."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Resource, Target, answered, parameters_of, recorded, value
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.world import facts

_CURSORS = ("subscriptions", "mirrored")  # facts that tell how far in the order of writing somebody has read
_MOST = 1000
"""Versions that one request removes where it names no limit."""


def run(exchange: Exchange, target: Target) -> Answer:
    """Remove what the parameters confirm; tells how many versions. Refusal: 1087, 2001, 0969, 0978 or 0979."""
    wanted = parameters_of(exchange)
    limit = value(wanted, "limit")
    limit = _MOST if limit is None else int(limit)
    if limit < 1:
        raise Refusal("1087", value=limit)
    if target.id:
        _check(exchange, target)
    with exchange.world.writing() as connection:
        removed = _removed(exchange, connection, target, wanted, limit)
        # The last places in the order are given anew; whoever has read them reads what comes there next.
        latest = store.latest(connection)
        for cursor in _CURSORS:
            if int(facts.get(connection, cursor) or 0) > latest:
                facts.put(connection, cursor, str(latest))
    return answered({"name": "count", "valueInteger": removed})


def _check(exchange: Exchange, target: Target) -> None:
    """Refuse what is not here, and by 0969 the current version, which nothing removes alone."""
    present = recorded(exchange, Target(target.type, target.id))
    if target.version and recorded(exchange, target).version == present.version:
        raise Refusal("0969", reference=target.reference, version=target.version)


def _removed(exchange: Exchange, connection: Connection, target: Target, wanted: Resource, limit: int) -> int:
    release, resource_type, id = exchange.version, target.type or None, target.id or None
    if not resource_type and value(wanted, "expungeEverything") is True:
        return store.expunge(connection, release)
    removed = 0
    if value(wanted, "expungeDeletedResources") is True and not target.version:
        for record in store.deleted(connection, release, resource_type, id):
            if removed < limit:
                removed += _forgotten(exchange, connection, record.type, record.id, limit - removed)
    if value(wanted, "expungePreviousVersions") is True and removed < limit:
        version = int(target.version) if target.version else None
        most = limit - removed
        removed += store.expunge_versions(connection, release, resource_type, id, version=version, limit=most)
    return removed


def _forgotten(exchange: Exchange, connection: Connection, resource_type: str, id: str, limit: int) -> int:
    """Remove a deleted resource, its earlier versions first, as far as the limit goes."""
    removed = store.expunge_versions(connection, exchange.version, resource_type, id, limit=limit)
    return removed + (store.expunge(connection, exchange.version, resource_type, id) if removed < limit else 0)
