"""The display of a label, which the whole server takes from whoever used the label first (HAPI 8.8.0, asked)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.fhir.exchange import Exchange
from fhantom.world import facts

Resource = dict[str, Any]

_LABELS = ("security", "tag")
_BEFORE_DISPLAY = ("system", "version", "code")


def settled(exchange: Exchange, connection: Connection, meta: Resource, earlier: Resource) -> Resource:
    """Meta whose labels have the displays by which they are known; new ones are known by their own from now on.

    Args:
        earlier: the labels of the version before, whose displays are settled.
    """
    found = dict(meta)
    fresh: dict[str, str] = {}
    for kind in _LABELS:
        if kind not in meta:
            continue
        before = earlier.get(kind, [])
        labels = [
            label if label in before else _known(exchange, connection, kind, label, fresh) for label in meta[kind]
        ]
        found[kind] = labels
    if fresh:
        with exchange.world.writing() as writing:
            facts.put_many(writing, fresh.items())
    return found


def _known(exchange: Exchange, connection: Connection, kind: str, label: Resource, fresh: dict[str, str]) -> Resource:
    name = _name(exchange.version, kind, label)
    display = facts.get(connection, name)
    if display is None:
        fresh[name] = str(label.get("display", ""))
        return label
    head = {key: label[key] for key in _BEFORE_DISPLAY if key in label}
    tail = {key: value for key, value in label.items() if key not in (*_BEFORE_DISPLAY, "display")}
    return {**head, **({"display": display} if display else {}), **tail}


def _name(version: Version, kind: str, label: Resource) -> str:
    """The name of the fact that holds the display of a label."""
    told = [label.get(key) for key in ("system", "code", "version", "userSelected")]
    return f"label {version} {kind} {json.dumps(told)}"
