"""Findings on a resource: structure, cardinality, extensions, bindings and good practice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Definitions, Element, UnknownType
from fhantom.definitions.terminology import Terminology

Json = Any

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_NARRATIVE = f"{_CORE}DomainResource#dom-6"

# What every observation should have, told as a warning (FHIR observation, best practice).
_OBSERVATIONS = (
    ("subject", "All_observations_should_have_a_subject"),
    ("performer", "All_observations_should_have_a_performer"),
    ("effective", "All_observations_should_have_an_effectiveDateTime_or_an_effectivePeriod"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a validator says.

    Attributes:
        severity: error, warning or information.
        code: names the kind of finding; empty if it has no name.
        path: where, as FHIRPath.
    """

    severity: str
    words: str
    code: str
    path: str


def findings(definitions: Definitions, terms: Terminology, raw: dict[str, Json]) -> list[Finding]:
    """Everything that is said of a resource as it was sent, unknown properties included."""
    walk = _Walk(definitions, terms)
    return list(walk.resource(raw, str(raw["resourceType"])))


class _Walk:
    def __init__(self, definitions: Definitions, terms: Terminology) -> None:
        self.definitions = definitions
        self.terms = terms

    def resource(self, value: dict[str, Json], path: str) -> Iterator[Finding]:
        name = str(value["resourceType"])
        yield from self.object(value, name, path)
        keys = self.definitions.type(name).keys
        if "text" in keys and "text" not in value:
            words = "a resource should have a narrative (dom-6, good practice)"
            yield Finding("warning", words, _NARRATIVE, path)
        if name == "Observation":
            for element, code in _OBSERVATIONS:
                if not any(key.startswith(element) for key in value):
                    yield Finding("warning", f"an observation should have a {element}", code, path)

    def object(self, value: dict[str, Json], type_path: str, path: str) -> Iterator[Finding]:
        try:
            definition = self.definitions.type(type_path)
        except UnknownType:
            return
        for name in value:
            is_known = name == "resourceType" and definition.kind == "resource"
            if not is_known and name.removeprefix("_") not in definition.keys:
                yield Finding("error", f"there is no property '{name}'", "", path)
        for element in definition.elements:
            if element.is_required and not self.given(element, value):
                words = f"{path}.{element.name} is absent, at least one is required"
                yield Finding("error", words, "Validation_VAL_Profile_Minimum", path)
        if type_path == "Extension" and (url := value.get("url")) and not self.known_extension(url):
            yield Finding("information", f"the extension {url} is not known", "Extension_EXT_Unknown", path)
        for name, key in definition.keys.items():
            if name not in value:
                continue
            where = f"{path}.{key.element.name}"
            yield from self.value(value[name], key.type, where)
            if binding := key.element.extensible_value_set:
                yield from self.bound(value[name], binding, where)

    def value(self, value: Json, type_path: str, path: str) -> Iterator[Finding]:
        if isinstance(value, list):
            for at, item in enumerate(value):
                yield from self.value(item, type_path, f"{path}[{at}]")
        elif isinstance(value, dict):
            if type_path == "Resource":
                yield from self.object(value, str(value.get("resourceType")), path)
            else:
                yield from self.object(value, type_path, path)

    def given(self, element: Element, value: dict[str, Json]) -> bool:
        names = (
            [element.name + code[:1].upper() + code[1:] for code in element.types]
            if element.is_choice
            else [element.name]
        )
        return any(value.get(name) or name in value or f"_{name}" in value for name in names)

    def known_extension(self, url: str) -> bool:
        """Relative addresses belong to their parent, and those of the specification are known."""
        return ":" not in url or url.startswith(_CORE)

    def bound(self, concept: Json, url: str, path: str) -> Iterator[Finding]:
        """Extensible bindings: a coding should come from the set if one fits (FHIR terminologies 4.1.3)."""
        if isinstance(concept, list):
            for at, item in enumerate(concept):
                yield from self.bound(item, url, f"{path}[{at}]")
            return
        codings = concept.get("coding", []) if isinstance(concept, dict) else []
        allowed = self.terms.members(url) if codings else None
        if allowed is None:
            return
        if not any((coding.get("system"), coding.get("code")) in allowed for coding in codings):
            words = f"no coding is of the value set {url}, from which one should come"
            yield Finding("warning", words, "Terminology_TX_NoValid_2_CC", path)
