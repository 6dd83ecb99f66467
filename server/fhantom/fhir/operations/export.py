"""$export: everything as NDJSON, asynchronously (FHIR Bulk Data Access 2.0); the real server has it off.

A job is its own name: what was asked and when stand in its id, so any worker answers for it, nothing is kept, and
files are written as they are fetched. They hold what was there when the job began.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import compact
from fhantom.fhir import sessions, showing
from fhantom.fhir.exchange import Answer, Exchange, Raw, instant
from fhantom.fhir.operations.target import Target, instance, loaded
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import commas
from fhantom.fhir.reading import unsupported
from fhantom.fhir.sessions import Session
from fhantom.resources import store
from fhantom.resources.compartments import everything
from fhantom.resources.records import Stored

NDJSON = "application/fhir+ndjson"
_IN_A_FILE = 5000
_FORMATS = ("", NDJSON, "application/ndjson", "ndjson")


def run(exchange: Exchange, target: Target) -> Answer:
    """Start a job, tell how it stands, hand out one of its files, or give it up."""
    match exchange.path.rpartition("$")[2]:
        case "export":
            return _begin(exchange, target)
        case "export-poll-status":
            return Answer(status=202) if exchange.method == "DELETE" else _manifest(exchange)
        case _:
            return _file(exchange)


def _begin(exchange: Exchange, target: Target) -> Answer:
    if (target.type, bool(target.id)) not in (("", False), ("Patient", False), ("Group", True)):
        raise unsupported(exchange)
    if "respond-async" not in exchange.header("prefer"):
        raise Refusal("0513")
    if (exchange.first("_outputFormat") or "") not in _FORMATS:
        raise Refusal("export format", value=exchange.first("_outputFormat"))
    if target.id:
        instance(exchange, target)
    _since(exchange.first("_since"))
    job = Session(exchange.world.chance.uuid(), exchange.path, exchange.pairs, 0, exchange.now())
    name = sessions.token(exchange.world, job)
    return Answer(202, (("Content-Location", f"{exchange.base}/$export-poll-status?_jobId={name}"),))


def _manifest(exchange: Exchange) -> Answer:
    job = _job(exchange)
    name = exchange.first("_jobId")
    output = [
        {"type": kind, "url": f"{exchange.base}/$export-file?_jobId={name}&_type={kind}&_part={part}", "count": count}
        for kind, total in _counts(exchange, job).items()
        for part, count in enumerate(_parts(total))
    ]
    manifest = {
        "transactionTime": instant(job.started),
        "request": f"{exchange.base}/{job.path}",
        "requiresAccessToken": True,
        "output": output,
        "error": [],
    }
    return Answer(content=Raw("application/json", json.dumps(manifest, indent=2).encode()))


def _file(exchange: Exchange) -> Answer:
    job, kind = _job(exchange), exchange.first("_type") or ""
    part = exchange.first("_part") or "0"
    start = int(part) * _IN_A_FILE if part.isdecimal() else 0
    with exchange.world.reading() as connection:
        records = _records(exchange, connection, job).get(kind, [])[start : start + _IN_A_FILE]
        view = showing.view_of(exchange.with_(pairs=()), connection, [kind])
        lines = [compact(text) for text in showing.all_shown(exchange.with_(pairs=()), view, records)]
    return Answer(content=Raw(NDJSON, b"".join(line + b"\n" for line in lines)))


def _job(exchange: Exchange) -> Session:
    return sessions.resumed(exchange.world, exchange.first("_jobId") or "", exchange.now())


def _parts(total: int) -> Iterator[int]:
    for start in range(0, total, _IN_A_FILE):
        yield min(_IN_A_FILE, total - start)


def _counts(exchange: Exchange, job: Session) -> dict[str, int]:
    with exchange.world.reading() as connection:
        return {kind: len(records) for kind, records in _records(exchange, connection, job).items() if records}


def _records(exchange: Exchange, connection: Connection, job: Session) -> dict[str, list[Stored]]:
    """What the job exports, by type: written before it began and, with `_since`, after that."""
    asked = dict(job.pairs)
    wanted = commas([asked["_type"]]) if asked.get("_type") else ()
    since = _since(asked.get("_since"))
    found: dict[str, list[Stored]] = {}
    for record in _scope(exchange, connection, job, wanted):
        if since <= record.updated <= job.started and (not wanted or record.type in wanted):
            found.setdefault(record.type, []).append(record)
    return found


def _scope(exchange: Exchange, connection: Connection, job: Session, wanted: Sequence[str]) -> Iterator[Stored]:
    target = Target.of(job.path.split("/")[:-1])
    assert target is not None
    if not target.type:
        for kind in wanted or exchange.definitions.resource_types:
            if kind in exchange.definitions.resource_types:
                yield from store.all_of(connection, exchange.version, kind)
        return
    seen: set[int] = set()
    for patient in _patients(exchange, connection, target):
        for record in everything(connection, exchange.version, "Patient", (patient,)):
            if record.key not in seen:
                seen.add(record.key)
                yield record


def _patients(exchange: Exchange, connection: Connection, target: Target) -> list[str]:
    if target.type == "Patient":
        return [record.id for record in store.all_of(connection, exchange.version, "Patient")]
    group: dict[str, Any] = loaded(exchange, instance(exchange, target))
    references = [member.get("entity", {}).get("reference", "") for member in group.get("member", ())]
    return [reference.partition("/")[2] for reference in references if reference.startswith("Patient/")]


def _since(text: str | None) -> int:
    """Milliseconds since 1970 of a moment; 0 without one. Refusal if it is none."""
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("export since", value=text) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
