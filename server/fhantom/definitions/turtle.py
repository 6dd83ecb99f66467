"""A canonical resource as RDF in Turtle, in the form of FHIR R4's rdf.html, which HAPI writes for R5 too."""

from __future__ import annotations

import re
from json.encoder import encode_basestring as quote
from typing import Any

from fhantom.definitions.canonical import Json
from fhantom.definitions.jsontext import DecimalText
from fhantom.definitions.model import Key, TypeDefinition, Version
from fhantom.definitions.tables import Definitions, load

PREFIXES = """\
@prefix fhir: <http://hl7.org/fhir/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
DATE_TYPES = (
    (re.compile(r"\d{4}"), "gYear"),
    (re.compile(r"\d{4}-\d\d"), "gYearMonth"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "date"),
    (re.compile(r"\d{4}-\d\d-\d\dT.*"), "dateTime"),
)
"""XML Schema type of each precision (FHIR R4 rdf.html 2.6.4.4)."""
LITERAL_TYPES = {"time": "time", "base64Binary": "base64Binary"}
NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def literal(type_: str, value: Any) -> str:
    """A primitive value as a Turtle literal."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, DecimalText) or type_ == "decimal":
        return f'"{value}"^^xsd:decimal'
    if isinstance(value, int):
        return str(value)
    if type_ in ("date", "dateTime", "instant"):
        kind = next((name for form, name in DATE_TYPES if form.fullmatch(value)), None)
        return f"{quote(value)}^^xsd:{kind}" if kind else quote(value)
    kind = LITERAL_TYPES.get(type_)
    return f"{quote(value)}^^xsd:{kind}" if kind else quote(value)


class _Writer:
    """Turns objects into property lists of blank nodes."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def resource(self, resource: Json, line: str) -> list[str]:
        name = resource["resourceType"]
        return [f"a fhir:{name}", *self._properties(self._definitions.type(name), resource, line)]

    def _properties(self, type_: TypeDefinition, value: Json, line: str) -> list[str]:
        found = []
        for key in type_.keys.values():
            companion = value.get("_" + key.name)
            if key.name not in value and companion is None:
                continue
            items = value.get(key.name)
            listed = key.element.is_list
            rows = items if isinstance(items, list) else [items]
            beside = companion if isinstance(companion, list) else [companion]
            predicate = f"fhir:{self._owner(type_, key)}.{key.name}"
            for at in range(max(len(rows), len(beside))):
                item = rows[at] if at < len(rows) else None
                extra = beside[at] if at < len(beside) else None
                node = self._node(key, item, extra or {}, line + "  ")
                if listed:
                    node.insert(0, f"fhir:index {at}")
                found.append(f"{predicate} [{line}  " + f" ;{line}  ".join(node) + f"{line}]")
        return found

    def _node(self, key: Key, item: Any, companion: Json, line: str) -> list[str]:
        if key.is_primitive:
            node = [f"fhir:value {literal(key.type, item)}"] if item is not None else []
            return node + self._properties(self._definitions.type("Element"), companion, line)
        if not isinstance(item, dict):
            return []
        if key.type == "Resource":
            return self.resource(item, line)
        node = self._properties(self._definitions.type(key.type), item, line)
        target = item.get("reference") if key.type == "Reference" else None
        if isinstance(target, str) and not target.startswith("#"):
            node.insert(0, f"fhir:link <{NOT_IN_IRI.sub('', target)}>")
        return node

    def _owner(self, type_: TypeDefinition, key: Key) -> str:
        """The type that brings the element in, which RDF names the predicate after."""
        owner = type_
        base = type_.base or ("BackboneElement" if type_.kind == "backbone" else None)
        while base and key.name in self._definitions.type(base).keys:
            owner = self._definitions.type(base)
            base = owner.base
        return owner.path


def dump_turtle(version: Version, resource: Json, subject: str | None = None) -> bytes:
    """The Turtle text of a resource about `subject`, its URL; about a blank node without one."""
    rows = _Writer(load(version)).resource(resource, "\n    ")
    rows.insert(1, "fhir:nodeRole fhir:treeRoot")
    about = f"<{NOT_IN_IRI.sub('', subject)}>" if subject else "[]"
    return (PREFIXES + about + " " + " ;\n  ".join(rows) + " .\n").encode("utf-8", "replace")
