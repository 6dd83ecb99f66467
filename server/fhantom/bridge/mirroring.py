"""What is written in one FHIR version shows in the other, if a setting asks for it.

Before a request to FHIR is answered, every change since the last look is converted and written to the other version.
Mirrored resources carry a tag; only tagged ones are replaced or deleted, and they are not mirrored back.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import Connection

from fhantom.bridge.converting import OTHER, convert
from fhantom.definitions import Version
from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored
from fhantom.world import World, facts

TAG = {"system": "urn:fhantom:origin", "code": "mirrored", "display": "Converted from the other FHIR version"}
_BATCH = 500
_NUMERIC = re.compile(r"\b([A-Z][A-Za-z]+)/(\d+)(?=$|/)")


def mirror(world: World) -> int:
    """Bring both versions up to date with each other; return how many resources were written."""
    with world.reading() as connection:
        seen = int(facts.get(connection, "mirrored") or 0)
        changes = store.changes(connection, seen, _BATCH)
    if not changes:
        return 0
    latest = {change.key: change for _, change in changes}
    with world.reading() as connection:
        drafts = [draft for change in latest.values() if (draft := _draft(world, connection, change)) is not None]
    gone = [change for change in latest.values() if change.digest is None]
    world.texts.put_many([draft.body for draft in drafts])
    now = world.clock.now_ms()
    with world.writing() as connection:
        if int(facts.get(connection, "mirrored") or 0) != seen:  # another process was quicker
            return 0
        if store.changes(connection, changes[-1][0] - 1, 1) != changes[-1:]:  # expunged meanwhile
            return 0
        written = len(store.put_many(connection, drafts, now))
        for change in gone:
            _delete(world, connection, change, now)
        facts.put(connection, "mirrored", str(changes[-1][0]))
    return written


def _draft(world: World, connection: Connection, change: Stored) -> Draft | None:
    if change.digest is None:
        return None
    resource: dict[str, Any] = read_json(world.texts.get(change.digest))
    if _is_mirrored(resource) or not _may_replace(world, connection, change):
        return None
    made = convert(change.release, resource)
    if made is None:
        return None
    target = OTHER[change.release]
    meta = made.setdefault("meta", {})
    meta["tag"] = [*meta.get("tag", ()), TAG]
    kept = canonical(target, _with_own_ids(made, change.release))
    model = store.model_of(world, connection, target)
    return model.prepare(kept, dump_json(kept), own_id(change.release, change.id))


def own_id(release: Version, id: str) -> str:
    """The id in the other version: both servers number from 1000, so numbers are told apart by their version."""
    return f"{release.lower()}-{id}" if id.isdecimal() else id


def _with_own_ids(value: Any, release: Version) -> Any:
    if isinstance(value, dict):
        return {name: _with_own_ids(one, release) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_own_ids(one, release) for one in value]
    if type(value) is str and _NUMERIC.match(value):
        return _NUMERIC.sub(lambda found: f"{found[1]}/{own_id(release, found[2])}", value)
    return value


def _may_replace(world: World, connection: Connection, change: Stored) -> bool:
    present = store.read(connection, OTHER[change.release], change.type, own_id(change.release, change.id))
    return present is None or present.digest is None or _is_mirrored(json.loads(world.texts.get(present.digest)))


def _is_mirrored(resource: dict[str, Any]) -> bool:
    return any(tag.get("code") == TAG["code"] for tag in resource.get("meta", {}).get("tag", ()))


def _delete(world: World, connection: Connection, change: Stored, now: int) -> None:
    target, id = OTHER[change.release], own_id(change.release, change.id)
    present = store.read(connection, target, change.type, id)
    if present is None or present.digest is None:
        return
    if _is_mirrored(json.loads(world.texts.get(present.digest))):
        store.delete(connection, target, change.type, id, now)
