"""Create and update, also on a condition (FHIR http 3.2.0.6 to 3.2.0.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import dump_json
from fhantom.fhir import bodies, claims, conditions, drafts, references, showing
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.outcomes import Refusal, success
from fhantom.fhir.reading import raw_binary, version_headers, version_url
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored, Written
from fhantom.resources.refusal import VersionConflict

Resource = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_VERSION = re.compile(r'\s*(?:W/\s*(?=")|)"?(-?\d{0,9})"?\s*', re.ASCII | re.IGNORECASE)
ATTEMPTS = 100
"""How often a version may be replaced by others between its reading and its writing: of eight clients that patch one
resource without a pause, one that had twenty was left over now and then."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a write did.

    Attributes:
        code: of the storage outcomes, for example SUCCESSFUL_CREATE.
        url: the condition, if there was one.
        body: the text that is kept, if it is at hand.
    """

    stored: Stored
    code: str
    created: bool = False
    url: str = ""
    body: bytes | None = None


def create(exchange: Exchange, resource_type: str) -> Answer:
    """A new resource under an id of the server's; with If-None-Exist only if nothing fulfils it."""
    resource = bodies.resource_of(exchange, resource_type, "CREATE")
    condition = exchange.header("if-none-exist")
    url = conditions.match_url(resource_type, condition) if condition else ""
    done = created(exchange, resource, url, condition)
    location = ("Location", version_url(exchange, done.stored))
    return answered(exchange, done, (*version_headers(exchange, done.stored), location))


def created(exchange: Exchange, resource: Resource, url: str, told: str) -> Done:
    """Store a new resource, unless one fulfils the match URL `url`, which the client wrote as `told`."""
    with exchange.world.reading() as connection:
        existing = conditions.one(exchange, connection, url, "0958", told) if url else None
        if existing is not None:
            exchange.world.settle()  # whoever wrote it may still be waiting for the disk
            return Done(existing, "SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH", url=told)
        draft = drafts.prepared(exchange, connection, resource, None, {})
    promise = exchange.world.promise((draft.body,))
    with exchange.world.writing(promise) as connection:
        existing = conditions.one(exchange, connection, url, "0958", told) if url else None
        if existing is not None:  # written by another client in between
            return Done(existing, "SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH", url=told)
        references.check_targets(exchange, connection, draft.references)
        written = store.create(connection, draft, exchange.now())
        code = "SUCCESSFUL_CREATE"
        if url:
            require(exchange, connection, url, written.stored)
            claims.stake(exchange, connection, url, written.stored)
            code = "SUCCESSFUL_CREATE_NO_CONDITIONAL_MATCH"
    return Done(written.stored, code, created=True, url=told, body=drafts.echoed(draft.body, resource, is_new=True))


def require(exchange: Exchange, connection: Connection, url: str, stored: Stored) -> None:
    """Refuse (0929) a new resource that does not fulfil the condition that it came with."""
    if not conditions.holds(exchange, connection, url, stored):
        raise Refusal("0929", type=stored.type, url=url)


def version_in(text: str) -> int | None:
    """The version that an entity tag names, weak or bare; None for an empty one. Refusal 2223."""
    if not text:
        return None
    found = _VERSION.fullmatch(text)
    if found is None:
        raise Refusal("2223", value=text)
    return int(found[1]) if found[1] else None


def update(exchange: Exchange, resource_type: str, id: str, version: str = "") -> Answer:
    """A new version of a resource, or a new resource under an id of the client's.

    Args:
        version: of the address; it goes before If-Match.
    """
    resource = bodies.resource_of(exchange, resource_type, "UPDATE")
    raw = resource_type == "Binary" and bodies.is_raw(exchange)
    body_id = id if raw else resource.get("id")
    if body_id is None:
        raise Refusal("0419")
    if references.place_of(str(body_id))[1] != id:
        raise Refusal("0420", body=body_id, url=id)
    done = updated(exchange, resource, id, version or exchange.header("if-match"))
    return answered(exchange, done, version_headers(exchange, done.stored))


