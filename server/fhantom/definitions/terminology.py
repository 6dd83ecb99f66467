"""Value sets, code systems and concept maps of a FHIR version: look-up, subsumption, expansion.

Read one by one from an archive of their own, when a terminology operation asks for them. What is expanded may
also come from the caller (a value set that a client stored): it is JSON in FHIR's own shape either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from fhantom.definitions.archive import open_archive
from fhantom.definitions.model import Coding, Version

Json = dict[str, Any]
Finder = Callable[[str, str], Json | None]
"""(resource type, canonical URL without version) to the resource, None if it is not known."""

SHARED_TERMS = "http://terminology.hl7.org/"
EXPLOSIVE = re.compile(r"\)[*+{]")
"""A repeated group, which can take a regular expression exponential time; those are not tried."""


class NotExpandable(ValueError):
    """The codes cannot be listed: a system or value set is not known, or is defined elsewhere.

    Attributes:
        value_set: the value set that is not known; empty if something else is the cause.
        is_filtered: codes of a system that is defined elsewhere are wanted by a filter.
    """

    def __init__(self, words: str, *, value_set: str = "", is_filtered: bool = False) -> None:
        super().__init__(words)
        self.value_set = value_set
        self.is_filtered = is_filtered


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a code system."""

    code: str
    display: str | None
    definition: str | None
    properties: Mapping[str, tuple[str, ...]]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class CodeSystem:
    """A code system with all its concepts, in the order of the definition."""

    url: str
    version: str | None
    name: str | None
    is_complete: bool
    concepts: Mapping[str, Concept] = field(repr=False)

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for parent in concept.parents:
                children.setdefault(parent, []).append(concept.code)
        return children

    def below(self, code: str) -> set[str]:
        """The codes that `code` subsumes, without itself."""
        found, waiting = set[str](), [code]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def above(self, code: str) -> set[str]:
        """The codes that subsume `code`, without itself."""
        found, waiting = set[str](), [code]
        while waiting:
            concept = self.concepts.get(waiting.pop())
            for parent in concept.parents if concept else ():
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found


def code_system(resource: Json) -> CodeSystem:
    """The code system that a CodeSystem resource defines."""
    concepts = {concept.code: concept for concept in _concepts(resource.get("concept", []), None)}
    complete = resource.get("content") == "complete" and bool(concepts)
    return CodeSystem(resource["url"], resource.get("version"), resource.get("name"), complete, concepts)


def _concepts(rows: list[Json], parent: str | None) -> Iterator[Concept]:
    for row in rows:
        properties: dict[str, tuple[str, ...]] = {}
        for held in row.get("property", []):
            value = next((str(v) for k, v in held.items() if k.startswith("value")), "")
            properties[held["code"]] = (*properties.get(held["code"], ()), value)
        parents = [
            *([parent] if parent else []),
            *properties.get("subsumedBy", ()),
            *properties.get("parent", ()),
        ]
        yield Concept(row["code"], row.get("display"), row.get("definition"), properties, tuple(dict.fromkeys(parents)))
        yield from _concepts(row.get("concept", []), row["code"])


