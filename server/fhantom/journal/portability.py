"""What worked here and would not have on the real server, gathered from journal entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Entry = dict[str, Any]

_SHOWN = 100


def report(entries: Iterable[Entry]) -> dict[str, Any]:
    """Requests with portability findings by the row of the table that they met, those that fail there first.

    `failing` and `differing` count requests that were answered here: those that the real server refuses, and those
    that it answers otherwise.
    """
    rows: dict[str, dict[str, Any]] = {}
    failing = differing = 0
    for entry in entries:
        found = entry.get("findings", ()) if entry["response"]["status"] < 400 else ()
        failing += any(finding["fails"] for finding in found)
        differing += bool(found) and not any(finding["fails"] for finding in found)
        for finding in found:
            row = rows.setdefault(finding["row"], {**finding, "count": 0, "requests": []})
            row["count"] += 1
            if len(row["requests"]) < _SHOWN:
                row["requests"].append(_request(entry))
    findings = sorted(rows.values(), key=lambda row: (not row["fails"], row["row"]))
    return {"failing": failing, "differing": differing, "findings": findings}


def _request(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry["id"],
        "method": entry["request"]["method"],
        "url": entry["request"]["url"],
        "status": entry["response"]["status"],
    }
