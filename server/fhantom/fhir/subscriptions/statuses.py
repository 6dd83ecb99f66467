"""The server's own writes to a Subscription: it becomes active, or is given up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored
from fhantom.resources.refusal import VersionConflict
from fhantom.world import World


def prepared(world: World, connection: Connection, stored: Stored, status: str, error: str = "") -> tuple[Draft, int]:
    """A Subscription with another status, its text kept already, and the version that it is to replace.

    Args:
        error: why it was given up, for which R4 has an element.
    """
    assert stored.digest is not None, "a deleted Subscription keeps no status"
    resource: dict[str, Any] = load_json(world.texts.get(stored.digest))
    resource["status"] = status
    if stored.release == "R4":
        resource.pop("error", None)
        if error:
            resource["error"] = error
    kept = canonical(stored.release, resource)
    model = store.model_of(world, connection, stored.release)
    draft = model.prepare(kept, dump_json(kept), stored.id)
    world.texts.put(draft.body)
    return draft, stored.version


def store_all(world: World, connection: Connection, drafts: Iterable[tuple[Draft, int]]) -> None:
    """Write them, unless the client wrote another version meanwhile, which then counts."""
    for draft, version in drafts:
        with contextlib.suppress(VersionConflict):
            store.put(connection, draft, world.clock.now_ms(), version)
