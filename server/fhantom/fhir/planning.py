"""What each entry of a transaction is going to write: ids assigned, conditions looked up, drafts prepared."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import load_json
from fhantom.fhir import conditions, drafts, patching, placeholders, writing
from fhantom.fhir.entries import Entry
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.kept import rendered
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.reading import present
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored

Resource = dict[str, Any]

_FHIR_TYPES = ("application/fhir+json", "application/fhir+xml")  # of a FHIRPath patch, which is no Binary


@dataclass(frozen=True, slots=True)
class Plan:
    """What an entry is going to do.

    Attributes:
        id: of the resource that is written; new for a create.
        existing: the version that will be present then, None if there is none; of a resource that another entry
            deletes, its deletion.
        done: nothing needs to be written: a conditional create that found its resource, a second delete of one.
    """

    entry: Entry
    id: str
    existing: Stored | None = None
    done: bool = False

    @property
    def reference(self) -> str:
        return f"{self.entry.type}/{self.id}"


def planned(exchange: Exchange, connection: Connection, entries: Sequence[Entry]) -> list[Plan]:
    """The plans in order; conditions that name other entries are looked up last."""
    plans: dict[int, Plan] = {}
    fresh = _fresh_ids(exchange, entries)
    names: dict[str, str] = {}
    gone: set[str] = set()
    for entry in sorted(entries, key=lambda entry: "urn:" in entry.query + entry.condition):
        if entry.method == "DELETE":
            plan = _plan_of_delete(exchange, connection, entry, gone)
            gone.add(plan.reference)
        else:
            plan = _plan(exchange, connection, entry, fresh, names)
            if plan.existing is not None and plan.reference in gone:
                plan = _after_delete(plan, plan.existing, fresh)
        plans[entry.index] = plan
        names |= dict.fromkeys(entry.names, plan.reference)
    return [plans[entry.index] for entry in entries]


def _after_delete(plan: Plan, existing: Stored, fresh: list[str]) -> Plan:
    """The plan of an entry that finds what an entry before it deletes."""
    if plan.done:
        return Plan(plan.entry, fresh.pop())
    deletion = existing._replace(version=existing.version + 1, change="delete", digest=None)
    return replace(plan, existing=deletion)


def _plan_of_delete(exchange: Exchange, connection: Connection, entry: Entry, gone: Collection[str]) -> Plan:
    if entry.id:
        existing = store.read(connection, exchange.version, entry.type, entry.id)
        return Plan(entry, entry.id, existing, done=f"{entry.type}/{entry.id}" in gone)
    found = conditions.one(exchange, connection, entry.match_url, "0962")
    if found is None or found.reference in gone:
        return Plan(entry, "")
    return Plan(entry, found.id, found)


def _fresh_ids(exchange: Exchange, entries: Sequence[Entry]) -> list[str]:
    """Ids for all entries that may create, taken beforehand, as entries name each other."""
    count = sum(entry.method == "POST" or (entry.method == "PUT" and not entry.id) for entry in entries)
    if not count:
        return []
    with exchange.world.writing() as connection:
        ids = store.assign_ids(connection, exchange.version, count)
    return ids[::-1]


def _plan(exchange: Exchange, connection: Connection, entry: Entry, fresh: list[str], names: Mapping[str, str]) -> Plan:
    if entry.method == "POST":
        condition = placeholders.in_condition(entry.condition, names)
        url = conditions.match_url(entry.type, condition) if condition else ""
        found = conditions.one(exchange, connection, url, "0958", entry.condition) if url else None
        return Plan(entry, found.id, found, done=True) if found else Plan(entry, fresh.pop())
    if not entry.id:
        url = placeholders.in_condition(entry.match_url, names)
        found = conditions.one(exchange, connection, url, "2207" if entry.method == "PUT" else "0972")
        if entry.method == "PATCH":
            if found is None:
                raise Refusal("0973", url=url)
            return Plan(entry, found.id, found)
        own = (entry.resource or {}).get("id", "")
        if found and own and own != found.id:
            raise Refusal("2279", url=url, id=own)
        return _kept_under(exchange, connection, entry, found.id if found else own or fresh.pop(), found)
    if entry.query:
        conditions.check_names(exchange, connection, entry.match_url)
    if entry.method == "PUT":
        return _kept_under(exchange, connection, entry, entry.id)
    existing = store.read(connection, exchange.version, entry.type, entry.id)
    if existing is None and entry.method == "PATCH":
        raise Refusal("1997", reference=f"{entry.type}/{entry.id}")
    return Plan(entry, entry.id, existing)


def _kept_under(exchange: Exchange, connection: Connection, entry: Entry, id: str, found: Stored | None = None) -> Plan:
    """The plan of an update under an id, which may be the client's."""
    existing = found or store.read(connection, exchange.version, entry.type, id)
    if entry.id:
        writing.check_id(id, existing)
    return Plan(entry, id, existing)


def draft_of(
    exchange: Exchange,
    connection: Connection,
    plan: Plan,
    names: Mapping[str, str],
    made: dict[str, Resource],
) -> Draft | None:
    """The draft of what an entry writes, None if it writes nothing.

    Args:
        made: what the entries before have written, by reference; a patch changes that.
    """
    entry = plan.entry
    if plan.done or entry.method == "DELETE" or entry.resource is None:
        return None
    expected = writing.version_in(entry.match) if entry.id else None  # HAPI heeds it only beside an id
    if entry.method == "PATCH":
        if expected is not None and plan.existing is not None and plan.existing.version != expected:
            raise Refusal("0974", version=expected)
        resource = made.get(plan.reference) or _loaded(exchange, plan)
        resource = patching.result_of(exchange, resource, _patch(exchange, entry.resource))
        labels = drafts.labels_of(exchange, connection, plan.existing)
        return drafts.prepared(exchange, connection, resource, plan.id, labels)
    writing.check_version(expected, plan.existing)
    resource = placeholders.replaced(exchange.definitions, entry.resource, names)
    if resource["resourceType"] != entry.type:
        raise Refusal("2616", url=entry.url) if entry.id else Refusal("0539", url=entry.match_url)
    made[plan.reference] = {**resource, "id": plan.id}
    labels = drafts.labels_of(exchange, connection, plan.existing)
    return drafts.prepared(exchange, connection, resource, plan.id, labels)


def _loaded(exchange: Exchange, plan: Plan) -> Resource:
    stored = present(exchange, plan.existing, plan.reference)
    (body,) = store.bodies(exchange.world, (stored,))
    resource: Resource = load_json(rendered(stored, body))
    return resource


def _patch(exchange: Exchange, resource: Resource) -> patching.Patch:
    if resource["resourceType"] == "Parameters":
        return patching.path_patch(exchange, resource)
    body = base64.b64decode(resource.get("data", ""))
    content_type = resource.get("contentType", "")
    if content_type.partition(";")[0].strip() in _FHIR_TYPES:
        raise Refusal("0536")
    if not body:
        raise Refusal("0537")
    return patching.patch_of(exchange, content_type, body)
