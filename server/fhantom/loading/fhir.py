"""FHIR resources from texts into a world, many in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import ParseRefusal, UnknownType, Version
from fhantom.definitions.canonical import parse_json
from fhantom.definitions.jsontext import dump_json
from fhantom.loading.report import Fate, Report
from fhantom.resources import store
from fhantom.resources.identity import without_identity
from fhantom.resources.model import SearchModel
from fhantom.resources.records import Draft
from fhantom.resources.registry import model_of
from fhantom.world import World

KIND = "FHIR"


@dataclass(frozen=True, slots=True)
class Named:
    """A draft, the name under which the report knows it, and whether a later one has the same id."""

    name: str
    draft: Draft
    superseded: bool = False


def search_model(world: World, release: Version) -> SearchModel:
    """The search parameters that the world goes by."""
    with world.reading() as connection:
        return model_of(world, connection, release)


def draft_of(model: SearchModel, resource: dict[str, Any], id: str) -> Draft:
    """The draft of a canonical resource, to be stored under `id`."""
    kept = without_identity(resource, resource.get("meta", {}))
    return model.prepare(kept, dump_json(kept), id)


def read(model: SearchModel, name: str, body: bytes, report: Report, id: str = "") -> Named | None:
    """The draft of a JSON text, under its own id or another; None and a remark if it cannot be stored."""
    try:
        resource = parse_json(model.version, body)
        return Named(name, draft_of(model, resource, id or resource["id"]))
    except ParseRefusal as refusal:
        where = f"{refusal.element}: " if refusal.element else ""
        report.note(KIND, Fate.REFUSED, name, f"{where}{refusal.detail}")
    except UnknownType as unknown:
        report.note(KIND, Fate.REFUSED, name, f"there is no resource type {unknown}")
    return None


def store_all(world: World, release: Version, found: Sequence[Named], report: Report) -> list[Named]:
    """Store resources in their order, in one transaction; return those that refer to what is not there."""
    world.texts.put_many([named.draft.body for named in found])
    dangling = []
    now = world.clock.now_ms()
    with world.writing() as connection:
        for named in found:
            if store.unmet(connection, release, named.draft.references):
                dangling.append(named)
                continue
            report.note(KIND, _put(connection, release, named, now))
    return dangling


def _put(connection: Connection, release: Version, named: Named, now: int) -> Fate:
    draft = named.draft
    # An earlier version is only history: storing it again would make the later one a new version, too.
    if named.superseded and draft.id and store.read(connection, release, draft.type, draft.id):
        return Fate.UNCHANGED
    return Fate.UNCHANGED if store.put(connection, draft, now).change is None else Fate.STORED


def refuse_dangling(world: World, release: Version, found: Iterable[Named], report: Report) -> None:
    """Report resources that refer to what is not there."""
    with world.reading() as connection:
        for named in found:
            unmet = store.unmet(connection, release, named.draft.references)
            targets = ", ".join(sorted({reference.text for reference, _ in unmet}))
            report.note(KIND, Fate.REFUSED, named.name, f"it refers to {targets}, which is not there")
