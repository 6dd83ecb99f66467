"""Chains whose end is rare, made into plain references before a search is planned."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.criteria import ChainCondition, Condition, HasCondition, ReferenceCondition, ReferenceValue
from fhantom.resources.rows import fetch
from fhantom.resources.searching import clauses
from fhantom.resources.searching.sql import as_table

_MOST = 200
"""Targets up to which a chain is resolved; a statement that names many more takes long to prepare."""


def resolved(connection: Connection, condition: Condition) -> Condition:
    """The same condition with the chains in it that lead to few resources turned into references to those."""
    if isinstance(condition, HasCondition):
        return HasCondition(condition.parameter, resolved(connection, condition.condition))
    if not isinstance(condition, ChainCondition):
        return condition
    alternatives = tuple(resolved(connection, each) for each in condition.alternatives)
    targets: set[tuple[int, int]] = set()
    for each in alternatives:
        source = clauses.source(each)
        if source is None:
            return ChainCondition(condition.parameter, alternatives)
        text = (
            f"SELECT t.number, t.key FROM {as_table(source, 's')} CROSS JOIN fhir_resource t ON t.number = s.number"
            f" WHERE t.digest IS NOT NULL LIMIT {_MOST}"
        )
        found = fetch(connection, text, source.where.values)
        if len(found) == _MOST:
            return ChainCondition(condition.parameter, alternatives)
        targets.update(found)
    return ReferenceCondition(condition.parameter, (ReferenceValue(tuple(key for _, key in sorted(targets))),))
