"""What operations are given besides the resource that they work on: by name and type (HAPI 8.8.0, asked)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhantom.fhir.exchange import Exchange
from fhantom.fhir.operations.table import Operation
from fhantom.fhir.operations.target import Target, parameters_of
from fhantom.fhir.outcomes import Refusal

_TEXT = ("String", "Code", "Markdown")
_IDS = ("String", "Code", "Markdown", "Id")
_FLAG = ("Boolean",)
_WHOLE = ("Integer", "PositiveInt", "UnsignedInt")
_SIZE = ("UnsignedInt", "Integer")
_META = ("Meta",)
_CODE = ("Code", "String", "Markdown", "Id")
_URI = ("Uri", "Url", "Canonical", "Oid", "Uuid")
_CODING = ("Coding",)
_CONCEPT = ("CodeableConcept",)

# Types that an argument may have, the one that is told first; $validate takes its own as any primitive.
ARGUMENTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "diff": {"fromVersion": _TEXT, "includeMeta": _FLAG, "from": _IDS, "to": _IDS},
    "everything": {"_count": _SIZE, "_offset": _SIZE, "_type": _TEXT, "_id": _IDS},
    "expand": {
        "valueSet": ("ValueSet",),
        "url": _URI,
        "valueSetVersion": _TEXT,
        "filter": _TEXT,
        "context": _TEXT,
        "contextDirection": _TEXT,
        "offset": _WHOLE,
        "count": _WHOLE,
        "displayLanguage": _TEXT,
        "includeHierarchy": _FLAG,
    },
    "expunge": {
        "limit": _WHOLE,
        "expungeDeletedResources": _FLAG,
        "expungePreviousVersions": _FLAG,
        "expungeEverything": _FLAG,
    },
    "lastn": {"max": _SIZE, "_count": _SIZE},
    "lookup": {
        "code": _CODE,
        "system": _URI,
        "coding": _CODING,
        "version": _TEXT,
        "displayLanguage": _CODE,
        "property": _CODE,
    },
    "meta-add": {"meta": _META},
    "meta-delete": {"meta": _META},
    "reindex": {"url": _TEXT},
    "subsumes": {
        "codeA": _CODE,
        "codeB": _CODE,
        "system": _URI,
        "codingA": _CODING,
        "codingB": _CODING,
        "version": _TEXT,
    },
    "translate": {
        "url": _URI,
        "conceptMapVersion": _TEXT,
        "code": _CODE,
        "sourceCode": _CODE,
        "system": _URI,
        "version": _TEXT,
        "source": _URI,
        "coding": _CODING,
        "sourceCoding": _CODING,
        "codeableConcept": _CONCEPT,
        "sourceCodeableConcept": _CONCEPT,
        "target": _URI,
        "targetsystem": _URI,
        "targetSystem": _URI,
        "reverse": _FLAG,
    },
    "validate-code": {
        "url": _URI,
        "valueSetVersion": _TEXT,
        "version": _TEXT,
        "code": _CODE,
        "system": _URI,
        "systemVersion": _TEXT,
        "display": _TEXT,
        "coding": _CODING,
        "codeableConcept": _CONCEPT,
    },
    "validate": {"resource": ("Resource",)},
}

_NOT_IN_A_QUERY = frozenset({"CodeableConcept", "Meta", "Resource", "ValueSet"})
_FLAGS = ("true", "false")


def check(exchange: Exchange, operation: Operation, target: Target) -> None:
    """Refuse arguments of another type: by 0363 in a query, by 0362 in a body, which is read for it (0450)."""
    known = ARGUMENTS.get(operation.name, {})
    for name, value in exchange.pairs:
        if name in known and known[name][0] in _NOT_IN_A_QUERY:
            refusal = Refusal("0363", operation=operation.name, name=name)
            raise refusal.carrying(("Allow", "POST"))
        if known.get(name) == _FLAG and value not in _FLAGS:
            raise Refusal("no flag", value=value)
    if operation.name == "validate":  # which takes any resource as its body
        return
    for row in parameters_of(exchange)["parameter"][len(exchange.pairs) :]:
        if (types := known.get(str(row.get("name")))) and (given := _type_of(row)) and given not in types:
            raise Refusal("0362", name=row["name"], given=given, expected=types[0])


def _type_of(row: Mapping[str, Any]) -> str:
    """The type of a parameter's value or resource, empty for one that has neither."""
    for key, item in row.items():
        if key == "resource":
            return str(item.get("resourceType"))
        if key.startswith("value"):
            return key.removeprefix("value")
    return ""
