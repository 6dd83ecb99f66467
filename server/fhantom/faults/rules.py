"""Faults as records, and their JSON form with every field checked."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhantom.errors import BadRequest


class BadFault(BadRequest):
    """A fault that cannot be understood; the message begins with the field's name."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a fault is for; a field that is None fits all.

    Attributes:
        path: a shell pattern.
        headers: a shell pattern for each header that the request must have.
    """

    method: str | None = None
    path: str | None = None
    key: str | None = None
    headers: Mapping[str, str] | None = None

    def fits(self, method: str, path: str, key: str | None, environ: Mapping[str, Any]) -> bool:
        """True if all of them agree; `environ` has the headers as WSGI names them."""
        return (
            (self.method is None or self.method == method)
            and (self.path is None or fnmatch.fnmatchcase(path, self.path))
            and (self.key is None or self.key == key)
            and all(_has(environ, name, pattern) for name, pattern in (self.headers or {}).items())
        )


def _has(environ: Mapping[str, Any], name: str, pattern: str) -> bool:
    name = name.upper().replace("-", "_")
    value = environ.get(name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}")
    return value is not None and fnmatch.fnmatchcase(str(value), pattern)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to happen to which requests.

    Attributes:
        action: `kind` and the fields of its kind.
        skip: how many fitting requests pass before it begins.
        times: how many it then strikes; None for all.
        probability: of each of those, drawn from the seeded generator.
    """

    id: str
    match: Match
    action: Mapping[str, Any]
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    hits: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of an action: what its value must be, and what it is if nothing is said."""

    says: str
    accepts: Callable[[Any], bool]
    type: str
    default: Any = None
    required: bool = False


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _status(value: Any) -> bool:
    return _whole(value) and 200 <= value <= 599


def _headers(value: Any) -> bool:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        return False
    return not any(mark in name + text for name, text in value.items() for mark in "\r\n")


_MS = _Field("a number of milliseconds", _whole, "integer", 0)
_BYTES = _Field("a number of bytes", _whole, "integer", 1)

# Kind of fault -> its fields (names after WireMock, Toxiproxy and Prism, which users know).
KINDS: dict[str, dict[str, _Field]] = {
    "delay": {"ms": _MS, "jitter_ms": _MS},
    "slow_first_byte": {"ms": _MS},
    "status": {
        "status": _Field("a status from 200 to 599", _status, "integer", required=True),
        "headers": _Field("an object of texts", _headers, "object", {}),
        "body": _Field("a text", lambda value: isinstance(value, str), "string"),
    },
    "rate_limit": {"per_minute": _Field("a positive number", lambda v: _whole(v) and v > 0, "integer", 60)},
    "expired_key": {},
    "truncate": {"after_bytes": _BYTES},
    "torn_multipart": {"after_parts": _Field("a number of parts", _whole, "integer", 1)},
    "wrong_content_length": {
        "add": _Field("a number of bytes", lambda v: isinstance(v, int) and bool(v), "integer", 7)
    },
    "drip": {"chunks": _Field("a positive number", lambda v: _whole(v) and v > 0, "integer", 5), "total_ms": _MS},
    "empty": {},
    "reset": {},
    "refuse": {},
    "malformed_chunk": {},
    "partial_stow": {
        "instance": _Field("the number of an instance, from 1", lambda v: _whole(v) and v > 0, "integer", 1),
        "reason": _Field("a failure reason", lambda v: _whole(v) and v < 65536, "integer", 272),  # PS3.18 I.2
    },
}

_MATCH_TYPES: dict[str, dict[str, Any]] = {
    **{name: {"type": "string"} for name in ("method", "path", "key")},
    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
}
_MATCH = tuple(_MATCH_TYPES)


def parse(raw: Any, id: str) -> Fault:
    """The fault that a JSON value describes. Raises BadFault that names the field."""
    if not isinstance(raw, dict):
        raise BadFault("fault: must be an object")
    _only(raw, "fault", ("match", "action", "skip", "times", "probability"))
    return Fault(
        id=id,
        match=_match(raw.get("match", {})),
        action=action(raw.get("action")),
        skip=_number(raw, "skip", 0),
        times=None if raw.get("times") is None else _number(raw, "times", 0),
        probability=_probability(raw.get("probability", 1.0)),
    )


def action(raw: Any) -> dict[str, Any]:
    """An action with every field of its kind. Raises BadFault."""
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS:
        raise BadFault(f"action.kind: must be one of {', '.join(KINDS)}")
    fields = KINDS[raw["kind"]]
    _only(raw, "action", ("kind", *fields))
    complete = {"kind": raw["kind"]}
    for name, rule in fields.items():
        value = raw.get(name, rule.default)
        if isinstance(value, bool) or (value != rule.default and not rule.accepts(value)):
            raise BadFault(f"action.{name}: must be {rule.says}")
        if rule.required and value is None:
            raise BadFault(f"action.{name}: is missing; it must be {rule.says}")
        complete[name] = value
    return complete


def as_json(fault: Fault) -> dict[str, Any]:
    """The fault as the control routes show it."""
    match = {name: getattr(fault.match, name) for name in _MATCH if getattr(fault.match, name) is not None}
    return {
        "id": fault.id,
        "match": match,
        "action": dict(fault.action),
        "skip": fault.skip,
        "times": fault.times,
        "probability": fault.probability,
        "hits": fault.hits,
    }


def schema() -> dict[str, Any]:
    """What `parse` takes, as JSON Schema."""
    return {
        "type": "object",
        "properties": {
            "match": {"type": "object", "properties": {name: _MATCH_TYPES[name] for name in _MATCH}},
            "action": {"oneOf": [_schema_of(kind, fields) for kind, fields in KINDS.items()]},
            "skip": {"type": "integer", "minimum": 0, "default": 0},
            "times": {"type": ["integer", "null"], "minimum": 0},
            "probability": {"type": "number", "minimum": 0, "maximum": 1, "default": 1},
        },
        "required": ["action"],
        "additionalProperties": False,
    }


def _schema_of(kind: str, fields: Mapping[str, _Field]) -> dict[str, Any]:
    known = {name: {"type": rule.type, "description": rule.says} for name, rule in fields.items()}
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, **known},
        "required": ["kind", *(name for name, rule in fields.items() if rule.required)],
        "additionalProperties": False,
    }


def _match(raw: Any) -> Match:
    if not isinstance(raw, dict):
        raise BadFault("match: must be an object")
    _only(raw, "match", _MATCH)
    for name, value in raw.items():
        if name == "headers" and not _headers(value):
            raise BadFault("match.headers: must be an object of texts")
        if name != "headers" and not isinstance(value, str):
            raise BadFault(f"match.{name}: must be a text")
    method = raw.get("method")
    return Match(method.upper() if method else None, raw.get("path"), raw.get("key"), raw.get("headers"))


def _only(raw: dict[str, Any], where: str, known: tuple[str, ...]) -> None:
    for name in raw:
        if name not in known:
            raise BadFault(f"{where}.{name}: is not known; {where} takes {', '.join(known)}")


def _number(raw: dict[str, Any], name: str, default: int) -> int:
    value = raw.get(name, default)
    if not _whole(value):
        raise BadFault(f"{name}: must be a whole number from 0 up")
    return int(value)


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFault("probability: must be a number from 0 to 1")
    return float(value)
