"""Findings on a resource: structure, cardinality, extensions, bindings, invariants and good practice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Definitions, Element, UnknownType
from fhantom.definitions.terminology import Terminology
from fhantom.fhir.forms import misforms, pruned
from fhantom.fhir.invariants import MOST_PARTS, Place, broken, numbers, parts

Json = Any

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_NARRATIVE = f"{_CORE}DomainResource#dom-6"
_NO_ADDRESS = "BUNDLE_BUNDLE_ENTRY_FULLURL_REQUIRED"
_WITHOUT_ADDRESSES = ("batch", "batch-response", "transaction", "transaction-response")
_LOCAL_SYSTEM = "Type_Specific_Checks_DT_Identifier_System"
_LOCAL_CANONICAL = "TYPE_SPECIFIC_CHECKS_CANONICAL_ABSOLUTE"
_UNUSED = f"{_CORE}DomainResource#dom-3"

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


def findings(definitions: Definitions, terms: Terminology, raw: dict[str, Json], path: str = "") -> list[Finding]:
    """Everything that is said of a resource as it was sent, of its form first; `path` if it stands within another."""
    name = str(raw["resourceType"])
    path = path or name
    tried = parts(raw) <= MOST_PARTS
    found = [Finding("error", each.words, each.code, each.path) for each in misforms(definitions, raw, name, path)]
    walk = _Walk(definitions, terms, tries_invariants=tried)
    found += walk.resource(pruned(numbers(raw)), path)
    if not tried:
        words = f"invariants are not tried on a resource of more than {MOST_PARTS} elements"
        found.append(Finding("information", words, "", path))
    return found


class _Walk:
    def __init__(self, definitions: Definitions, terms: Terminology, *, tries_invariants: bool) -> None:
        self.definitions = definitions
        self.terms = terms
        self.tries_invariants = tries_invariants
        self.within: list[dict[str, Json]] = []  # resources, the outermost first

    def resource(self, value: dict[str, Json], path: str) -> Iterator[Finding]:
        name = str(value["resourceType"])
        if path != name:
            yield from self.practice(value, path)
        with self.inside(value):
            yield from self.object(value, name, path)
        keys = self.definitions.type(name).keys
        if "text" in keys and "text" not in value:
            words = "a resource should have a narrative (dom-6, good practice)"
            yield Finding("warning", words, _NARRATIVE, path)
        texts = set(_texts(value))
        for at, contained in _objects(value.get("contained")):
            if f"#{contained.get('id')}" not in texts and "#" not in set(_texts(contained)):
                words = "nothing refers to this contained resource, and it refers to nothing outside (dom-3)"
                yield Finding("error", words, _UNUSED, f"{path}.contained[{at}]")
        if name == "Bundle" and value.get("type") not in _WITHOUT_ADDRESSES:
            for at, entry in _objects(value.get("entry")):
                if "fullUrl" not in entry:
                    words = "an entry needs a fullUrl, except in batches and transactions"
                    yield Finding("error", words, _NO_ADDRESS, f"{path}.entry[{at}]")
        if path == name:
            yield from self.practice(value, path)

    def practice(self, value: dict[str, Json], path: str) -> Iterator[Finding]:
        """What a good observation has; of one within another resource it is told first (HAPI 8.8.0, asked)."""
        if value["resourceType"] == "Observation":
            for element, code in _OBSERVATIONS:
                if not any(key.startswith(element) for key in value):
                    yield Finding("warning", f"an observation should have a {element}", code, path)

    @contextmanager
    def inside(self, resource: dict[str, Json]) -> Iterator[None]:
        """What is walked meanwhile belongs to this resource."""
        self.within.append(resource)
        yield
        self.within.pop()

    def object(self, value: dict[str, Json], type_path: str, path: str) -> Iterator[Finding]:
        try:
            definition = self.definitions.type(type_path)
        except UnknownType:
            return
        for element in definition.elements:
            if element.is_required and not self.given(element, value):
                words = f"{path}.{element.name} is absent, at least one is required"
                yield Finding("error", words, "Validation_VAL_Profile_Minimum", path)
        for ancestor in self.ancestors(type_path):
            yield from self.fulfilled(value, Place(ancestor, type_path), path)
        if type_path == "Extension" and isinstance(url := value.get("url"), str) and not self.known_extension(url):
            yield Finding("information", f"the extension {url} is not known", "Extension_EXT_Unknown", path)
        if type_path == "Identifier" and isinstance(system := value.get("system"), str) and ":" not in system:
            yield Finding("error", f"{system} is no absolute address of a system", _LOCAL_SYSTEM, path)
        for name, key in definition.keys.items():
            if name not in value:
                continue
            where = f"{path}.{key.element.name}" + (f".ofType({key.type})" if key.element.is_choice else "")
            yield from self.value(value[name], key.type, where)
            yield from self.each_fulfilled(value[name], Place(f"{type_path}.{key.element.name}", key.type), where)
            if binding := key.element.extensible_value_set:
                yield from self.bound(value[name], binding, where)

    def value(self, value: Json, type_path: str, path: str) -> Iterator[Finding]:
        if isinstance(value, list):
            for at, item in enumerate(value):
                yield from self.value(item, type_path, f"{path}[{at}]")
        elif isinstance(value, str) and type_path == "canonical" and ":" not in value and value[:1] != "#":
            yield Finding("error", f"{value} is neither an absolute address nor a fragment", _LOCAL_CANONICAL, path)
        elif isinstance(value, dict):
            if type_path == "Resource" and ".contained[" in path:
                with self.inside(value):
                    yield from self.object(value, str(value.get("resourceType")), path)
            elif type_path == "Resource" and self.definitions.is_resource(str(value.get("resourceType"))):
                yield from self.resource(value, path)
            else:
                yield from self.object(value, type_path, path)

    def ancestors(self, type_path: str) -> Iterator[str]:
        """A type and those that it specialises; none for a backbone element, which its own element stands for."""
        while type_path and "." not in type_path:
            yield type_path
            type_path = self.definitions.type(type_path).base or ""

    def each_fulfilled(self, value: Json, place: Place, path: str) -> Iterator[Finding]:
        if isinstance(value, list):
            for at, item in enumerate(value):
                yield from self.fulfilled(item, place, f"{path}[{at}]")
        else:
            yield from self.fulfilled(value, place, path)

    def fulfilled(self, value: Json, place: Place, path: str) -> Iterator[Finding]:
        """What the invariants stated of an element find (FHIR conformance rules 2.1.0.5)."""
        if self.tries_invariants and value is not None:
            for rule in broken(self.definitions.version, place, value, self.within[-1], self.within[0]):
                words = f"{rule.key} is not fulfilled: {rule.words}"
                yield Finding(rule.severity, words, f"{rule.source}#{rule.key}", path)

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
        codings = [_coded(coding) for _, coding in _objects(concept.get("coding"))] if isinstance(concept, dict) else []
        allowed = self.terms.members(url) if codings else None
        if allowed is None:
            return
        if not any(coding in allowed for coding in codings):
            words = f"no coding is of the value set {url}, from which one should come"
            yield Finding("warning", words, "Terminology_TX_NoValid_2_CC", path)


def _coded(coding: dict[str, Json]) -> tuple[str | None, str | None]:
    """System and code; None for what is no text, of which the form is judged elsewhere."""
    system, code = coding.get("system"), coding.get("code")
    return system if isinstance(system, str) else None, code if isinstance(code, str) else None


def _objects(value: Json) -> Iterator[tuple[int, dict[str, Json]]]:
    """The objects of a list with their places; none of what is no list."""
    for at, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield at, item


def _texts(value: Json) -> Iterator[str]:
    """Every text in a resource."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
