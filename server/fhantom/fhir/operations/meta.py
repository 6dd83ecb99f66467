"""$meta, $meta-add, $meta-delete: labels of a resource, a type or the server (FHIR resource-operations)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fhantom.definitions.jsontext import dump_json, load_json, read_json
from fhantom.fhir import bodies, drafts
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange, instant
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.operations.target import Target, answered, loaded, parameters_of, recorded, value
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.criteria import MissingCondition
from fhantom.resources.identity import without_identity
from fhantom.resources.labels import relabel
from fhantom.resources.records import Stored

Meta = dict[str, Any]

Work = Callable[[Meta, Meta], Meta]

_MANY = 1_000_000  # resources with labels: all of them


def run(exchange: Exchange, target: Target) -> Answer:
    """Show or change labels; a change makes no version."""
    name = exchange.path.rpartition("$")[2]
    if name == "meta":
        meta = _of_instance(exchange, target) if target.id else _of_many(exchange, target.type)
        return answered({"name": "return", "valueMeta": meta} if meta else {"name": "return"})
    change = value(parameters_of(exchange), "meta") or _empty(exchange)
    if change is None:
        raise Refusal("0554" if name == "meta-add" else "0555")
    work = _with if name == "meta-add" else _without
    return answered({"name": "return", "valueMeta": _changed(exchange, target, change, work)})


def _empty(exchange: Exchange) -> Meta | None:
    """A Meta that was sent without any element, which is one all the same; None if none was sent."""
    if not exchange.body or bodies.body_encoding(exchange, "EXTENDED_OPERATION_TYPE") is not Encoding.JSON:
        return None
    rows = read_json(exchange.body).get("parameter")
    given = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {} if any("valueMeta" in row and row.get("name") == "meta" for row in given) else None


def _of_instance(exchange: Exchange, target: Target) -> Meta:
    stored = recorded(exchange, target)
    shown = _labelled(exchange, stored)
    if shown is None:
        return _identity(stored)
    meta: Meta = loaded(exchange, shown)["meta"]
    return meta | _identity(stored)


def _labelled(exchange: Exchange, stored: Stored) -> Stored | None:
    """The version that holds the labels: of a deletion the one before it, as labels outlast it; None if it is gone."""
    if stored.digest is not None or stored.version == 1:
        return stored if stored.digest is not None else None
    place = exchange.version, stored.type, stored.id, stored.version - 1
    with exchange.world.reading() as connection:
        before = store.vread(connection, *place)
    return None if before is None else _labelled(exchange, before)


def _identity(stored: Stored) -> Meta:
    return {"versionId": str(stored.version), "lastUpdated": instant(stored.updated)}


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


def _changed(exchange: Exchange, target: Target, change: Meta, work: Work) -> Meta:
    """The labels of a version as they are then; those of a deletion are kept where they are, before it."""
    stored = recorded(exchange, target)
    holder = _labelled(exchange, stored)
    if holder is None:
        return work(_identity(stored), change)
    resource = loaded(exchange, holder)
    meta: Meta = work(resource["meta"], change)
    kept = without_identity(resource, meta)
    with exchange.world.reading() as connection:
        model = store.model_of(exchange.world, connection, exchange.version)
    draft = model.prepare(kept, dump_json(kept), target.id)
    promise = exchange.world.promise((draft.body,))
    with exchange.world.writing(promise) as connection:
        relabel(connection, draft, holder)
    return meta | _identity(stored)
