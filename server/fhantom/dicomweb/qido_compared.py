"""Whether the real server would have found the same, asked of the data, where it reads a search otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from fhantom.archive.query import Query
from fhantom.archive.search import Match, first_within
from fhantom.world import World

UNSEEN = frozenset(("qido-decimals",))
"""Rows of `portability.DEPARTURES` that no comparison tells apart: how a file writes a decimal is not kept."""

_PATIENCE = 0.05
"""Seconds that an answer may wait for the comparison; where they pass, the answers count as different."""


def finds_the_same(world: World, connection: Connection, held: Sequence[Match], as_recorded: Query) -> bool:
    """Whether the search as the real server reads it has the rows of the answer, and no others."""
    found = first_within(world, connection, as_recorded, len(held) + 1, _PATIENCE)
    return found is not None and list(map(_row, found)) == list(map(_row, held))


def _row(match: Match) -> tuple[str, str, str, list[str]]:
    return match.study_instance_uid, match.series_instance_uid, match.sop_instance_uid, sorted(match.attributes)
