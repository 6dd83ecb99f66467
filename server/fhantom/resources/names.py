"""The names of search parameters: `code:modifier.chain` and `_has:Type:parameter:code`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

DEEPEST = 12
"""Links of a chain, and nested `_has`, that are followed at most."""


@dataclass(frozen=True, slots=True)
class ParameterName:
    """A parameter's name in its parts; `chain` is what stands behind the first full stop."""

    text: str
    code: str
    modifier: str = ""
    chain: str = ""


@lru_cache(maxsize=1024)
def split_name(text: str) -> ParameterName:
    """The parts of a name; for `_has` the whole rest is the modifier, as it holds names of its own."""
    if text.startswith("_has:"):
        return ParameterName(text, "_has", text[5:])
    head, _, chain = text.partition(".")
    code, _, modifier = head.partition(":")
    return ParameterName(text, code, modifier, chain)
