"""From a parsed resource to what the store takes: references settled, labels joined, identity taken out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir import checks, displays, references
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.kept import META
from fhantom.fhir.subscriptions import strategy
from fhantom.resources import store
from fhantom.resources.identity import without_identity
from fhantom.resources.records import Draft, Stored

Resource = dict[str, Any]

LABELS = ("profile", "security", "tag")
"""What is sorted and joined in meta (FHIR resource 2.1.0.4)."""

LASTING = ("security", "tag")
"""What adds up over the versions of a resource; HAPI takes the profiles of each version as they come."""


def labels_of(exchange: Exchange, connection: Connection, stored: Stored | None) -> Resource:
    """The labels in meta that last beyond a version, beyond a deletion too; empty for no version."""
    while stored is not None and stored.digest is None:
        place = exchange.version, stored.type, stored.id
        stored = store.vread(connection, *place, stored.version - 1) if stored.version > 1 else None
    if stored is None:
        return {}
    (body,) = store.bodies(exchange.world, (stored,))
    if not body.startswith(META, len(f'{{\n  "resourceType": "{stored.type}"')):
        return {}
    meta = load_json(body)["meta"]
    return {name: meta[name] for name in LASTING if name in meta}


def joined(earlier: Resource, later: Resource) -> Resource:
    """Meta with the labels of both; a coding counts once, whatever its display, and not without system and code."""
    meta = {name: value for name, value in later.items() if name[0] != "_"}
    for name in LABELS:
        have = list(earlier.get(name, []))
        known = {identity(label) for label in have}
        for label in later.get(name, []):
            if _counts(label) and identity(label) not in known:
                have.append(_plain(label))
                known.add(identity(label))
        meta.pop(name, None)
        if have:
            meta[name] = have
    return _ordered(meta)


def _ordered(meta: Resource) -> Resource:
    order = ("id", "extension", "versionId", "lastUpdated", "source", *LABELS)
    return {name: meta[name] for name in sorted(meta, key=lambda name: _rank(order, name))}


def lasting(meta: Resource, with_source: bool) -> Resource:
    """What of a meta is kept (HAPI 8.8.0, asked): an id only beside extensions, a source only if it can be searched.

    The fragment of a source names the request that wrote it; a source that is nothing else is none.
    """
    kept = dict(meta)
    source = str(kept.pop("source", "")).partition("#")[0]
    if source and with_source:
        kept["source"] = source
    if "extension" not in kept:
        kept.pop("id", None)
    return _ordered(kept)


def echoed(body: bytes, sent: Resource, is_new: bool) -> bytes:
    """The text that a write is answered with: what is kept, and of meta also what was sent and is not.

    Args:
        is_new: it has no version before, and is answered with all its labels, repeated ones too.
    """
    meta = sent.get("meta", {})
    own = {name: meta[name] for name in ("id", "source") if name in meta}
    if is_new:
        own |= {name: labels for name in LABELS if (labels := [each for each in meta.get(name, []) if _counts(each)])}
    if not own:
        return body
    kept = load_json(body)
    if all(kept.get("meta", {}).get(name) == value for name, value in own.items()):
        return body
    return dump_json(without_identity(kept, _ordered({**kept.get("meta", {}), **own})))


def _rank(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)


def identity(label: Any) -> tuple[Any, ...]:
    """What makes two labels the same: all of a coding but its display, or a profile's address."""
    if isinstance(label, dict):
        return tuple(label.get(name) for name in ("system", "code", "version", "userSelected"))
    return (label,)


def _plain(label: Any) -> Any:
    """A label without its id and extensions, which HAPI 8.8.0 keeps none of."""
    if isinstance(label, dict):
        return {name: value for name, value in label.items() if name not in ("id", "extension") and name[0] != "_"}
    return label


def _counts(label: Any) -> bool:
    """Whether a label says anything: a coding has a system or a code."""
    return any(identity(label)[:2])


def prepared(
    exchange: Exchange, connection: Connection, resource: Resource, id: str | None, earlier: Resource
) -> Draft:
    """The draft of a resource that is to be written.

    Args:
        connection: what conditional references and rules of types are looked up on.
        id: None to let the store assign one.
        earlier: the labels of the version before.
    """
    checks.check(exchange, connection, resource, id)
    meta = joined(earlier, resource.get("meta", {}))
    if "tag" in meta or "security" in meta:
        meta = displays.settled(exchange, connection, meta, earlier)
    if resource["resourceType"] == "Subscription":
        meta = strategy.marked(exchange.version, resource, meta)
    kept = without_identity(resource, lasting(meta, exchange.world.settings.search_source))
    kept.pop("_id", None)
    if "contained" in kept:
        kept["contained"] = [_named(exchange, inner) for inner in kept["contained"]]
    text = dump_json(kept)
    settled = references.settled(exchange, kept, text, references.finder(exchange, connection))
    if settled.changed:
        text = dump_json(kept)
    model = store.model_of(exchange.world, connection, exchange.version)
    draft = model.prepare(kept, text, id)
    references.check_form(exchange, kept, draft, settled.found)
    return draft


def _named(exchange: Exchange, contained: Resource) -> Resource:
    """A contained resource under its id without a type, or under one of the server's (HAPI 8.8.0, asked)."""
    id = str(contained.get("id", "")).rpartition("/")[2] or exchange.world.chance.uuid()
    rest = {name: value for name, value in contained.items() if name not in ("resourceType", "id")}
    return {"resourceType": contained["resourceType"], "id": id, **rest}
