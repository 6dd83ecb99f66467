"""A journal entry in words, as pages show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said of a request: `words` in front, `lines` behind."""

    kind: str
    words: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One request, ready for a page."""

    id: str
    method: str
    url: str
    status: int
    reason: str
    moment: str
    milliseconds: float
    room: str
    world: str
    matches: int | None
    notices: tuple[Notice, ...]
    json: str

    @property
    def time(self) -> str:
        """The time of day, in UTC."""
        return self.moment[11:23]


def shown(entry: Entry) -> Shown:
    """The entry in words."""
    request, response = entry["request"], entry["response"]
    return Shown(
        id=entry["id"],
        method=request["method"],
        url=request["url"],
        status=response["status"],
        reason=response["reason"],
        moment=entry["loggedDate"],
        milliseconds=entry["ms"],
        room=entry["room"],
        world=entry["world"],
        matches=entry.get("matches"),
        notices=tuple(_notices(entry)),
        json=json.dumps(entry, indent=2, ensure_ascii=False),
    )


def is_telling(entry: Entry) -> bool:
    """Whether there is something to look at: a failure, a fault, a finding, something ignored, nothing found."""
    return (
        entry["response"]["status"] >= 400
        or entry.get("matches") == 0
        or any(entry.get(name) for name in ("ignored", "findings", "quirks", "fault"))
    )


def understood(parsed: Entry) -> Iterator[str]:
    """What a room took a request for, a line for each thing that it says."""
    rest = {name: value for name, value in parsed.items() if name != "conditions" and value is not None}
    if rest:
        yield ", ".join(f"{name} {_value(value)}" for name, value in rest.items())
    for condition in parsed.get("conditions", ()):
        yield " ".join(_value(part) for part in condition)


def _notices(entry: Entry) -> Iterator[Notice]:
    if "fault" in entry:
        yield Notice("fault", "fault", (entry["fault"],))
    if "refusal" in entry:
        yield Notice("", "refused", (entry["refusal"],))
    if "parsed" in entry:
        yield Notice("", "understood", tuple(understood(entry["parsed"])))
    if "form" in entry["request"]:
        yield Notice("", "form", (entry["request"]["form"],))
    if "ignored" in entry:
        yield Notice("ignored", "ignored", tuple(entry["ignored"]))
    if "nearMisses" in entry:
        yield Notice("near", "nearly", tuple(entry["nearMisses"]))
    for fails, kind, words in ((True, "fails", "fails there"), (False, "", "differs there")):
        lines = tuple(_finding(one) for one in entry.get("findings", ()) if one["fails"] is fails)
        if lines:
            yield Notice(kind, words, lines)
    if "quirks" in entry:
        yield Notice("", "quirk", tuple(entry["quirks"]))


def _finding(finding: Entry) -> str:
    return f"{finding['message']} ({finding['row']}, {finding['evidence']})"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(inner)}" for name, inner in value.items() if inner is not None)
    return "nothing" if value is None else str(value)
