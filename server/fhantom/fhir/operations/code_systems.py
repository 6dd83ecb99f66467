"""$lookup and $subsumes of code systems (FHIR codesystem-operations)."""

from __future__ import annotations

from fhantom.definitions.terminology import Terminology
from fhantom.fhir import asking
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import terms
from fhantom.fhir.operations.target import Resource, Target, answered, parameters_of, text, value
from fhantom.fhir.outcomes import Refusal


def run(exchange: Exchange, target: Target) -> Answer:
    """What is known of a code, or how two codes relate."""
    parameters = parameters_of(exchange)
    with exchange.world.reading() as connection:
        known = asking.terms(exchange, connection)
        work = _lookup if exchange.path.endswith("$lookup") else _subsumes
        return work(known, parameters)


def _lookup(known: Terminology, parameters: Resource) -> Answer:
    asked = terms.coding_of(parameters)
    if asked is None or not asked.system:
        raise Refusal("1126")
    if value(parameters, "coding") is not None and (text(parameters, "code") or text(parameters, "system")):
        raise Refusal("1127")
    system = known.code_system(asked.system)
    concept = system.concepts.get(asked.code) if system else None
    if system is None or concept is None:
        raise Refusal("1738", system=asked.system, code=asked.code)
    rows: list[Resource] = [{"name": "name", "valueString": system.name}] if system.name else []
    if system.version:
        rows.append({"name": "version", "valueString": system.version})
    if concept.display:
        rows.append({"name": "display", "valueString": concept.display})
    rows.append({"name": "abstract", "valueBoolean": "notSelectable" in concept.properties})
    return answered(*rows)


def _subsumes(known: Terminology, parameters: Resource) -> Answer:
    codes, systems = [], []
    for side in ("A", "B"):
        coding = value(parameters, f"coding{side}")
        given = coding if isinstance(coding, dict) else {"code": text(parameters, f"code{side}")}
        codes.append(given.get("code", ""))
        systems.append(given.get("system", text(parameters, "system")))
    if not all((*codes, *systems)):
        raise Refusal("1126")
    if systems[0] != systems[1]:
        raise Refusal("0903")
    system = known.code_system(systems[0])
    for code in codes:
        if system is None or code not in system.concepts:
            raise Refusal("unknown code", system=systems[0], code=code)
    assert system is not None
    first, second = codes
    if first == second:
        result = "equivalent"
    elif second in system.below(first):
        result = "subsumes"
    elif first in system.below(second):
        result = "subsumed-by"
    else:
        result = "not-subsumed"
    return answered({"name": "outcome", "valueCode": result})
