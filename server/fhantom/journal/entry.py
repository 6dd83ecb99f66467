"""One journal entry: a request as it came, as it was understood, and as it was answered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from wsgiref.types import WSGIEnvironment

from fhantom.wire.context import ASKED_PATH, WORLD_NAME
from fhantom.wire.notes import NOTES, Notes

_SECRET = {"apikey", "authorization", "cookie", "proxy-authorization", "x-api-key", "set-cookie"}
_LONGEST_FORM = 8192
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


def write(moment: int, shown: datetime, exchange: Exchange) -> bytes:
    """The entry of a moment as a JSON object without line breaks; `shown` is what the clock showed."""
    environ = exchange.environ
    notes: Notes = environ.get(NOTES) or Notes()
    path = environ.get(ASKED_PATH) or environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    status, _, reason = exchange.status.partition(" ")
    entry: dict[str, Any] = {
        "id": str(moment),
        "loggedDate": shown.isoformat(timespec="milliseconds"),
        "world": environ.get(WORLD_NAME, "shared"),
        "room": _ROOMS.get(path.lstrip("/").partition("/")[0], "other"),
        "request": {
            "method": environ["REQUEST_METHOD"],
            "url": f"{path}?{query}" if query else path,
            "key": masked(environ.get("HTTP_APIKEY")),
            "headers": request_headers(environ),
            "bodySize": exchange.received,
            **({} if notes.form is None else {"form": notes.form[:_LONGEST_FORM]}),
        },
        "response": {"status": int(status), "reason": reason, "bodySize": exchange.sent},
        "ms": round(exchange.milliseconds, 2),
    }
    extra = {
        "parsed": notes.understood,
        "ignored": notes.ignored,
        "matches": notes.matches,
        "findings": [asdict(finding) for finding in notes.findings],
        "quirks": notes.quirks,
        "fault": exchange.fault,
    }
    entry.update((name, value) for name, value in extra.items() if value not in (None, [], {}))
    return json.dumps(entry, separators=(",", ":"), default=str).encode()


def request_headers(environ: WSGIEnvironment) -> dict[str, str]:
    """The request's headers with its secrets masked."""
    headers = {
        key[5:].replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = str(environ[key])
    return {name: "***" if name in _SECRET else value for name, value in headers.items()}
