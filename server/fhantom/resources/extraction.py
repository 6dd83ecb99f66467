"""From a resource to its index rows: the compiled parameters of its type, run over the keys that it has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fhantom.definitions import Definitions, SearchParameter
from fhantom.definitions.terminology import terminology
from fhantom.resources.compiling import Branch, Step, compile_expression, follow
from fhantom.resources.indexing import INDEXERS, Indexed, Indexer, Rows
from fhantom.resources.numbers import parameter_number
from fhantom.resources.places import parse_reference
from fhantom.resources.records import Reference
from fhantom.resources.refusal import UnusableExpression

NOT_INDEXED = frozenset({"_id", "_lastUpdated", "_text", "_content", "_list", "_has", "_type", "_query", "_filter"})
"""Parameters that are answered from the resource's own row or text."""

REFERRING = ("Reference", "CodeableReference", "canonical")
DEFINED = "CodeSystem.concept.code"
"""The codes that HAPI takes to be of the system that they stand in."""

RELATIVE = re.compile(r"[A-Za-z]+/[^/:|?#]+")


def identifier_number(version: str, resource_type: str, code: str) -> int:
    """Where the identifiers of a reference parameter are indexed (`:identifier`)."""
    return parameter_number(version, resource_type, f"{code}:identifier")  # type: ignore[arg-type]


def of_type_number(version: str, resource_type: str, code: str) -> int:
    """Where the typed values of an identifier parameter are indexed (`:of-type`)."""
    return parameter_number(version, resource_type, f"{code}:of-type")  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Part:
    """One branch of one parameter, without the key that leads into it."""

    steps: tuple[Step, ...]
    indexer: Indexer
    indexed: Indexed
    path: str
    targets: tuple[str, ...] | None
    """Types that may be referred to, where the branch leads to references."""


class Extractor:
    """Index rows and references of resources of one type; compiled once, pure, shared by threads."""

    def __init__(
        self,
        definitions: Definitions,
        resource_type: str,
        parameters: Iterable[SearchParameter],
        numbered_as: str = "",
    ) -> None:
        self._definitions = definitions
        self._type = resource_type
        self._numbered_as = numbered_as or resource_type
        self._parts: dict[str, list[_Part]] = defaultdict(list)
        self._everywhere: list[_Part] = []
        self._defined: list[_Part] = []
        for parameter in parameters:
            if parameter.code not in NOT_INDEXED and parameter.type in INDEXERS:
                self._add(parameter)

    def _add(self, parameter: SearchParameter) -> None:
        if not parameter.expression:
            return
        try:
            branches = compile_expression(self._definitions, self._type, parameter.expression)
        except UnusableExpression:
            return
        for branch in self._through_extensions(branches):
            indexer = INDEXERS[parameter.type].get(branch.type)
            if indexer is not None:
                self._place(branch, indexer, self._indexed(parameter, branch), parameter)

    def _through_extensions(self, branches: Iterable[Branch]) -> Iterator[Branch]:
        """Of an extension its value is what is searched."""
        values = [key for key in self._definitions.type("Extension").keys.values() if key.element.is_choice]
        for branch in branches:
            if branch.type != "Extension":
                yield branch
                continue
            for key in values:
                yield branch.then(key.name, type=key.type, element=key.element)

    def _place(self, branch: Branch, indexer: Indexer, indexed: Indexed, of: SearchParameter) -> None:
        first = branch.steps[0] if branch.steps else ""
        targets = None
        if of.type == "reference" and branch.type in REFERRING and branch.element is not None:
            # HAPI holds neither a choice nor a canonical to its types.
            is_free = branch.element.is_choice or branch.type == "canonical"
            targets = () if is_free else branch.element.targets
        if branch.path == DEFINED:
            self._defined.append(_Part(branch.steps, indexer, indexed, branch.path, targets))
        elif isinstance(first, str):
            self._parts[first].append(_Part(branch.steps[1:], indexer, indexed, branch.path, targets))
        else:
            self._everywhere.append(_Part(branch.steps, indexer, indexed, branch.path, targets))

    def _indexed(self, parameter: SearchParameter, branch: Branch) -> Indexed:
        name = self._definitions.version, self._numbered_as, parameter.code
        return Indexed(
            parameter_number(*name),
            of_type_number(*name),
            identifier_number(*name),
            self._systems(branch),
        )

    def _systems(self, branch: Branch) -> Mapping[str, str]:
        """The systems of the codes that an element is bound to, where they can be listed."""
        value_set = branch.element.value_set if branch.element is not None else None
        if branch.type != "code" or value_set is None or self._definitions.codes(value_set) is None:
            return {}
        members = terminology(self._definitions.version).members(value_set) or ()
        return {code: system for system, code in members}

    def extract(self, resource: Mapping[str, Any]) -> tuple[Rows, tuple[Reference, ...]]:
        """The rows of a canonical resource, and what it refers to on paths that parameters cover."""
        rows = Rows(self._definitions.version)
        references: dict[tuple[str, str], Reference] = {}
        for key, value in resource.items():
            if key in self._parts:
                nodes = value if isinstance(value, list) else [value]
                for part in self._parts[key]:
                    self._run(part, nodes, rows, references)
        for part in self._everywhere:
            self._run(part, [resource], rows, references)
        for part in self._defined:
            codes = map(str, follow(part.steps, [resource]))
            own = part.indexed.with_systems(dict.fromkeys(codes, resource.get("url", "")))
            self._run(replace(part, indexed=own), [resource], rows, references)
        return rows, tuple(references.values())

    def _run(self, part: _Part, nodes: list[Any], rows: Rows, references: dict[tuple[str, str], Reference]) -> None:
        for value in follow(part.steps, nodes) if part.steps else nodes:
            if value is None:
                continue
            part.indexer(rows, part.indexed, value)
            if part.targets is not None:
                text = _literal(value)
                if text and (part.path, text) not in references:
                    references[part.path, text] = _reference(part, text)


def _literal(value: Any) -> str | None:
    """The address in a reference; of canonicals only those that are relative, as others name what may be anywhere."""
    if isinstance(value, str):
        return value if RELATIVE.fullmatch(value) else None
    holder = value.get("reference")
    return holder.get("reference") if isinstance(holder, dict) else holder


def _reference(part: _Part, text: str) -> Reference:
    place = parse_reference(text)
    allowed = part.targets or ()
    if place is None:
        return Reference(part.path, text, allowed=allowed)
    return Reference(part.path, text, place.type, place.id, place.version, allowed)
