"""$reindex and its older names: index anew what was stored before the SearchParameters that are there now.

The real server answers before the work is done, under an address that tells how it stands. Here it is done at once;
the job is its own name, so any worker answers for it and nothing is kept.
"""

from __future__ import annotations

from fhantom.definitions.jsontext import dump_json
from fhantom.fhir import sessions
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered, with_parameters
from fhantom.fhir.outcomes import Refusal, issue, outcome
from fhantom.fhir.parameters import parse
from fhantom.resources import store
from fhantom.resources.refusal import SearchRefusal

_STATUS = "$hapi.fhir.reindex-status"


def run(exchange: Exchange, target: Target) -> Answer:
    """Index all resources by the present parameters, whatever part of them is asked for, or tell that it was done."""
    exchange = with_parameters(exchange)
    match exchange.path:
        case "$reindex":
            return _accepted(exchange)
        case "$mark-all-resources-for-reindexing":
            return answered({"name": "status", "valueString": "all resources are to be indexed anew"})
        case "$perform-reindexing-pass":
            count = store.reindex_all(exchange.world, exchange.version)
            return answered({"name": "status", "valueString": f"{count} resources are indexed anew"})
        case _:
            return _status(exchange)


def _accepted(exchange: Exchange) -> Answer:
    for url in exchange.every("url"):
        _check(exchange, url)
    store.reindex_all(exchange.world, exchange.version)
    job = sessions.Session(exchange.world.chance.uuid(), exchange.path, (), 0, exchange.now())
    where = f"{exchange.base}/{_STATUS}?_jobId={sessions.token(exchange.world, job)}"
    issues = [issue("information", "informational", f"the job is accepted; {where} tells how it stands")]
    if "respond-async" not in exchange.header("prefer"):
        words = "it runs asynchronously all the same, but should be asked for with Prefer: respond-async"
        issues.append(issue("warning", "required", words))
    return Answer(202, (("Content-Location", where),), dump_json(outcome(*issues)))


def _check(exchange: Exchange, url: str) -> None:
    """Refuse a `Type?parameters` of no resource type by 1684, of unknown parameters by 0488."""
    resource_type, _, query = url.partition("?")
    if not exchange.definitions.is_resource(resource_type):
        raise Refusal("1684", type=resource_type)
    with exchange.world.reading() as connection:
        try:
            understood(exchange, connection, resource_type, parse(query))
        except SearchRefusal as refusal:
            parameter = refusal.values.get("parameter", "")
            raise Refusal("0488", url=url, type=resource_type, parameter=parameter) from None


def _status(exchange: Exchange) -> Answer:
    name = exchange.first("_jobId")
    if not name:
        raise Refusal("1769")
    try:
        sessions.resumed(exchange.world, name, exchange.now())
    except Refusal:
        raise Refusal("2787", job=name) from None
    return Answer(content=dump_json(outcome(issue("information", "informational", "the job is done"))))