def updated(exchange: Exchange, resource: Resource, id: str, tag: str = "") -> Done:
    """Store a resource under `id`; with an entity tag only in place of that version, if there is one at all."""
    resource_type = resource["resourceType"]
    for _ in range(ATTEMPTS):
        with exchange.world.reading() as connection:
            present = store.read(connection, exchange.version, resource_type, id)
            check_id(id, present)
            if present is not None:
                check_version(version_in(tag), present)
            labels = drafts.labels_of(exchange, connection, present)
            draft = drafts.prepared(exchange, connection, resource, id, labels)
        try:
            written = put(exchange, draft, present)
        except VersionConflict:
            continue
        done = of_update(written)
        is_new = done.created and written.stored.version == 1
        return replace(done, body=drafts.echoed(draft.body, resource, is_new))
    raise Refusal("0989", reference=f"{resource_type}/{id}", version=present.version if present else 0)


def put(exchange: Exchange, draft: Draft, present: Stored | None) -> Written:
    """Write a draft in place of `present`. VersionConflict if another version came in between."""
    promise = exchange.world.promise((draft.body,))
    with exchange.world.writing(promise) as connection:
        references.check_targets(exchange, connection, draft.references)
        return store.put(connection, draft, exchange.now(), current(present))


def current(present: Stored | None) -> int:
    """The version that a write is to replace, as the store counts: 0 for none and for a deletion."""
    return present.version if present is not None and present.digest is not None else 0


def of_update(written: Written) -> Done:
    """What an update did, from what the store says."""
    if written.change is None:
        return Done(written.stored, "SUCCESSFUL_UPDATE_NO_CHANGE")
    if written.change == "create":
        return Done(written.stored, "SUCCESSFUL_UPDATE_AS_CREATE", created=True)
    return Done(written.stored, "SUCCESSFUL_UPDATE")


def check_id(id: str, present: Stored | None) -> None:
    """Refuse ids that a client cannot choose: 0521 ill-formed, 0960 numbers that were never assigned."""
    if not _ID.fullmatch(id):
        raise Refusal("0521", id=id)
    if present is None and id.isdecimal():
        raise Refusal("0960", id=id)


def check_version(expected: int | None, present: Stored | None) -> None:
    """Refuse (0989) to replace another version than the expected one; a new resource has none."""
    if expected is not None and present is not None and present.version != expected:
        raise Refusal("0989", reference=present.reference, version=expected)


def update_where(exchange: Exchange, resource_type: str) -> Answer:
    """An update of the one resource that the query's condition names, or a create if none does."""
    resource = bodies.resource_of(exchange, resource_type, "UPDATE")
    if not exchange.query:
        raise Refusal("0418")
    done = updated_where(exchange, resource, f"{resource_type}?{exchange.query}")
    return answered(exchange, done, version_headers(exchange, done.stored))


def updated_where(exchange: Exchange, resource: Resource, url: str) -> Done:
    """Store a resource in place of the one that fulfils a match URL, or as a new one; HAPI heeds no If-Match here."""
    with exchange.world.reading() as connection:
        existing = conditions.one(exchange, connection, url, "0988")
    if existing is None:
        done = created(exchange, resource, url, url)
        return Done(done.stored, "SUCCESSFUL_UPDATE_NO_CONDITIONAL_MATCH", done.created, url)
    done = updated(exchange, resource, existing.id)
    suffix = "_NO_CHANGE" if done.code.endswith("NO_CHANGE") else ""
    return Done(done.stored, f"SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH{suffix}", url=url)


def preferred(exchange: Exchange) -> str:
    """What Prefer wants to be returned, the last of several; empty if it does not say."""
    wanted = re.findall(r"return\s*=\s*\"?(\w+)", exchange.header("prefer"))
    return str(wanted[-1]) if wanted else ""


def answered(exchange: Exchange, done: Done, headers: tuple[tuple[str, str], ...]) -> Answer:
    """The answer to a create, update or patch, as Prefer wants it (FHIR http 3.2.0.1.7)."""
    status = 201 if done.created else 200
    match preferred(exchange):
        case "minimal":
            return Answer(status, headers)
        case "OperationOutcome":
            reference = f"{done.stored.reference}/_history/{done.stored.version}"
            return Answer(status, headers, dump_json(success(done.code, reference=reference, url=done.url)))
    text = showing.just_written(exchange, done.stored, done.body)
    if done.stored.type == "Binary" and bodies.is_raw(exchange):
        return Answer(status, headers, raw_binary(text))
    return Answer(status, headers, text)
