"""The parameters of a request, in the order they came, and how they are written into links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote, unquote_plus

Pairs = tuple[tuple[str, str], ...]

_HEEDED = ("text", "true", "data", "false", "count")  # of several the first (HAPI 8.8.0, asked)
SUMMARIES = frozenset(_HEEDED)
_SHORT = 64  # characters of a text whose form in links is kept
_SAFE = "-_.*"  # the real server's links leave these as they are and escape every other punctuation


def parse(query: str) -> Pairs:
    """The decoded pairs of a query or form; empty pieces between ampersands vanish.

    Bytes that are no UTF-8 become replacement characters, as a value nobody stored.
    """
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((unquote_plus(name), unquote_plus(value)))
    return tuple(pairs)


def first(pairs: Pairs, name: str) -> str | None:
    """The first value of a parameter, None if it is absent."""
    for key, value in pairs:
        if key == name:
            return value
    return None


def every(pairs: Pairs, name: str) -> list[str]:
    """All values of a parameter, in order."""
    return [value for key, value in pairs if key == name]


def commas(values: Iterable[str]) -> tuple[str, ...]:
    """The values of comma-separated lists, without blanks and empty ones."""
    return tuple(part for value in values for piece in value.split(",") if (part := piece.strip()))


def summary(pairs: Pairs) -> str | None:
    """What `_summary` asks for, None if nothing that there is; of several the one that the real server heeds."""
    asked = summaries(pairs)
    return next((value for value in _HEEDED if value in asked), None)


def summaries(pairs: Pairs) -> list[str]:
    """All that `_summary` asks for and means something, in lower case; with a blank beside it none does."""
    asked = (piece.lower() for value in every(pairs, "_summary") for piece in value.split(","))
    return [value for value in asked if value in SUMMARIES]


def names(pairs: Pairs) -> str:
    """The names as the refusal of an unsupported request lists them."""
    return ", ".join(dict.fromkeys(name for name, _ in pairs))


def escaped(text: str) -> str:
    """A name or value as it stands in a link."""
    return _kept(text) if len(text) <= _SHORT else quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _kept(text: str) -> str:
    return quote(text, safe=_SAFE)


def written(pairs: Sequence[tuple[str, str]]) -> str:
    """The query of a link: pairs in the order given, escaped; empty if there are none."""
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs)


def with_query(url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """`url` with its parameters sorted by name, as the real server writes self links."""
    ordered = sorted(pairs, key=lambda pair: pair[0])  # stable: repeated names keep their order
    return f"{url}?{written(ordered)}" if ordered else url
