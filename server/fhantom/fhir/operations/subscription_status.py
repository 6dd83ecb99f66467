"""$status of Subscriptions: how many events there were (FHIR R5 subscription-operation-status)."""

from __future__ import annotations

from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import dump_json
from fhantom.fhir import bundle
from fhantom.fhir.exchange import Answer, Exchange, instant
from fhantom.fhir.operations.target import Target, instance
from fhantom.fhir.parameters import commas
from fhantom.fhir.reading import unsupported
from fhantom.fhir.subscriptions import queue
from fhantom.fhir.subscriptions.notifying import status_of
from fhantom.fhir.subscriptions.watching import subscriber_of
from fhantom.resources import store


def run(exchange: Exchange, target: Target) -> Answer:
    """A searchset of one SubscriptionStatus for each Subscription asked for."""
    if not exchange.world.settings.subscriptions or exchange.version == "R4":
        raise unsupported(exchange)
    with exchange.world.reading() as connection:
        found = store.all_of(connection, exchange.version, "Subscription")
        known = queue.watched(connection)
    wanted = commas(exchange.every("id"))
    if target.id:
        found = [instance(exchange, target)]
    elif wanted:
        found = [stored for stored in found if stored.id in wanted]
    entries = []
    for stored in found:
        subscriber = subscriber_of(exchange.world, stored.release, stored.digest)
        assert subscriber is not None, "what is present has a text"
        status = status_of(exchange.base, subscriber, stored.id, known.get(stored.key), "query-status")
        text = dump_json(canonical(exchange.version, status))
        entries.append(bundle.search_entry(bundle.quoted(f"urn:uuid:{status['id']}"), text, b"match"))
    frame = bundle.Frame("searchset", exchange.world.chance.uuid(), instant(exchange.now()), total=len(entries))
    return Answer(content=bundle.written(frame, entries))
