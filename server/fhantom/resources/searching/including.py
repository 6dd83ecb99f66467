"""What `_include` and `_revinclude` add to a page (FHIR search 3.2.1.7.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from fhantom.resources.query import Include, Search
from fhantom.resources.reading import COLUMNS, stored
from fhantom.resources.records import Stored
from fhantom.resources.rows import fetch
from fhantom.resources.searching.sql import TRUE, Sql, joined, one_of

MOST = 10_000
"""Resources that one page includes at most."""

_CHUNK = 500


def included(connection: Connection, search: Search, matches: Sequence[Stored]) -> tuple[Stored, ...]:
    """The resources that the matches lead to, each once, in the order of creation."""
    found = {record.number: record for record in matches}
    fresh = list(matches)
    rounds = search.includes
    while fresh and rounds and len(found) < MOST:
        reached = [record for include in rounds for record in _follow(connection, include, fresh)]
        fresh = list({record.number: record for record in reached if record.number not in found}.values())
        found.update((record.number, record) for record in fresh)
        rounds = tuple(include for include in search.includes if include.iterate)
    beyond = sorted(found.keys() - {record.number for record in matches})
    return tuple(found[number] for number in beyond[:MOST])


def _follow(connection: Connection, include: Include, records: Sequence[Stored]) -> Iterable[Stored]:
    if include.reverse:
        targets = [r for r in records if include.target_type in ("", r.type)]
        reached = _pointing(connection, include, [record.key for record in targets])
        return (record for record in reached if include.source_type in ("", record.type))
    sources = [r for r in records if include.source_type in ("", r.type)]
    reached = _pointed(connection, include, [record.number for record in sources])
    return (record for record in reached if include.target_type in ("", record.type))


def _pointed(connection: Connection, include: Include, numbers: list[int]) -> list[Stored]:
    found: list[Stored] = []
    for start in range(0, len(numbers), _CHUNK):
        where = _where("x.resource", tuple(numbers[start : start + _CHUNK]), include)
        text = (
            f"SELECT {COLUMNS} FROM (SELECT DISTINCT x.target FROM fhir_reference x WHERE {where.text}) t"
            " CROSS JOIN fhir_resource r ON r.key = t.target WHERE r.digest IS NOT NULL"
        )
        found += [stored(row) for row in fetch(connection, text, where.values)]
    return found


def _pointing(connection: Connection, include: Include, keys: list[int]) -> list[Stored]:
    found: list[Stored] = []
    for start in range(0, len(keys), _CHUNK):
        where = _where("x.target", tuple(keys[start : start + _CHUNK]), include)
        text = (
            f"SELECT DISTINCT {COLUMNS} FROM fhir_reference x"
            f" CROSS JOIN fhir_resource r ON r.number = x.resource WHERE {where.text} LIMIT {MOST}"
        )
        found += [stored(row) for row in fetch(connection, text, where.values)]
    return found


def _where(column: str, values: tuple[int, ...], include: Include) -> Sql:
    pieces = [one_of(column, values)]
    if include.parameters:
        pieces.append(one_of("x.parameter", include.parameters))
    return joined("AND", pieces, TRUE)
