"""One journal entry: a request as it came, as it was understood, and as it was answered."""

from __future__ import annotations

import hashlib
import json
import marshal
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import WSGIEnvironment

from fhantom.journal import bodies
from fhantom.journal.bodies import BODY
from fhantom.wire.context import ASKED_PATH, WORLD_NAME
from fhantom.wire.notes import NOTES, Notes

_SECRET = {"apikey", "authorization", "cookie", "proxy-authorization", "x-api-key", "set-cookie"}
_LONGEST_FORM = 8192
_ENTITY = ("CONTENT_TYPE", "CONTENT_LENGTH")
_ROOMS = {
    "dicomweb": "dicomweb",
    "wadouri": "wadouri",
    "fhir": "fhir",
    "fhir-r4": "fhir",
    "sole": "sole",
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the middleware saw of one request and its answer; `milliseconds` up to the last byte."""

    environ: WSGIEnvironment
    status: str
    headers: list[tuple[str, str]]
    received: int
    sent: int
    milliseconds: float
    fault: str | None


def masked(key: str | None) -> str | None:
    """A key that can be told from others and not be used."""
    return None if key is None else f"{key[:4]}...{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def pack(shown_ms: int, exchange: Exchange) -> bytes:
    """What is kept of an exchange; `shown_ms` is what the clock showed.

    Every request pays for this and few entries are ever read, so all that can be told later is left to `read`.
    """
    environ = exchange.environ
    notes: Notes | None = environ.get(NOTES)
    kept = (
        shown_ms,
        environ.get(WORLD_NAME, "shared"),
        environ["REQUEST_METHOD"],
        environ.get(ASKED_PATH),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        [pair for pair in environ.items() if pair[0][:5] == "HTTP_" or pair[0] in _ENTITY],
        exchange.received,
        exchange.status,
        exchange.sent,
        exchange.milliseconds,
        exchange.fault,
        None if BODY not in environ else environ[BODY].kept(),
        None if notes is None else _noted(notes),
    )
    try:
        return marshal.dumps(kept)
    except ValueError:  # a room noted a value of a type of its own
        return marshal.dumps((*kept[:-1], json.loads(json.dumps(kept[-1], default=str))))


def read(moment: int, packed: bytes) -> dict[str, Any]:
    """The entry of a moment as the control routes show it, its secrets masked."""
    kept = marshal.loads(packed)
    shown_ms, world, method, asked, canonical, query, pairs, *rest = kept
    received, answered, sent, milliseconds, fault, body, noted = rest
    path = asked or canonical
    status, _, reason = answered.partition(" ")
    told = json.loads(json.dumps(noted or {}))  # lists where a room noted tuples, as clients see them
    form = told.pop("form", None)
    entry = {
        "id": str(moment),
        "loggedDate": datetime.fromtimestamp(shown_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "world": world,
        "room": _ROOMS.get(canonical.lstrip("/").partition("/")[0], "other"),
        "request": {
            "method": method,
            "url": f"{path}?{query}" if query else path,
            "key": masked(dict(pairs).get("HTTP_APIKEY")),
            "headers": _headers(pairs),
            "bodySize": body[1] if body else received,
            **({} if form is None else {"form": form}),
            **({"body": bodies.told(*body)} if body and body[1] else {}),
        },
        "response": {"status": int(status), "reason": reason, "bodySize": sent},
        "ms": round(milliseconds, 2),
    }
    told["fault"] = fault
    return entry | {name: value for name, value in told.items() if value not in (None, [], {})}


def _noted(notes: Notes) -> dict[str, Any]:
    """What the rooms said of a request, in the order in which it is told."""
    return {
        "refusal": notes.refusal,
        "parsed": notes.understood,
        "ignored": notes.ignored,
        "matches": notes.matches,
        "findings": [asdict(finding) for finding in notes.findings],
        "quirks": notes.quirks,
        "form": None if notes.form is None else notes.form[:_LONGEST_FORM],
    }


def _headers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A request's headers with its secrets masked."""
    sent = [pair for pair in pairs if pair[1] or pair[0] not in _ENTITY]
    named = {key.removeprefix("HTTP_").replace("_", "-").lower(): value for key, value in sent}
    return {name: "***" if name in _SECRET else value for name, value in named.items()}
