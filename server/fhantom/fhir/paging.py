"""`_count` and `_offset`: how much of a result an answer shows."""

from __future__ import annotations

import re

from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal

DEFAULT_COUNT = 20  # the real server's page

_WHOLE = re.compile(r"[+-]?\d{1,9}")


def number_of(exchange: Exchange, name: str) -> int | None:
    """The whole number of a parameter, None if it is absent or empty. Refusal 0375 if it is none."""
    text = exchange.first(name)
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise Refusal("0375", value=text)
    return int(text)


def offset_and_count(exchange: Exchange) -> tuple[int, int]:
    """The slice that the parameters ask for."""
    offset, count = number_of(exchange, "_offset") or 0, number_of(exchange, "_count")
    if offset < 0:
        raise Refusal("0389", value=offset)
    return offset, DEFAULT_COUNT if count is None else max(count, 0)
