"""Delete, also on a condition, and with all that refers to it (FHIR http 3.2.0.8)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import dump_json
from fhantom.fhir import conditions
from fhantom.fhir.exchange import Answer, Exchange, http_date
from fhantom.fhir.outcomes import Refusal, issue, nothing_deleted, success
from fhantom.fhir.reading import version_url
from fhantom.fhir.writing import version_in
from fhantom.resources import store
from fhantom.resources.records import Stored, Written
from fhantom.wire.notes import Finding

_AT_ONCE = 1000  # referrers looked up together


def delete(exchange: Exchange, resource_type: str, id: str, version: str = "") -> Answer:
    """Make a resource gone, if it is of the version that the address names; for what is not there, that is no error."""
    gone: list[Stored] = []
    expected = version_in(version)
    with exchange.world.writing() as connection:
        present = store.read(connection, exchange.version, resource_type, id) if version else None
        if present is not None and present.version != expected:
            raise Refusal("0961", reference=present.reference, version=version)
        written = deleted(exchange, connection, resource_type, id, gone)
    if written is None:
        reference = f"{resource_type}/{id}" + (f"/_history/{version}" if version else "")
        where = ("Content-Location", f"{exchange.base}/{reference}")
        content = success("SUCCESSFUL_DELETE_NOT_FOUND", reference=reference)
        return Answer(200, (where,), dump_json(content))
    stored = written.stored
    where = ("Content-Location", version_url(exchange, stored))
    if written.change is None:
        content = success("SUCCESSFUL_DELETE_ALREADY_DELETED", reference=stored.reference)
        return Answer(200, (where,), dump_json(content))
    headers = (where, ("Last-Modified", http_date(stored.updated)))
    return Answer(200, headers, dump_json(_told(gone)))


def delete_where(exchange: Exchange, resource_type: str) -> Answer:
    """Make the one resource gone that the query's condition names."""
    if not exchange.pairs:
        raise Refusal("0967")
    if exchange.first("_expunge"):
        raise Refusal("0963")
    url = f"{resource_type}?{exchange.query}"
    gone: list[Stored] = []
    with exchange.world.writing() as connection:
        stored = conditions.one(exchange, connection, url, "0962")
        if stored is not None:
            deleted(exchange, connection, resource_type, stored.id, gone)
    if stored is None:
        return Answer(200, content=dump_json(nothing_deleted(url)))
    return Answer(200, content=dump_json(_told(gone)))


def deleted(
    exchange: Exchange, connection: Connection, resource_type: str, id: str, gone: list[Stored]
) -> Written | None:
    """Delete one resource, unless another refers to it; or those too, which then stand in `gone`."""
    cascades = _cascades(exchange)
    waiting = [(resource_type, id)]
    seen = set(waiting)
    while waiting:
        target = waiting.pop()
        for referrer in store.referrers(connection, exchange.version, *target, limit=_AT_ONCE if cascades else 1):
            if not cascades:
                raise Refusal("referenced", reference=f"{resource_type}/{id}", referrer=referrer.reference)
            name = (referrer.type, referrer.id)
            if name == (resource_type, id):  # goes last, for the answer
                continue
            store.delete(connection, exchange.version, *name, exchange.now())
            if name not in seen:
                seen.add(name)
                gone.append(referrer)
                # A resource with many referrers is looked at again when these are gone.
                waiting += [target, name]
    return store.delete(connection, exchange.version, resource_type, id, exchange.now())


def _cascades(exchange: Exchange) -> bool:
    """Whether the client wants what refers to a resource to go with it, and may."""
    asked = exchange.first("_cascade") or exchange.header("x-cascade").partition(";")[0]
    if asked.strip().lower() != "delete" or not exchange.world.settings.cascading_deletes:
        return False
    words = "what is still referred to stays, and 409 says so"
    exchange.notes.findings.append(Finding("fhir-cascading-delete", words, "recorded"))
    return True


def _told(gone: list[Stored]) -> dict[str, Any]:
    outcome = success("SUCCESSFUL_DELETE", count=1)
    if gone:
        names = ", ".join(stored.reference for stored in gone)
        words = f"{len(gone)} resource(s) that referred to it are deleted too: {names}"
        outcome["issue"].append(issue("information", "informational", words))
    return outcome
