"""$lastn: the last observations of each code (FHIR observation-operation-lastn)."""

from __future__ import annotations

import dataclasses
from typing import Any

from fhantom.fhir import sessions
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Answer, Exchange, http_date
from fhantom.fhir.operations.target import Target, loaded
from fhantom.fhir.paging import number_of
from fhantom.fhir.searching import Listing, listed
from fhantom.resources import store
from fhantom.resources.records import Stored

_ALL = 1_000_000


def run(exchange: Exchange, target: Target) -> Answer:
    """At most `max` observations of each code and subject, newest first; all of them without it."""
    most = number_of(exchange, "max")
    pairs = tuple(pair for pair in exchange.pairs if pair[0] not in ("max", "_count", "_offset"))
    with exchange.world.reading() as connection:
        asked = understood(exchange, connection, "Observation", (*pairs, ("_sort", "-date")))
        page = store.search(exchange.world, connection, dataclasses.replace(asked, count=_ALL))
        matches = page.matches if most is None else _last(exchange, page.matches, most)
        page = dataclasses.replace(page, matches=matches, total=len(matches), more=False)
        session = sessions.Session(exchange.world.chance.uuid(), exchange.path, exchange.pairs, 0, exchange.now())
        answer = listed(exchange, connection, Listing(page, 0, len(matches), session))
    where = f"{exchange.base}/Bundle/{session.id}"
    headers = (("Content-Location", where), ("Last-Modified", http_date(exchange.now())))
    return Answer(answer.status, headers, answer.content)


def _last(exchange: Exchange, records: tuple[Stored, ...], most: int) -> tuple[Stored, ...]:
    """The first `most` of each subject and code; an observation counts for each of its codings."""
    counted: dict[tuple[str, str], int] = {}
    kept = []
    for stored in records:
        resource = loaded(exchange, stored)
        subject = resource.get("subject", {}).get("reference", "")
        groups = [(subject, code) for code in _codes(resource.get("code", {}))]
        if any(counted.get(group, 0) < most for group in groups):
            kept.append(stored)
        for group in groups:
            counted[group] = counted.get(group, 0) + 1
    return tuple(kept)


def _codes(concept: dict[str, Any]) -> list[str]:
    codings = concept.get("coding") or []
    named = [f"{coding.get('system', '')}|{coding.get('code', '')}" for coding in codings]
    return named or [str(concept.get("text", ""))]
