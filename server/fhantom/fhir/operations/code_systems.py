"""$lookup and $subsumes of code systems (FHIR codesystem-operations)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhantom.definitions.terminology import code_system
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import shared_systems, terms
from fhantom.fhir.operations.target import Resource, Target, answered, parameters_of, text, value
from fhantom.fhir.operations.terms import Asked, Known
from fhantom.fhir.outcomes import Refusal


def run(exchange: Exchange, target: Target) -> Answer:
    """What is known of a code, or how two codes relate."""
    parameters = parameters_of(exchange)
    with exchange.world.reading() as connection:
        known = Known(exchange, connection)
        work = _lookup if exchange.path.endswith("$lookup") else _subsumes
        return answered(*work(known, parameters))


def _lookup(known: Known, parameters: Resource) -> list[Resource]:
    asked = next(iter(terms.asked_of(parameters)), Asked("", ""))
    if value(parameters, "coding") and (text(parameters, "code") or text(parameters, "system")):
        raise Refusal("1127")
    if not (asked.system and asked.code):
        raise Refusal("1126")
    version = text(parameters, "version") or asked.version
    found = known.find("CodeSystem", asked.system, version)
    if found is None:
        shared = shared_systems.coding(asked.system, asked.code)
        if shared is None:
            raise Refusal("1738", system=asked.system, code=asked.code)
        return _told(shared.display)
    concept = _concept(found.resource.get("concept", ()), asked.code)
    if concept is None:
        raise Refusal("1738", system=asked.system, code=asked.code)
    # Of the definitions the real server tells the version that it was asked for, and no properties.
    version = found.resource.get("version", "") if found.is_stored else version or found.resource.get("version", "")
    system = {"name": found.resource.get("name"), "version": version}
    rows: list[Resource] = [{"name": name, "valueString": told} for name, told in system.items() if told]
    rows += _told(concept.get("display"))
    if found.is_stored:
        rows += _properties(parameters, concept)
        rows += [_designation(row) for row in concept.get("designation", ())]
    return rows


def _told(display: str | None) -> list[Resource]:
    shown: Resource = {"name": "display", "valueString": display} if display else {"name": "display"}
    return [shown, {"name": "abstract", "valueBoolean": False}]


def _concept(concepts: Any, code: str) -> Resource | None:
    return next((concept for concept in _all(concepts) if concept.get("code") == code), None)


def _all(concepts: Any) -> Iterator[Resource]:
    for concept in concepts:
        yield concept
        yield from _all(concept.get("concept", ()))


def _properties(parameters: Resource, concept: Resource) -> Iterator[Resource]:
    """The properties of a concept, those that `property` names if there is one; a code is told as a string."""
    rows = (row for row in parameters.get("parameter", ()) if row.get("name") == "property")
    wanted = {str(item) for row in rows for key, item in row.items() if key.startswith("value")}
    for row in concept.get("property", ()):
        key = next((key for key in row if key.startswith("value")), "")
        if key and (not wanted or row["code"] in wanted):
            told = {"name": "value", "valueString" if key == "valueCode" else key: row[key]}
            yield {"name": "property", "part": [{"name": "code", "valueCode": row["code"]}, told]}


def _designation(row: Resource) -> Resource:
    types = {"language": "valueCode", "use": "valueCoding", "value": "valueString"}
    parts = [{"name": name, **({key: row[name]} if name in row else {})} for name, key in types.items()]
    return {"name": "designation", "part": parts}


def _subsumes(known: Known, parameters: Resource) -> list[Resource]:
    """How two codes of a stored code system relate; those of the definitions the real server does not compare."""
    first, second = (_side(parameters, side) for side in "AB")
    if first.system != second.system:
        raise Refusal("0903")
    if not first.system:
        raise Refusal("1126")
    found = known.find("CodeSystem", first.system, text(parameters, "version"))
    system = code_system(found.resource) if found and found.is_stored else None
    for one in (first, second):
        if system is None or one.code not in system.concepts:
            raise Refusal("unknown code", system=one.system, code=one.code)
    assert system is not None
    if first.code == second.code:
        result = "equivalent"
    elif second.code in system.below(first.code):
        result = "subsumes"
    else:
        result = "subsumed-by" if first.code in system.below(second.code) else "not-subsumed"
    return [{"name": "outcome", "valueCode": result}]


def _side(parameters: Resource, side: str) -> Asked:
    coding = value(parameters, f"coding{side}")
    if isinstance(coding, str):
        coding = terms.of_token(coding)
    if isinstance(coding, dict) and not text(parameters, f"code{side}"):
        return Asked(coding.get("system", ""), coding.get("code", ""))
    return Asked(terms.canonical(text(parameters, "system"))[0], text(parameters, f"code{side}"))
