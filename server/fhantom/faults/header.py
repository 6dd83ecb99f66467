"""A fault for one request, told by the request itself: `X-Fhantom-Fault: status=429; retry-after=2`."""

from __future__ import annotations

from typing import Any

from fhantom.faults.rules import KINDS, BadFault, Fault, Match, action

# The first word's number belongs to this field of its kind.
_MAIN = {
    "delay": "ms",
    "slow_first_byte": "ms",
    "status": "status",
    "rate_limit": "per_minute",
    "truncate": "after_bytes",
    "torn_multipart": "after_parts",
    "wrong_content_length": "add",
    "drip": "total_ms",
    "partial_stow": "reason",
}


def parse_header(value: str) -> Fault:
    """The fault that the header describes. Raises BadFault."""
    words = [word.strip() for word in value.split(";") if word.strip()]
    if not words:
        raise BadFault("X-Fhantom-Fault: is empty")
    kind, _, number = words[0].partition("=")
    kind = kind.strip().replace("-", "_")
    if kind not in KINDS:
        raise BadFault(f"X-Fhantom-Fault: must begin with one of {', '.join(KINDS)}")
    raw: dict[str, Any] = {"kind": kind}
    if number:
        raw[_MAIN.get(kind, "value")] = _value(number)
    for word in words[1:]:
        name, _, text = word.partition("=")
        name = name.strip()
        if kind == "status" and name.replace("-", "_") != "body":
            raw.setdefault("headers", {})[name] = text.strip()
        else:
            raw[name.replace("-", "_")] = _value(text)
    return Fault(id="header", match=Match(), action=action(raw))


def _value(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.lstrip("-").isdecimal() else text
