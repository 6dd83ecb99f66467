"""What the real server does to itself, which has no meaning here: refused by its numbers for what is lacking."""

from __future__ import annotations

from fhantom.definitions.jsontext import dump_json
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Resource, Target, answered, instance, parameters_of, part, text
from fhantom.fhir.outcomes import Refusal, issue, outcome
from fhantom.fhir.reading import unsupported

_FILES = (("system", "1139"), ("file", "1140"))
_REFERENCES = (("source-reference-id", "2583"), ("target-reference-id", "2584"))

# Arguments that an operation needs, in the order in which HAPI 8.8.0 misses them (asked).
NEEDS = {
    "upload-external-code-system": (("system", "1137"), ("file", "1138")),
    "apply-codesystem-delta-add": _FILES,
    "apply-codesystem-delta-remove": _FILES,
    "hapi.fhir.replace-references": _REFERENCES,
    "hapi.fhir.undo-replace-references": _REFERENCES,
}
_MERGED = {"hapi.fhir.merge": "resource", "hapi.fhir.undo-merge": "patient"}


def run(exchange: Exchange, target: Target) -> Answer:
    """Refuse what is lacking; where nothing is, that nothing here fits."""
    name = exchange.path.rpartition("$")[2]
    given = parameters_of(exchange)
    for argument, number in NEEDS.get(name, ()):
        if part(given, argument) is None:
            raise Refusal(number, operation=name, name=argument)
    if name == "trigger-subscription":
        raise Refusal("0022")
    if name == "reindex-terminology":
        words = {"name": "message", "valueString": "there is no index of the texts of terminologies"}
        return answered({"name": "success", "valueBoolean": False}, words)
    if name == "snapshot":
        _check_definition(exchange, target, given)
    if name in _MERGED:
        return _unmerged(exchange, given, _MERGED[name], with_input=name == "hapi.fhir.merge")
    raise unsupported(exchange)


def _check_definition(exchange: Exchange, target: Target, given: Resource) -> None:
    """Refuse a $snapshot of no StructureDefinition, of one that is not here, or of several."""
    url, definition = text(given, "url"), part(given, "definition")
    if sum(map(bool, (target.id, url, definition))) != 1:
        raise Refusal("1770")
    if target.id:
        instance(exchange, target)
    elif url:
        raise Refusal("1162", url=url)


def _unmerged(exchange: Exchange, given: Resource, kind: str, *, with_input: bool) -> Answer:
    """Which of the two resources to merge are not named; HAPI 8.8.0 merges in R4 alone."""
    if exchange.version != "R4":
        raise Refusal("2834")
    missing = [
        side
        for side in ("source", "target")
        if not (part(given, f"{side}-{kind}") or part(given, f"{side}-{kind}-identifier"))
    ]
    if not missing:
        raise unsupported(exchange)
    issues = [issue("error", "required", f"neither {side}-{kind} nor {side}-{kind}-identifier") for side in missing]
    rows: list[Resource] = [{"name": "input"}] if with_input else []
    rows.append({"name": "outcome", "resource": outcome(*issues)})
    return Answer(400, content=dump_json({"resourceType": "Parameters", "parameter": rows}))
