"""What terminology operations are asked about, and the order in which the real server lists codes."""

from __future__ import annotations

from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import Terminology
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.operations.target import Resource, Target, instance, loaded, text, value


def subject(
    exchange: Exchange, target: Target, terms: Terminology, parameters: Resource, kind: str, name: str
) -> Resource | None:
    """The resource that an operation is about: the target itself, one in the body, or that of a url."""
    if target.id:
        return loaded(exchange, instance(exchange, target))
    given = value(parameters, name)
    if isinstance(given, dict):
        return given
    url = text(parameters, "url") or text(parameters, "system")
    return terms.resource(kind, url)


def coding_of(parameters: Resource, system_name: str = "system") -> Coding | None:
    """The code that is asked about, given as `code`, `coding` or `codeableConcept`."""
    coding = value(parameters, "coding")
    concept = value(parameters, "codeableConcept")
    if coding is None and isinstance(concept, dict):
        coding = next(iter(concept.get("coding", [])), None)
    if isinstance(coding, dict):
        return Coding(coding.get("system", ""), coding.get("code", ""), coding.get("display"))
    code = text(parameters, "code")
    return Coding(text(parameters, system_name), code) if code else None


def _java_hash(text: str) -> int:
    number = 0
    for unit in text.encode("utf-16-be")[1::2]:  # codes and systems are ASCII: the high bytes are zero
        number = number * 31 + unit & 0xFFFFFFFF
    return number


def in_listing_order(codings: list[Coding]) -> list[Coding]:
    """Codes in the order in which the real server lists an expansion: that of its hash set.

    It keeps codes by a hash of system and code in a table that doubles when it is three quarters full;
    clients have seen no other order.
    """
    size = 16
    while len(codings) > size * 3 // 4:
        size *= 2

    def bucket(coding: Coding) -> int:
        number = (17 * 37 + _java_hash(coding.system)) * 37 + _java_hash(coding.code) & 0xFFFFFFFF
        return (number ^ number >> 16) & (size - 1)

    return sorted(codings, key=bucket)
