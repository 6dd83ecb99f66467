"""$validate-code: whether a code belongs to a value set or a code system (FHIR R4 and R5 of both operations)."""

from __future__ import annotations

from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import NotExpandable, code_system
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import shared_systems, terms
from fhantom.fhir.operations.listing import Listing
from fhantom.fhir.operations.target import Resource, Target, answered, parameters_of, text
from fhantom.fhir.operations.terms import Asked, Found, Known
from fhantom.fhir.outcomes import Refusal

Verdict = list[Resource]


def run(exchange: Exchange, target: Target) -> Answer:
    """The verdict on the first of the given codes that belongs to it, else on the first of all."""
    parameters = parameters_of(exchange)
    with exchange.world.reading() as connection:
        known = Known(exchange, connection)
        verdicts = (_in_system if target.type == "CodeSystem" else _in_set)(target, known, parameters)
    return answered(*next((rows for rows in verdicts if rows[0]["valueBoolean"]), verdicts[0]))


def _asked(parameters: Resource, none: str, several: str, system_name: str, version_name: str) -> tuple[Asked, ...]:
    if terms.given(parameters) > 1:
        raise Refusal(several)
    asked = terms.asked_of(parameters, system_name, version_name)
    if not asked:
        raise Refusal(none)
    return asked


def _in_set(target: Target, known: Known, parameters: Resource) -> list[Verdict]:
    asked = _asked(parameters, "0899", "0900", "system", "systemVersion")
    url, version = text(parameters, "url"), text(parameters, "valueSetVersion")
    if not (target.id or url):
        raise Refusal("0901")
    found = known.at(target) if target.id else known.find("ValueSet", url, version)
    if found is None:
        return [_false(f"{one} cannot be judged: there is no value set {url}") for one in asked]
    return [_judged(known, found, one) for one in asked]


def _judged(known: Known, found: Found, asked: Asked) -> Verdict:
    """Whether a value set has a code; without its system none is found, nor with a version of that."""
    try:
        codings = Listing(known, asked).expand(found.resource)
    except NotExpandable as error:
        return _false(f"{asked} cannot be judged: {found.url} cannot be expanded for {error}")
    candidates = [one for one in codings if not asked.code or _is_same(known, one, asked.code)]
    if asked.version:
        candidates = []
    if candidates and asked.system and asked.code:
        details = f"{found.url} was expanded here to tell"
        return _true(candidates[0], asked, details)
    message = f"{asked} is not in the value set {found.url}"
    return _false(message, "" if found.is_stored and not candidates else _counted(candidates))


def _is_same(known: Known, coding: Coding, code: str) -> bool:
    if coding.code == code:
        return True
    if coding.code.lower() != code.lower():
        return False
    system = known.find("CodeSystem", coding.system)
    return system is not None and system.resource.get("caseSensitive") is False


def _counted(codings: list[Coding]) -> str:
    listed = ", ".join(f"{coding.system}#{coding.code}" for coding in codings)
    return f"codes that came into question: {len(codings)}{': ' if listed else ''}{listed}"


def _in_system(target: Target, known: Known, parameters: Resource) -> list[Verdict]:
    asked = _asked(parameters, "0906", "0907", "url", "version")
    given = text(parameters, "url")
    if not (target.id or given):
        raise Refusal("0908")
    url, version = terms.canonical(known.at(target).url if target.id else given)
    for one in asked:
        if one.system not in ("", url) and not text(parameters, "code"):
            raise Refusal("0910", system=one.system, url=url)
    version = text(parameters, "version") or version
    found = known.find("CodeSystem", url, version)
    return [_held(found, Asked(url, one.code, one.display or text(parameters, "display"), version)) for one in asked]


def _held(found: Found | None, asked: Asked) -> Verdict:
    if found is None:
        shared = shared_systems.coding(asked.system, asked.code)
        return _true(shared, asked) if shared else _false(f"{asked} is of a code system that is not known here")
    concept = code_system(found.resource).concepts.get(asked.code)
    if concept is not None:
        return _true(Coding(asked.system, concept.code, concept.display), asked)
    is_counted = found.content == "fragment" or (not found.is_stored and found.content != "not-present")
    return _false(f"{asked} is not in its code system", _counted([]) if is_counted else "")


def _true(found: Coding, asked: Asked, details: str = "") -> Verdict:
    rows: Verdict = [{"name": "result", "valueBoolean": True}]
    if asked.display and found.display and asked.display != found.display:
        message = f'{asked} is called "{found.display}", not "{asked.display}"'
        rows.append({"name": "message", "valueString": message})
    if found.display:
        rows.append({"name": "display", "valueString": found.display})
    return rows + ([{"name": "sourceDetails", "valueString": details}] if details else [])


def _false(message: str, details: str = "") -> Verdict:
    rows: Verdict = [{"name": "result", "valueBoolean": False}, {"name": "message", "valueString": message}]
    return rows + ([{"name": "sourceDetails", "valueString": details}] if details else [])
