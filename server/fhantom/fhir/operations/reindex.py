"""$reindex and its older names: index what is stored by the search parameters that there are now."""

from __future__ import annotations

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered
from fhantom.resources import store


def run(exchange: Exchange, target: Target) -> Answer:
    """Index everything anew, and say how much that was once it is done."""
    count = store.reindex_all(exchange.world, exchange.version)
    return answered({"name": "status", "valueString": f"{count} resources are indexed anew"})
