"""Invariants of resource types and datatypes, for scripts/generate_definitions.py."""

from __future__ import annotations

from typing import Any

Definition = dict[str, Any]

SUPPLIED_INVARIANTS = {
    # fhirpathpy has no boundaries of partial dates, which 5.0.0 names; 4.0.1 says it without.
    "per-1": "start.hasValue().not() or end.hasValue().not() or (start <= end)",
}
NOT_TRIED = (
    *("ele-1", "dom-3", "dom-6"),  # held by the reader, which drops what is empty, or by fhantom.fhir.validation
    "que-7",  # fhirpathpy takes no FHIR boolean for a Boolean of the system, which R4's expression names
    *("sdf-24", "sdf-25"),  # fhirpathpy needs 20 seconds for a StructureDefinition of 150 kB
)


def invariant_rows(structure: Definition) -> dict[str, list[list[str]]]:
    """The invariants that a StructureDefinition itself states, by element path without `[x]`."""
    rows: dict[str, list[list[str]]] = {}
    elements = structure["snapshot"]["element"]
    of_the_type = {constraint["key"] for constraint in elements[0].get("constraint", [])}
    for at, element in enumerate(elements):
        for constraint in element.get("constraint", []):
            key, source = constraint["key"], constraint.get("source", structure["url"])
            inherited = source != structure["url"] or (at and key in of_the_type)
            if not inherited and key not in NOT_TRIED and "expression" in constraint:
                expression = SUPPLIED_INVARIANTS.get(key, constraint["expression"])
                row = [key, constraint["severity"], expression, constraint["human"]]
                rows.setdefault(element["path"].removesuffix("[x]"), []).append(row)
    return rows
