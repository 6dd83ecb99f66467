"""$validate: findings on a resource, as an OperationOutcome (FHIR resource-operation-validate)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.fhir import asking, bodies
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.operations.target import Target, instance, loaded, part, text
from fhantom.fhir.outcomes import Refusal, issue, outcome
from fhantom.fhir.second_opinion import second_opinion
from fhantom.fhir.validation import Finding, findings

Resource = dict[str, Any]

_MESSAGES = "http://hl7.org/fhir/java-core-messageId"
_MODES = ("create", "update", "delete")
_UNKNOWN_PROFILE = "Validation_VAL_Profile_Unknown"


def run(exchange: Exchange, target: Target) -> Answer:
    """Findings on the body's resource, or of a GET on the stored one."""
    mode, profile = exchange.first("mode") or "", exchange.first("profile") or ""
    subject: Resource | None = None
    if exchange.method == "POST" and (exchange.body or exchange.header("content-type")):
        subject, mode, profile = _sent(exchange, target, mode, profile)
    if mode not in ("", *_MODES):
        raise Refusal("0364", value=mode)
    if mode == "delete" and not target.id:
        raise Refusal("0991")
    if target.id:
        stored = loaded(exchange, instance(exchange, target))
        subject = subject or stored
    if mode == "delete":
        return Answer(200, content=dump_json(outcome(issue("information", "informational", "it can be deleted"))))
    if subject is None:
        raise Refusal("0992")
    if mode in ("create", "update") and ("id" in subject) is (mode == "create"):
        raise Refusal("0997" if mode == "create" else "0998")
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


def _sent(exchange: Exchange, target: Target, mode: str, profile: str) -> tuple[Resource | None, str, str]:
    """The resource of a POST as it was sent, out of its Parameters if in some; mode and profile that are asked for."""
    resource = bodies.resource_of(exchange, None, "VALIDATE")
    wrapped = resource["resourceType"] == "Parameters" and target.type != "Parameters"
    if wrapped:
        profile, mode = text(resource, "profile") or profile, text(resource, "mode") or mode
        if "resource" not in (part(resource, "resource") or {}):
            return None, mode, profile
        resource = (part(resource, "resource") or {})["resource"]
    if bodies.body_encoding(exchange, "VALIDATE") is Encoding.JSON:
        raw: Resource = read_json(exchange.body)
        resource = (part(raw, "resource") or {}).get("resource", raw) if wrapped else raw
    return resource, mode, profile


def _told(finding: Finding) -> Resource:
    details = None
    if finding.code:
        details = {"coding": [{"system": _MESSAGES, "code": finding.code}]}
    told = issue(finding.severity, "processing", finding.words, details)
    return {**told, "location": [finding.path], "expression": [finding.path]}
