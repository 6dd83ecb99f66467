"""$reindex and its older names: index anew what was stored before the SearchParameters that are there now."""

from __future__ import annotations

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered
from fhantom.resources import store


def run(exchange: Exchange, target: Target) -> Answer:
    """Index all resources by the present parameters; tells how many there were."""
    count = store.reindex_all(exchange.world, exchange.version)
    return answered({"name": "count", "valueInteger": count})
