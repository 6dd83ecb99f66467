"""POST of a Bundle to the base address: a transaction, all or nothing, or a batch (FHIR http 3.2.0.11)."""

from __future__ import annotations

import http
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.errors import FhantomError
from fhantom.fhir import bodies, bundle, entries, transacting
from fhantom.fhir.entries import Entry
from fhantom.fhir.exchange import Answer, Exchange, Raw, Ready, instant
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.outcomes import Refusal, nothing_deleted, refusal_of, status_of, success, told
from fhantom.fhir.parameters import parse
from fhantom.fhir.showing import all_shown, view_of
from fhantom.fhir.transacting import Result
from fhantom.fhir.writing import preferred

Resource = dict[str, Any]

# Names of statuses as the real server writes them; Python's own have changed with its versions.
# What leads to no interaction at all, and moments that are none: HAPI's parser of dates raises no refusal of its own.
_FATAL = ("unsupported", "0302", "0287", "1882", "1883", "1940", "1941")
_MAYBE_EMPTY = re.compile(rb"null|\{\s*\}")
"""What a body has that holds an entry without anything in it; few others do, and they are read once more."""
_NOTED = 20  # entries that the journal tells of, whatever there are
_PHRASES = {413: "Payload Too Large", 422: "Unprocessable Entity"}


def transact(exchange: Exchange) -> Answer:
    """Do what the entries ask for and answer each, in their order."""
    body = bodies.resource_of(exchange, "Bundle", "TRANSACTION")
    kind = body.get("type", "transaction")
    if kind not in ("batch", "transaction"):
        raise Refusal("0527", type=kind)
    _check_empty(exchange)
    _note(exchange, kind, body.get("entry", []))
    answers = (_batch if kind == "batch" else _transaction)(exchange, body.get("entry", []))
    frame = bundle.Frame(type=f"{kind}-response", id=exchange.world.chance.uuid(), links=(("self", exchange.base),))
    where = f"{exchange.base}/Bundle/{frame.id}"
    headers = (("Content-Location", where), ("Location", where))
    return Answer(200, headers, bundle.written(frame, answers))


def _check_empty(exchange: Exchange) -> None:
    """Refuse by 0529 an entry without anything in it, which the reader passes over; the real server runs nothing."""
    if not _MAYBE_EMPTY.search(exchange.body) or bodies.body_encoding(exchange, "TRANSACTION") is not Encoding.JSON:
        return
    sent = read_json(exchange.body)
    raw = sent.get("entry", [])
    for index, entry in enumerate(raw if isinstance(raw, list) else [raw]):
        if not isinstance(entry, list) and (not entry or not isinstance(entry, dict)):
            raise Refusal("0529", index=index, method="null")


def _note(exchange: Exchange, kind: str, raw: Sequence[Resource]) -> None:
    """Tell what is asked for; what a search is understood as comes once it is answered."""
    asked = [entry.get("request") or {} for entry in raw[:_NOTED]]
    listed = [{name: one[name] for name in ("method", "url") if name in one} for one in asked]
    more = len(raw) - len(listed)
    exchange.notes.understood = {"interaction": kind, "entries": listed, **({"more": more} if more else {})}


def _transaction(exchange: Exchange, raw: Sequence[Resource]) -> list[bytes]:
    parsed = entries.consolidated([entries.entry_of(exchange.definitions, at, entry) for at, entry in enumerate(raw)])
    entries.check_placeholders(parsed)
    entries.check_repeats(parsed)
    writes = [entry for entry in parsed if entry.method != "GET"]
    results = transacting.run(exchange, writes) if writes else {}
    return [
        _told_result(exchange, results[entry.index]) if entry.index in results else _get(exchange, entry)
        for entry in parsed
    ]


def _batch(exchange: Exchange, raw: Sequence[Resource]) -> list[bytes]:
    """The answer of each entry; HAPI does what writes first, in order, and reads what that left."""
    reads = [(entry.get("request") or {}).get("method") == "GET" for entry in raw]
    answers = {at: _alone(exchange, at, raw[at]) for at in sorted(range(len(raw)), key=reads.__getitem__)}
    return [answers[at] for at in range(len(raw))]


def _alone(exchange: Exchange, at: int, raw: Resource) -> bytes:
    try:
        entry = entries.entry_of(exchange.definitions, at, raw)
        entries.check_placeholders([entry])
        if entry.method == "GET":
            return _get(exchange, entry, is_alone=True)
        return _told_result(exchange, transacting.run(exchange, [entry])[at])
    except FhantomError as error:
        return _failure(error)


def _get(exchange: Exchange, entry: Entry, is_alone: bool = False) -> bytes:
    """The answer of a GET entry, on the state after all writes; what it does not find fails nothing else."""
    from fhantom.fhir.interactions import dispatch

    path, _, query = entry.url.partition("?")
    asked = exchange.with_(
        method="GET",
        path=path.strip("/"),
        query=query,
        pairs=parse(query),
        headers={"accept": "application/fhir+json", "if-none-match": entry.none_match},
        body=b"",
        is_entry=True,
        notes=replace(exchange.notes),  # findings and the like are the request's, what an entry asks is its own
    )
    try:
        answer = dispatch(asked)
        if entry.index < _NOTED:
            noted = (exchange.notes.understood or {})["entries"][entry.index]
            noted.update(asked.notes.understood or {})
    except FhantomError as error:
        failure = refusal_of(error)
        if not is_alone and isinstance(failure, Refusal) and failure.key in _FATAL:
            raise
        return _failure(error)
    content = answer.content
    resource = content.resource if isinstance(content, Ready) else content
    held = None if isinstance(resource, Raw) else resource
    return bundle.response_entry(held, dump_json({"status": _status(answer.status)}))


def _failure(error: FhantomError) -> bytes:
    error = refusal_of(error)
    response = {"status": _status(status_of(error)), "outcome": told(error, "exception")}
    return bundle.response_entry(None, dump_json(response))


def _status(status: int) -> str:
    return f"{status} {_PHRASES.get(status) or http.HTTPStatus(status).phrase}"


def _told_result(exchange: Exchange, result: Result) -> bytes:
    """The answer of an entry that wrote."""
    stored = result.stored
    response: Resource = {"status": _status(result.status)}
    if not result.code:
        return bundle.response_entry(None, dump_json(response))
    reference = result.reference
    if stored is not None and not (result.entry.method == "DELETE" and not result.entry.id):
        reference = f"{stored.reference}/_history/{stored.version}"
        response |= {"location": reference, "etag": str(stored.version)}
    if result.status == 201 and stored is not None and stored.version == 1:  # not of what was deleted before
        response["lastModified"] = instant(stored.updated)
    if result.code == "SUCCESSFUL_DELETE_NOT_FOUND" and not result.entry.id:
        response["outcome"] = nothing_deleted(reference)
    else:
        response["outcome"] = success(result.code, reference=reference, url=result.url, count=1)
    resource = None
    if preferred(exchange) == "representation" and stored is not None and stored.digest is not None:
        with exchange.world.reading() as connection:
            view = view_of(exchange, connection, (stored.type,))
        (resource,) = all_shown(exchange, view, (stored,))
    return bundle.response_entry(resource, dump_json(response))
