"""$meta, $meta-add, $meta-delete: labels of a resource, a type or the server (FHIR resource-operations)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir import drafts
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered, instance, loaded, parameters_of, value
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.criteria import MissingCondition
from fhantom.resources.identity import without_identity
from fhantom.resources.labels import relabel

Meta = dict[str, Any]

_MANY = 1_000_000  # resources with labels: all of them


def run(exchange: Exchange, target: Target) -> Answer:
    """Show or change labels; a change makes no version."""
    name = exchange.path.rpartition("$")[2]
    if name == "meta":
        meta = _of_instance(exchange, target) if target.id else _of_many(exchange, target.type)
        return answered({"name": "return", "valueMeta": meta} if meta else {"name": "return"})
    change = value(parameters_of(exchange), "meta")
    if not isinstance(change, dict):
        raise Refusal("0554")
    work = _with if name == "meta-add" else _without
    return answered({"name": "return", "valueMeta": _changed(exchange, target, change, work)})


def _of_instance(exchange: Exchange, target: Target) -> Meta:
    meta: Meta = loaded(exchange, instance(exchange, target))["meta"]
    return meta


def _of_many(exchange: Exchange, resource_type: str) -> Meta:
    """The labels of all resources of a type, or of all there are, each once."""
    meta: Meta = {}
    with exchange.world.reading() as connection:
        types = (resource_type,) if resource_type else tuple(store.counts(connection, exchange.version))
        for name in types:
            for parameter in ("_profile", "_security", "_tag"):
                key = store.model_of(exchange.world, connection, exchange.version).key(name, parameter)
                labelled = (MissingCondition(key, False),) if key else ()
                asked = replace(understood(exchange, connection, name, ()), conditions=labelled, count=_MANY)
                found = store.search(exchange.world, connection, asked).matches
                for body in store.bodies(exchange.world, found):
                    meta = drafts.joined(meta, _labels(load_json(body)["meta"]))
    return meta


def _labels(meta: Meta) -> Meta:
    return {name: meta[name] for name in drafts.LABELS if name in meta}


def _with(meta: Meta, wanted: Meta) -> Meta:
    return {**meta, **drafts.joined(meta, _labels(wanted))}


def _without(meta: Meta, unwanted: Meta) -> Meta:
    kept = dict(meta)
    for name in drafts.LABELS:
        gone = [drafts.identity(label) for label in unwanted.get(name, [])]
        left = [label for label in kept.get(name, []) if drafts.identity(label) not in gone]
        kept.pop(name, None)
        if left:
            kept[name] = left
    return kept


def _changed(exchange: Exchange, target: Target, change: Meta, work: Any) -> Meta:
    stored = instance(exchange, target)
    resource = loaded(exchange, stored)
    meta: Meta = work(resource["meta"], change)
    kept = without_identity(resource, meta)
    with exchange.world.reading() as connection:
        model = store.model_of(exchange.world, connection, exchange.version)
    draft = model.prepare(kept, dump_json(kept), target.id)
    promise = exchange.world.promise((draft.body,))
    with exchange.world.writing(promise) as connection:
        relabel(connection, draft, stored)
    return meta
