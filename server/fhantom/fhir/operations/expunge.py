"""$expunge: remove resources with all their versions for good."""

from __future__ import annotations

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered, parameters_of, value
from fhantom.resources import store
from fhantom.world import facts

_CURSORS = ("subscriptions", "mirrored")  # facts that tell how far in the order of writing somebody has read


def run(exchange: Exchange, target: Target) -> Answer:
    """Remove what the parameters confirm, everything or one deleted resource; tells how many versions."""
    wanted = parameters_of(exchange)
    removed = 0
    with exchange.world.writing() as connection:
        if target.id and value(wanted, "expungeDeletedResources") is True:
            stored = store.read(connection, exchange.version, target.type, target.id)
            if stored is not None and stored.change == "delete":
                removed = store.expunge(connection, exchange.version, target.type, target.id)
        elif not target.type and value(wanted, "expungeEverything") is True:
            removed = store.expunge(connection, exchange.version)
        # The last places in the order are given anew; whoever has read them reads what comes there next.
        latest = store.latest(connection)
        for cursor in _CURSORS:
            if int(facts.get(connection, cursor) or 0) > latest:
                facts.put(connection, cursor, str(latest))
    return answered({"name": "count", "valueInteger": removed})
