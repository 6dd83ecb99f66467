"""$translate: a code in the terms of another system (FHIR conceptmap-operation-translate)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from fhantom.fhir import asking
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import terms
from fhantom.fhir.operations.target import Resource, Target, answered, instance, loaded, parameters_of, text, value
from fhantom.fhir.operations.terms import Asked
from fhantom.fhir.outcomes import Refusal

# R5's relationships by the names of R4, which the real server answers with in both (HAPI 8.8.0, asked).
_EQUIVALENCES = {
    "related-to": "relatedto",
    "source-is-narrower-than-target": "wider",
    "source-is-broader-than-target": "narrower",
    "not-related-to": "disjoint",
}
_NEGATIVE = ("unmatched", "disjoint")

# Elements that name the value sets that a map leads between, by version's names.
_SOURCES = ("sourceUri", "sourceCanonical", "sourceScopeUri", "sourceScopeCanonical")
_TARGETS = ("targetUri", "targetCanonical", "targetScopeUri", "targetScopeCanonical")


@dataclass(frozen=True, slots=True)
class _End:
    """A code at one end of a mapping."""

    system: str
    version: str
    code: str
    display: str | None


@dataclass(frozen=True, slots=True)
class _Mapping:
    equivalence: str
    ends: tuple[_End, _End]

    @property
    def key(self) -> tuple[str, ...]:
        target = self.ends[1]
        return self.equivalence, target.system, target.version, target.code


def run(exchange: Exchange, target: Target) -> Answer:
    """The matches in one stored map, in those of a url, or in all where none is named."""
    parameters = _renamed(parameters_of(exchange))
    asked = terms.asked_of(parameters)
    if terms.given(parameters) != 1 or not asked or not any(one.code for one in asked):
        raise Refusal("1154")
    backwards = value(parameters, "reverse") in (True, "true")
    system = text(parameters, "targetsystem")
    rows: dict[tuple[str, ...], Resource] = {}  # the same target is told once, whichever maps lead to it
    maps = list(_maps(exchange, target, parameters, backwards))
    for one, concept_map in product(asked, maps):
        for mapping in _mappings(concept_map):
            near, far = mapping.ends[::-1] if backwards else mapping.ends
            if system in ("", far.system) and _is_asked(near, one):
                rows.setdefault(mapping.key, _match(concept_map, mapping.equivalence, far))
    found = any(equivalence not in _NEGATIVE for equivalence, *_ in rows)
    words = "Matches found" if found else "Only negative matches" if rows else "No Matches found"
    return answered(
        {"name": "result", "valueBoolean": found},
        {"name": "message", "valueString": words},
        *rows.values(),
    )


def _renamed(parameters: Resource) -> Resource:
    """R5's names of the parameters (`sourceCode`, `targetSystem`) as those of R4."""
    rows = []
    for row in parameters.get("parameter", []):
        name = str(row.get("name", ""))
        if name == "targetSystem":
            row = {**row, "name": "targetsystem"}
        elif name.startswith("source") and len(name) > 6:
            row = {**row, "name": name[6].lower() + name[7:]}
        rows.append(row)
    return {"parameter": rows}


def _maps(exchange: Exchange, target: Target, parameters: Resource, backwards: bool) -> Iterator[Resource]:
    """The stored maps that fit the parameters, oldest first; backwards a map's source and target change places."""
    if target.id:
        found = [loaded(exchange, instance(exchange, target))]
    else:
        with exchange.world.reading() as connection:
            found = [loaded(exchange, stored) for stored in asking.all_stored(exchange, connection, "ConceptMap")]
    sources, targets = (_TARGETS, _SOURCES) if backwards else (_SOURCES, _TARGETS)
    wanted = {
        ("url",): text(parameters, "url"),
        ("version",): text(parameters, "conceptMapVersion"),
        sources: text(parameters, "source"),
        targets: text(parameters, "target"),
    }
    for concept_map in found:
        if all(not told or told in map(concept_map.get, names) for names, told in wanted.items()):
            yield concept_map


def _mappings(concept_map: Resource) -> Iterator[_Mapping]:
    """The mappings of a map; of R5 the systems' versions are part of their urls and none is told."""
    for group in concept_map.get("group", ()):
        near, far = (terms.canonical(group.get(name, "")) for name in ("source", "target"))
        near_version, far_version = group.get("sourceVersion", ""), group.get("targetVersion", "")
        for element in group.get("element", ()):
            source = _End(near[0], near_version, element.get("code", ""), element.get("display"))
            for row in element.get("target", ()):
                relation = row.get("equivalence") or row.get("relationship") or ""
                target = _End(far[0], far_version, row.get("code", ""), row.get("display"))
                if target.code or "equivalence" in row:
                    yield _Mapping(_EQUIVALENCES.get(relation, relation), (source, target))


def _is_asked(end: _End, asked: Asked) -> bool:
    return end.code == asked.code and asked.system in ("", end.system) and asked.version in ("", end.version)


def _match(concept_map: Resource, equivalence: str, end: _End) -> Resource:
    told = {"system": end.system, "version": end.version, "code": end.code, "display": end.display}
    parts: list[Resource] = [
        {"name": "equivalence", "valueCode": equivalence},
        {"name": "concept", "valueCoding": {name: item for name, item in told.items() if item}},
    ]
    if url := concept_map.get("url"):
        parts.append({"name": "source", "valueUri": url})
    return {"name": "match", "part": parts}
