"""`_count` and `_offset`: how much of a result an answer shows."""

from __future__ import annotations

import re

from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal

DEFAULT_COUNT = 20  # the real server's page

_WHOLE = re.compile(r"[+-]?\d{1,10}")
_LARGEST = (1 << 31) - 1  # that Java takes for an int


def number_of(exchange: Exchange, name: str) -> int | None:
    """The whole number of a parameter, None if it is absent or empty. Refusal 0375 or 0461 if it is none."""
    text = exchange.first(name) or ""
    if not text.strip():
        return None
    if not _WHOLE.fullmatch(text) or abs(int(text)) > _LARGEST:
        raise Refusal("0461" if name == "_offset" else "0375", value=text)
    return int(text)


def offset_and_count(exchange: Exchange) -> tuple[int, int]:
    """The slice of a history that the parameters ask for; a count that is no number counts as none."""
    offset = number_of(exchange, "_offset") or 0
    count = number_of(exchange, "_count") if _WHOLE.fullmatch(exchange.first("_count") or "") else None
    if offset < 0:
        raise Refusal("0389", value=offset)
    return offset, DEFAULT_COUNT if count is None else max(count, 0)
