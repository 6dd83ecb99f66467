"""What an empty search nearly found: the same search without one of its conditions, or with one written otherwise.

A room says how to count and how a condition could be written; nothing here knows what is searched.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

NEAR_MISSES = "fhantom.near_misses"
"""Among the application's extensions: what tells the near misses of each room, by the room's name."""

MOST = 100
"""Matches that are counted; more are as good."""

PATIENCE = 0.25
"""Seconds after which no further search is tried."""

_TOLD = 5

Pair = tuple[str, str]
Pairs = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search of the journal, as its client sent it.

    Attributes:
        path: canonical, without the query.
        form: the body, where parameters came as one.
        origin: of the server, which absolute references begin with.
        is_empty: it found nothing; else only its names are looked at.
    """

    path: str
    query: str
    form: str = ""
    origin: str = ""
    is_empty: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """How a room tries a search again.

    Attributes:
        conditions: its parameters that choose what is found.
        count: how many match so many conditions, up to `MOST`; None if they cannot be asked.
        rewrites: what one condition could be written as.
        noun: what is found, for one and for several.
    """

    conditions: Pairs
    count: Callable[[Pairs], int | None]
    rewrites: Callable[[Pair], Iterable[Pairs]]
    noun: tuple[str, str]


def told(search: Search) -> list[str]:
    """What would have matched, one sentence each, the most telling first; empty if nothing near would."""
    end = time.monotonic() + PATIENCE
    found: list[tuple[int, str]] = []
    for at, pair in enumerate(search.conditions):
        before, after = search.conditions[:at], search.conditions[at + 1 :]
        attempts = [(other, f"with {shown(other)}") for other in search.rewrites(pair)]
        for instead, words in (*attempts, ((), f"without {shown([pair])}")):
            if time.monotonic() > end:
                break
            if count := search.count((*before, *instead, *after)):
                found.append((bool(instead) * MOST + count, f"{_counted(search, count)} would match {words}"))
                break  # what is nearest to the question tells the most
    if found:
        ordered = sorted(found, key=lambda near: -near[0])
        return [sentence for _, sentence in ordered[:_TOLD]]
    return _alone(search, end)


def _alone(search: Search, end: float) -> list[str]:
    """Where no single condition is at fault: those that find nothing by themselves, or that nothing is there."""
    if search.count(()) == 0:
        return [f"there are no {search.noun[1]} at all"]
    several = search.conditions if len(search.conditions) > 1 else ()
    alone = (pair for pair in several if time.monotonic() < end and search.count((pair,)) == 0)
    return [f"{shown([pair])} matches nothing by itself" for pair in alone][:_TOLD]


def alike(name: str, known: Iterable[str]) -> list[str]:
    """What an unknown name may have been meant to be, as one sentence; empty if nothing is like it."""
    by_folded = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), by_folded, n=3, cutoff=0.75)
    return [f"there is no {name}, but {' and '.join(by_folded[one] for one in found)}"] if found else []


def shown(pairs: Sequence[Pair]) -> str:
    """Conditions as a query has them, readable."""
    return "&".join(f"{name}={value}" for name, value in pairs)


def _counted(search: Search, count: int) -> str:
    number = f"{MOST} or more" if count >= MOST else str(count)
    return f"{number} {search.noun[count > 1]}"
