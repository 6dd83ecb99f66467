"""$validate: findings on a resource, as an OperationOutcome (FHIR resource-operation-validate)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.fhir import asking, bodies
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.operations.target import Target, instance, loaded, part, text
from fhantom.fhir.outcomes import issue, outcome
from fhantom.fhir.second_opinion import second_opinion
from fhantom.fhir.validation import Finding, findings

Resource = dict[str, Any]

_MESSAGES = "http://hl7.org/fhir/java-core-messageId"
_UNKNOWN_PROFILE = "Validation_VAL_Profile_Unknown"


def run(exchange: Exchange, target: Target) -> Answer:
    """Findings on the body's resource, or of a GET on the stored one."""
    if exchange.method == "GET":
        subject, profile = loaded(exchange, instance(exchange, target)), exchange.first("profile") or ""
    else:
        subject, profile = _sent(exchange, target)
    with exchange.world.reading() as connection:
        known = asking.terms(exchange, connection)
        found = findings(exchange.definitions, known, subject)
        if exchange.world.settings.validate_strictly:
            found += second_opinion(exchange.version, subject)
        if profile and known.resource("StructureDefinition", profile) is None:
            words = f"the profile {profile} is not known"
            found.append(Finding("error", words, _UNKNOWN_PROFILE, subject["resourceType"]))
    if not found:
        return Answer(200, content=dump_json(outcome(issue("information", "informational", "no findings"))))
    return Answer(200, content=dump_json(outcome(*(_told(finding) for finding in found))))


def _sent(exchange: Exchange, target: Target) -> tuple[Resource, str]:
    """The resource of a POST as it was sent, out of its Parameters if in some; and the profile asked for."""
    profile = exchange.first("profile") or ""
    resource = bodies.resource_of(exchange, None, "VALIDATE")
    wrapped = resource["resourceType"] == "Parameters" and target.type != "Parameters"
    if wrapped:
        profile = text(resource, "profile") or profile
        resource = (part(resource, "resource") or {}).get("resource", resource)
    else:
        bodies.expect(exchange, resource, target.type)
    if bodies.body_encoding(exchange, "VALIDATE") is Encoding.JSON:
        raw: Resource = read_json(exchange.body)
        resource = (part(raw, "resource") or {}).get("resource", raw) if wrapped else raw
    return resource, profile


def _told(finding: Finding) -> Resource:
    details = None
    if finding.code:
        details = {"coding": [{"system": _MESSAGES, "code": finding.code}]}
    told = issue(finding.severity, "processing", finding.words, details)
    return {**told, "location": [finding.path], "expression": [finding.path]}
