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
    codes = []
    system_url = text(parameters, "system")
    for side in ("A", "B"):
        coding = value(parameters, f"coding{side}")
        if isinstance(coding, dict):
            system_url = coding.get("system", system_url)
            codes.append(coding.get("code", ""))
        else:
            codes.append(text(parameters, f"code{side}"))
    if not all(codes) or not system_url:
        raise Refusal("1126")
    system = known.code_system(system_url)
    for code in codes:
        if system is None or code not in system.concepts:
            raise Refusal("1738", system=system_url, code=code)
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
