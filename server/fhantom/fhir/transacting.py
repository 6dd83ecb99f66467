"""The writes of a transaction: planned on a snapshot, prepared, then stored in one go or not at all.

The order is the specification's (FHIR http 3.2.0.11.2): DELETE, POST, PUT, PATCH. Whatever another client
changes between plan and store shows as a version conflict, and the whole is planned anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.fhir import claims, conditions, placeholders, references, writing
from fhantom.fhir.entries import Entry
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.planning import Plan, draft_of, planned
from fhantom.resources import store
from fhantom.resources.records import Draft, Stored
from fhantom.resources.refusal import VersionConflict

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 3}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an entry.

    Attributes:
        code: of the storage outcomes; empty for a second delete of one resource, of which nothing is told.
        stored: the version that is present now; None for a deletion of what never was.
        reference: the address asked for, if nothing is stored.
        url: the condition, as the client wrote it.
    """

    entry: Entry
    code: str
    status: int
    stored: Stored | None = None
    reference: str = ""
    url: str = ""


def run(exchange: Exchange, entries: Sequence[Entry]) -> dict[int, Result]:
    """The result of each entry by its index. Refusal if one cannot be done; then nothing is."""
    for _ in range(writing.ATTEMPTS):
        try:
            return _attempt(exchange, entries)
        except VersionConflict:
            continue
    raise Refusal("0989", reference="an entry", version="")


def _order(entry: Entry) -> tuple[int, bool]:
    """Where an entry stands; HAPI deletes by id before it deletes on conditions."""
    return _ORDER[entry.method], entry.method == "DELETE" and not entry.id


def _attempt(exchange: Exchange, entries: Sequence[Entry]) -> dict[int, Result]:
    ordered = sorted(entries, key=_order)
    with exchange.world.reading() as connection:
        plans = planned(exchange, connection, ordered)
        names = {name: plan.reference for plan in plans for name in plan.entry.names}
        made: dict[str, dict[str, Any]] = {}
        prepared = {
            plan.entry.index: draft
            for plan in plans
            if (draft := draft_of(exchange, connection, plan, names, made)) is not None
        }
    promise = exchange.world.promise([draft.body for draft in prepared.values()])
    with exchange.world.writing(promise) as connection:
        results = _stored(exchange, connection, plans, prepared, names)
    if any(plan.entry.type == "SearchParameter" for plan in plans):
        store.catch_up(exchange.world, exchange.version)
    return results


def _stored(
    exchange: Exchange,
    connection: Connection,
    plans: Sequence[Plan],
    prepared: Mapping[int, Draft],
    names: Mapping[str, str],
) -> dict[int, Result]:
    now = exchange.now()
    results: dict[int, Result] = {}
    for plan in plans:
        if plan.entry.method == "DELETE":
            results[plan.entry.index] = _deleted(exchange, connection, plan, now)
        elif plan.done:
            code, told = "SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH", plan.entry.condition
            results[plan.entry.index] = Result(plan.entry, code, 200, plan.existing, url=told)
    writers = [plan for plan in plans if plan.entry.index in prepared]
    firsts = {plan.reference: plan.entry.index for plan in reversed(writers)}
    written = store.put_many(
        connection,
        [prepared[plan.entry.index] for plan in writers],
        now,
        [
            # A second write of one resource replaces what the first has just made of it.
            writing.current(plan.existing) if firsts[plan.reference] == plan.entry.index else None
            for plan in writers
        ],
    )
    for plan, done in zip(writers, written, strict=True):
        results[plan.entry.index] = _result(plan, writing.of_update(done))
        _require_condition(exchange, connection, plan, done.stored, names)
    for draft in prepared.values():
        references.check_targets(exchange, connection, draft.references)
    for plan in plans:
        if plan.entry.method == "DELETE" and plan.id and plan.reference not in firsts:
            _check_unreferenced(exchange, connection, plan)
    return results


def _deleted(exchange: Exchange, connection: Connection, plan: Plan, now: int) -> Result:
    entry = plan.entry
    if plan.done:
        return Result(entry, "", 204)
    gone = store.delete(connection, exchange.version, entry.type, plan.id, now) if plan.id else None
    if gone is None:
        reference = plan.reference if plan.id else entry.match_url
        return Result(entry, "SUCCESSFUL_DELETE_NOT_FOUND", 204, reference=reference)
    code = "SUCCESSFUL_DELETE" if gone.change else "SUCCESSFUL_DELETE_ALREADY_DELETED"
    return Result(entry, code, 204, gone.stored)


def _check_unreferenced(exchange: Exchange, connection: Connection, plan: Plan) -> None:
    for referrer in store.referrers(connection, exchange.version, plan.entry.type, plan.id):
        raise Refusal("referenced", reference=plan.reference, referrer=referrer.reference)


def _result(plan: Plan, done: writing.Done) -> Result:
    entry, code, url = plan.entry, done.code, ""
    if entry.method == "POST":
        code = "SUCCESSFUL_CREATE_NO_CONDITIONAL_MATCH" if entry.condition else "SUCCESSFUL_CREATE"
        url = entry.condition
    elif entry.method == "PATCH":
        code = "SUCCESSFUL_PATCH_NO_CHANGE" if code.endswith("NO_CHANGE") else "SUCCESSFUL_PATCH"
        if not entry.id:
            code, url = code.replace("_PATCH", "_CONDITIONAL_PATCH"), entry.match_url
    elif not entry.id:
        suffix = "_NO_CHANGE" if code.endswith("NO_CHANGE") else ""
        matched = f"SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH{suffix}"
        is_there = plan.existing is not None and plan.existing.digest is not None
        code = matched if is_there else "SUCCESSFUL_UPDATE_NO_CONDITIONAL_MATCH"
        url = entry.match_url
    return Result(entry, code, 201 if done.created else 200, done.stored, url=url)


def _require_condition(
    exchange: Exchange, connection: Connection, plan: Plan, stored: Stored, names: Mapping[str, str]
) -> None:
    """What was written on a condition fulfils it, and nothing else that came in between does."""
    entry = plan.entry
    if plan.done:
        return
    if entry.method == "POST" and entry.condition:
        url = conditions.match_url(entry.type, placeholders.in_condition(entry.condition, names))
    elif entry.method == "PUT" and not entry.id:
        url = placeholders.in_condition(entry.match_url, names)
    else:
        return
    if not conditions.holds(exchange, connection, url, stored):
        raise Refusal("0539", url=url)
    if stored.version == 1:
        claims.stake(exchange, connection, url, stored)
    if len(conditions.matches(exchange, connection, url)) > 1:
        raise VersionConflict(0)