class Terminology:
    """The terminology of one version, with what a caller's finder adds; get it from `terminology`."""

    def __init__(self, find: Finder) -> None:
        self._find = find
        self._systems: dict[str, CodeSystem | None] = {}
        self._members: dict[str, frozenset[tuple[str, str]] | None] = {}

    def with_stored(self, find: Finder) -> Terminology:
        """The same terminology, asking `find` (what clients stored) first."""
        return Terminology(lambda kind, url: find(kind, url) or self._find(kind, url))

    def resource(self, kind: str, url: str) -> Json | None:
        """The ValueSet, CodeSystem or ConceptMap at a canonical URL; its version part is not compared."""
        return self._find(kind, url.partition("|")[0])

    def code_system(self, url: str) -> CodeSystem | None:
        """The code system at a canonical URL."""
        if url not in self._systems:
            resource = self.resource("CodeSystem", url)
            self._systems[url] = code_system(resource) if resource else None
        return self._systems[url]

    def expand(self, value_set: Json) -> list[Coding]:
        """The codes of a value set, in order and without repetition; raises NotExpandable."""
        return list(self._expansion(value_set, ()).values())

    def members(self, url: str) -> frozenset[tuple[str, str]] | None:
        """System and code of all that is in the value set at `url`; None if it cannot be listed."""
        if url not in self._members:
            value_set = self.resource("ValueSet", url)
            try:
                found = frozenset(self._expansion(value_set, ())) if value_set else None
            except NotExpandable:
                found = None
            self._members[url] = found
        return self._members[url]

    def _expansion(self, value_set: Json, within: tuple[str, ...]) -> dict[tuple[str, str], Coding]:
        url = value_set.get("url", "")
        if url and url in within:
            raise NotExpandable(f"{url} includes itself")
        compose = value_set.get("compose", {})
        found: dict[tuple[str, str], Coding] = {}
        for part in compose.get("include", []):
            for key, coding in self._part(part, (*within, url)).items():
                found.setdefault(key, coding)
        for part in compose.get("exclude", []):
            for key in self._part(part, (*within, url)):
                found.pop(key, None)
        return found

    def _part(self, part: Json, within: tuple[str, ...]) -> dict[tuple[str, str], Coding]:
        """The codes of one include or exclude: those of its system that are in all of its value sets."""
        sets = [self._referenced(url, within) for url in part.get("valueSet", [])]
        if "system" in part:
            named: dict[tuple[str, str], Coding] = {}
            for code in self._of_system(part):
                named.setdefault((code.system, code.code), code)
            sets.insert(0, named)
        found = sets[0] if sets else {}
        return {key: code for key, code in found.items() if all(key in other for other in sets[1:])}

    def _referenced(self, url: str, within: tuple[str, ...]) -> dict[tuple[str, str], Coding]:
        value_set = self.resource("ValueSet", url)
        if value_set is None:
            raise NotExpandable(url, value_set=url)
        return self._expansion(value_set, within)

    def _of_system(self, part: Json) -> Iterator[Coding]:
        """The codes of one system; a subclass may know of more systems."""
        url = part["system"]
        system = self.code_system(url)
        if "concept" in part:
            for row in part["concept"]:
                known = system.concepts.get(row["code"]) if system else None
                yield Coding(url, row["code"], row.get("display") or (known.display if known else None))
            return
        if system is None or not system.is_complete:
            raise NotExpandable(url, is_filtered="filter" in part)
        conditions = [_condition(system, row) for row in part.get("filter", [])]
        for concept in system.concepts.values():
            if all(holds(concept) for holds in conditions):
                yield Coding(url, concept.code, concept.display)


def _condition(system: CodeSystem, row: Json) -> Callable[[Concept], bool]:
    """A filter of a value set as a test of one concept (FHIR filter-operator value set)."""
    name, operation, value = row["property"], row["op"], row["value"]
    if operation == "regex" and EXPLOSIVE.search(value):
        raise NotExpandable(f"filter regex {value}")
    below = system.below(value) if operation in ("is-a", "is-not-a", "descendent-of") else set()
    above = system.above(value) if operation == "generalizes" else set()
    values = set(value.split(","))

    def held(concept: Concept) -> set[str]:
        own = {"concept": concept.code, "code": concept.code, "display": concept.display or ""}
        return {own[name]} if name in own else {text.lower() for text in concept.properties.get(name, ())}

    tests: dict[str, Callable[[Concept], bool]] = {
        "is-a": lambda concept: concept.code == value or concept.code in below,
        "descendent-of": lambda concept: concept.code in below,
        "generalizes": lambda concept: concept.code == value or concept.code in above,
        "is-not-a": lambda concept: value in system.concepts and concept.code != value and concept.code not in below,
        "=": lambda concept: value in held(concept) or value.lower() in held(concept),
        "in": lambda concept: bool(values & held(concept)),
        "not-in": lambda concept: not values & held(concept),
        "exists": lambda concept: bool(held(concept)) == (value == "true"),
        "regex": lambda concept: any(re.fullmatch(value, text) for text in held(concept)),
    }
    if operation not in tests:
        raise NotExpandable(f"filter {operation}")
    return tests[operation]


@cache
def _finder(version: Version) -> Finder:
    archive = open_archive(f"{version.lower()}-terminology.zip")
    index = archive.member("index.json")

    def find(kind: str, url: str) -> Json | None:
        name = index.get(kind, {}).get(url)
        return archive.member(name) if name else None

    return find


@cache
def terminology(version: Version) -> Terminology:
    """The terminology that the definitions of a version bring; what clients stored comes by `with_stored`.

    R5 moved HL7's v2 and v3 tables out into a package of their own; they are taken from R4's definitions.
    """
    own = _finder(version)

    def find(kind: str, url: str) -> Json | None:
        found = own(kind, url)
        return _finder("R4")(kind, url) if found is None and url.startswith(SHARED_TERMS) else found

    return Terminology(find)
