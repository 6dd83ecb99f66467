"""Small FHIR resources, stored and searched without HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fhantom.definitions import Version
from fhantom.resources import store
from fhantom.resources.identity import without_identity
from fhantom.resources.query import Search
from fhantom.resources.records import Draft, Page, Stored, Written
from fhantom.resources.understanding import understand
from fhantom.world import World

Json = dict[str, Any]


class Shelf:
    """A world's resources of one FHIR version, by short calls."""

    def __init__(self, world: World, version: Version) -> None:
        self.world = world
        self.version: Version = version
        self.features: tuple[Any, ...] = ()
        self.value_sets: dict[str, Sequence[Any]] = {}

    @property
    def model(self) -> Any:
        with self.world.reading() as connection:
            return store.model_of(self.world, connection, self.version)

    def draft(self, resource: Json, id: str | None = None) -> Draft:
        kept = without_identity(resource, resource.get("meta", {}))
        return self.model.prepare(kept, json.dumps(kept).encode(), id or resource.get("id"))

    def put(self, *resources: Json, now: int | None = None) -> list[Written]:
        """Store resources in one transaction."""
        drafts = [self.draft(resource) for resource in resources]
        self.world.texts.put_many([draft.body for draft in drafts])
        moment = self.world.clock.now_ms() if now is None else now
        with self.world.writing() as connection:
            return store.put_many(connection, drafts, moment)

    def delete(self, resource_type: str, id: str, now: int = 0) -> Written | None:
        with self.world.writing() as connection:
            return store.delete(connection, self.version, resource_type, id, now)

    def read(self, resource_type: str, id: str) -> Stored | None:
        with self.world.reading() as connection:
            return store.read(connection, self.version, resource_type, id)

    def understood(self, query: str) -> Search:
        resource_type, _, parameters = query.partition("?")
        pairs = [pair.partition("=")[::2] for pair in parameters.split("&") if pair]
        return self.understood_pairs(resource_type, pairs)

    def understood_pairs(self, resource_type: str, pairs: Sequence[tuple[str, str]]) -> Search:
        known = self.value_sets.get
        return understand(self.model, resource_type, pairs, features=self.features, value_set=known)

    def page(self, query: str | Search) -> Page:
        asked = self.understood(query) if isinstance(query, str) else query
        with self.world.reading() as connection:
            return store.search(self.world, connection, asked)

    def ids(self, query: str) -> list[str]:
        """The ids of the matches of a search, in order."""
        return [match.id for match in self.page(query).matches]


def patient(id: str, **elements: Any) -> Json:
    return {"resourceType": "Patient", "id": id, **elements}


def observation(id: str, subject: str | None = None, **elements: Any) -> Json:
    resource: Json = {"resourceType": "Observation", "id": id, "status": "final", **elements}
    if subject is not None:
        resource["subject"] = {"reference": subject}
    return resource


def coded(code: str, system: str | None = None, display: str | None = None) -> Json:
    """A CodeableConcept with one coding."""
    coding = {"system": system, "code": code, "display": display}
    return {"coding": [{name: value for name, value in coding.items() if value is not None}]}
