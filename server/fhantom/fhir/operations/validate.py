"""$validate: findings on a resource, as an OperationOutcome (FHIR resource-operation-validate)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Definitions
from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.definitions.terminology import Terminology
from fhantom.fhir import asking, bodies
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.negotiate import Encoding
from fhantom.fhir.operations.target import Target, instance, loaded, part
from fhantom.fhir.outcomes import Refusal, issue, outcome
from fhantom.fhir.second_opinion import second_opinion
from fhantom.fhir.validation import Finding, findings

Resource = dict[str, Any]

_MESSAGES = "http://hl7.org/fhir/java-core-messageId"
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_MODES = ("create", "update", "delete")
_TEXTS = ("valueString", "valueCode", "valueId", "valueMarkdown")
_UNKNOWN_PROFILE = "Validation_VAL_Profile_Unknown"
_UNCHECKED_PROFILE = "VALIDATION_VAL_PROFILE_UNKNOWN_NOT_POLICY"
_ABSTRACT = ("DomainResource", "Resource")
_WRONG_TYPE = "Validation_VAL_Profile_WrongType"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is validated.

    Attributes:
        resource: as it was sent.
        at: the place of the parameter that holds it, -1 if none does.
    """

    resource: Resource
    at: int = -1

    @property
    def type(self) -> str:
        """The type that profiles have to be of: that of the body."""
        return "Parameters" if self.at >= 0 else str(self.resource["resourceType"])


def run(exchange: Exchange, target: Target) -> Answer:
    """Findings on the body's resource, or of a GET on the stored one."""
    mode, profile = exchange.first("mode") or "", exchange.first("profile") or ""
    subject: _Subject | None = None
    if exchange.method == "POST" and (exchange.body or exchange.header("content-type")):
        subject, mode, profile = _sent(exchange, mode, profile)
    if mode not in ("", *_MODES):
        raise Refusal("0364", value=mode)
    if mode == "delete" and not target.id:
        raise Refusal("0991")
    if target.id:
        stored = loaded(exchange, instance(exchange, target))
        subject = subject or _Subject(stored)
    if mode == "delete":
        return Answer(200, content=dump_json(outcome(issue("information", "informational", "it can be deleted"))))
    if subject is None:
        raise Refusal("0992")
    if mode in ("create", "update") and ("id" in subject.resource) is (mode == "create"):
        raise Refusal("0997" if mode == "create" else "0998")
    with exchange.world.reading() as connection:
        found = _found(exchange, asking.terms(exchange, connection), subject, profile)
    if not found:
        return Answer(200, content=dump_json(outcome(issue("information", "informational", "no findings"))))
    return Answer(200, content=dump_json(outcome(*(_told(finding) for finding in found))))


def _sent(exchange: Exchange, mode: str, profile: str) -> tuple[_Subject | None, str, str]:
    """The resource of a POST as it was sent, out of its Parameters if in some; mode and profile that are asked for."""
    resource = bodies.resource_of(exchange, None, "VALIDATE")
    wrapped = resource["resourceType"] == "Parameters"
    if wrapped:
        mode, profile = _text(resource, "mode") or mode, _text(resource, "profile") or profile
        if "resource" not in (part(resource, "resource") or {}):
            return None, mode, profile
    if bodies.body_encoding(exchange, "VALIDATE") is Encoding.JSON:
        resource = read_json(exchange.body)
    if not wrapped:
        return _Subject(resource), mode, profile
    return _within(resource), mode, profile


def _within(parameters: Resource) -> _Subject | None:
    """The resource of Parameters, which stand in a list or, as the real server takes them too, alone."""
    sent = parameters["parameter"]
    for at, row in enumerate(sent if isinstance(sent, list) else [sent]):
        if isinstance(row, dict) and row.get("name") == "resource" and isinstance(row.get("resource"), dict):
            return _Subject(row["resource"], at)
    return None


def _text(parameters: Resource, name: str) -> str:
    """The text of a parameter; of another type than text its type too, which no mode or profile is called by."""
    for key, value in (part(parameters, name) or {}).items():
        if key.startswith("value"):
            return str(value) if key in _TEXTS else f"{key.removeprefix('value')}[{value}]"
    return ""


def _found(exchange: Exchange, known: Terminology, subject: _Subject, profile: str) -> list[Finding]:
    resource = subject.resource
    name = str(resource["resourceType"])
    path = name
    found: list[Finding] = []
    if subject.at >= 0:
        path = f"Parameters.parameter[{subject.at}].resource/*{name}/{resource.get('id', 'null')}*/"
        if not any(key in resource for key in exchange.definitions.type(name).keys):
            words = "a parameter has a value, a resource or parts, and an empty resource is none (inv-1)"
            found.append(Finding("error", words, f"{_CORE}Parameters#inv-1", path.partition(".resource")[0]))
    found += findings(exchange.definitions, known, resource, path)
    if exchange.world.settings.validate_strictly:
        found += second_opinion(exchange.version, resource)
    return [*found, *_of_profiles(exchange.definitions, known, subject, profile, path)]


def _of_profiles(
    definitions: Definitions, known: Terminology, subject: _Subject, profile: str, path: str
) -> Iterator[Finding]:
    """What is wrong with the profiles that a resource names, or the one that is asked for in their place."""
    meta = subject.resource.get("meta")
    named = meta.get("profile") if isinstance(meta, dict) else None
    claimed = [url for url in named if isinstance(url, str)] if isinstance(named, list) else []
    judged = [(url, _type_of(definitions, known, url)) for url in claimed]
    for at, (url, type_) in enumerate(judged):
        if not type_:
            yield Finding("error", f"the profile {url} is not known", _UNCHECKED_PROFILE, f"{path}.meta.profile[{at}]")
    for url, type_ in [(profile, _type_of(definitions, known, profile))] if profile else judged:
        if not type_:
            yield Finding("error", f"the profile {url} is not known", _UNKNOWN_PROFILE, path)
        elif type_ != subject.type:
            yield Finding("error", f"the profile {url} is of {type_}, not of {subject.type}", _WRONG_TYPE, path)


def _type_of(definitions: Definitions, known: Terminology, url: str) -> str:
    """The type that a profile is of, empty if it is not known; the specification's own are called after theirs."""
    canonical = url.partition("|")[0]
    stored = known.resource("StructureDefinition", canonical)
    if stored is not None:
        return str(stored.get("type"))
    name = canonical.removeprefix(_CORE)
    return name if canonical.startswith(_CORE) and (definitions.is_resource(name) or name in _ABSTRACT) else ""


def _told(finding: Finding) -> Resource:
    details = None
    if finding.code:
        details = {"coding": [{"system": _MESSAGES, "code": finding.code}]}
    told = issue(finding.severity, "processing", finding.words, details)
    return {**told, "location": [finding.path], "expression": [finding.path]}
