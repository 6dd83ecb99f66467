"""$expand and $validate-code of value sets; $validate-code of code systems (FHIR valueset-operations)."""

from __future__ import annotations

from fhantom.definitions.jsontext import dump_json
from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import NotExpandable, Terminology
from fhantom.fhir import asking
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import terms
from fhantom.fhir.operations.target import Resource, Target, answered, instance, loaded, parameters_of, text, value
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import number_of


def run(exchange: Exchange, target: Target) -> Answer:
    """Expand a value set, or tell whether a code belongs to a value set or code system."""
    parameters = parameters_of(exchange)
    with exchange.world.reading() as connection:
        known = asking.terms(exchange, connection)
        if exchange.path.endswith("$expand"):
            return _expand(exchange, target, known, parameters)
        if target.type == "CodeSystem":
            return _in_system(exchange, target, known, parameters)
        return _in_set(exchange, target, known, parameters)


def _set_of(exchange: Exchange, target: Target, known: Terminology, parameters: Resource) -> Resource:
    given = [bool(target.id), bool(text(parameters, "url")), value(parameters, "valueSet") is not None]
    if not any(given):
        raise Refusal("1133")
    if sum(given) > 1:
        raise Refusal("1134")
    found = terms.subject(exchange, target, known, parameters, "ValueSet", "valueSet")
    if found is None:
        raise Refusal("2788", url=text(parameters, "url"))
    return found


def _expanded(known: Terminology, value_set: Resource) -> list[Coding]:
    try:
        return known.expand(value_set)
    except NotExpandable as error:
        raise Refusal("0888", url=value_set.get("url", ""), cause=error) from None


def _expand(exchange: Exchange, target: Target, known: Terminology, parameters: Resource) -> Answer:
    """All codes; `filter` is taken and does nothing for sets of the definitions, as on the real server."""
    codings = terms.in_listing_order(_expanded(known, _set_of(exchange, target, known, parameters)))
    offset, count = number_of(exchange, "offset") or 0, number_of(exchange, "count")
    codings = codings[max(offset, 0) :][: count if count is None or count >= 0 else None]
    rows = []
    for coding in codings:
        row = {"system": coding.system, "code": coding.code}
        if coding.display:
            row["display"] = coding.display
        rows.append(row)
    content: Resource = {"resourceType": "ValueSet"}
    if rows:
        content["expansion"] = {"contains": rows}
    return Answer(200, content=dump_json(content))


def _in_set(exchange: Exchange, target: Target, known: Terminology, parameters: Resource) -> Answer:
    asked = _asked(parameters, "system", "0899", "0900")
    url = text(parameters, "url")
    if not (target.id or url):
        raise Refusal("0901")
    value_set = terms.subject(exchange, target, known, parameters, "ValueSet", "")
    if value_set is None:
        return _verdict(None, f"'{asked.system}#{asked.code}' cannot be judged: there is no value set {url}", "")
    codings = _expanded(known, value_set)
    found = next((row for row in codings if row.code == asked.code and asked.system in ("", row.system)), None)
    url = value_set.get("url", "")
    if found is None:
        return _verdict(None, f"'{asked.system}#{asked.code}' is not in the value set {url}", "expanded here")
    return _verdict(found, "", f"expanded here from the value set {url}")


def _in_system(exchange: Exchange, target: Target, known: Terminology, parameters: Resource) -> Answer:
    asked = _asked(parameters, "url", "0906", "0907")
    url = text(parameters, "url")
    if target.id:
        url = loaded(exchange, instance(exchange, target)).get("url", "")
    if not url:
        raise Refusal("0908")
    system = known.code_system(url)
    concept = system.concepts.get(asked.code) if system else None
    if concept is None:
        return _verdict(None, f"'{url}#{asked.code}' is not known", "")
    return _verdict(Coding(url, concept.code, concept.display), "", "")


def _asked(parameters: Resource, system_name: str, none: str, several: str) -> Coding:
    """The one code that is to be judged. Refusal: `none` or `several`."""
    given = [name for name in ("code", "coding", "codeableConcept") if value(parameters, name) is not None]
    if len(given) > 1:
        raise Refusal(several)
    asked = terms.coding_of(parameters, system_name)
    if asked is None:
        raise Refusal(none)
    return asked


def _verdict(found: Coding | None, message: str, details: str) -> Answer:
    rows: list[Resource] = [{"name": "result", "valueBoolean": found is not None}]
    if message:
        rows.append({"name": "message", "valueString": message})
    if found is not None and found.display:
        rows.append({"name": "display", "valueString": found.display})
    if details:
        rows.append({"name": "sourceDetails", "valueString": details})
    return answered(*rows)
