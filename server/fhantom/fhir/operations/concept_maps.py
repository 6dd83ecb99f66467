"""$translate: a code in the terms of another system (FHIR conceptmap-operation-translate)."""

from __future__ import annotations

from collections.abc import Iterator

from fhantom.definitions.terminology import Terminology
from fhantom.fhir import asking, conditions
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import terms
from fhantom.fhir.operations.target import Resource, Target, answered, loaded, parameters_of, text
from fhantom.fhir.outcomes import Refusal


def run(exchange: Exchange, target: Target) -> Answer:
    """The matches of one map, or of all stored maps where none is named."""
    parameters = parameters_of(exchange)
    asked = terms.coding_of(parameters) or terms.coding_of(_renamed(parameters))
    if asked is None:
        raise Refusal("1154")
    wanted = text(parameters, "targetsystem") or text(parameters, "targetSystem")
    with exchange.world.reading() as connection:
        known = asking.terms(exchange, connection)
        maps = _maps(exchange, target, known, parameters)
        if maps is None:
            found = conditions.matches(exchange, connection, "ConceptMap?_id:missing=false")
            maps = [loaded(exchange, stored) for stored in found]
    rows = []
    for concept_map in maps:
        for system, equivalence, code, display in _targets(concept_map, asked.system, asked.code):
            if wanted in ("", system):
                rows.append(_match(exchange.version, concept_map, system, equivalence, code, display))
    found_any = {"name": "result", "valueBoolean": bool(rows)}
    message = {"name": "message", "valueString": f"{len(rows)} matches" if rows else "no match"}
    return answered(found_any, message, *rows)


def _renamed(parameters: Resource) -> Resource:
    """R5's names of the source (`sourceCode`, `sourceCoding`) as those of R4."""
    rows = []
    for row in parameters.get("parameter", []):
        name = str(row.get("name", ""))
        if name.startswith("source") and len(name) > 6:
            row = {**row, "name": name[6].lower() + name[7:]}
        rows.append(row)
    return {"parameter": rows}


def _maps(exchange: Exchange, target: Target, known: Terminology, parameters: Resource) -> list[Resource] | None:
    if target.id or text(parameters, "url"):
        found = terms.subject(exchange, target, known, parameters, "ConceptMap", "conceptMap")
        return [found] if found else []
    return None


def _targets(concept_map: Resource, system: str, code: str) -> Iterator[tuple[str, str, str, str | None]]:
    for group in concept_map.get("group", []):
        if system and group.get("source", "").partition("|")[0] != system:
            continue
        for element in group.get("element", []):
            if element.get("code") != code:
                continue
            for row in element.get("target", []):
                relation = row.get("equivalence") or row.get("relationship") or ""
                yield group.get("target", ""), relation, row.get("code", ""), row.get("display")


def _match(version: str, concept_map: Resource, system: str, relation: str, code: str, display: str | None) -> Resource:
    concept = {"system": system, "code": code}
    if display:
        concept["display"] = display
    name = "equivalence" if version == "R4" else "relationship"
    parts: list[Resource] = [
        {"name": name, "valueCode": relation},
        {"name": "concept", "valueCoding": concept},
    ]
    if url := concept_map.get("url"):
        source = {"name": "source", "valueUri": url} if version == "R4" else {"name": "originMap", "valueUri": url}
        parts.append(source)
    return {"name": "match", "part": parts}
