"""What understanding a parameter depends on besides its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fhantom.definitions import Coding, SearchParameter
from fhantom.errors import BadRequest
from fhantom.resources.criteria import Modifier, ParameterKey
from fhantom.resources.model import SearchModel
from fhantom.resources.numbers import contained, parameter_number
from fhantom.resources.refusal import SearchRefusal

MOST_VALUES = 10_000
"""Conditions and values that one search may come to; chains over references to any type branch at each link."""


class Feature(StrEnum):
    """What the real server has off by default and a setting switches on."""

    TEXT = "text"
    """`_text` and `_content`."""
    SOURCE = "source"
    """`_source`."""
    OF_TYPE = "of-type"
    """`identifier:of-type`."""
    IDENTIFIER = "identifier"
    """`patient:identifier`."""
    CONTAINED = "contained"
    """`_contained`."""
    SYSTEM = "system"
    """A search of several types or all, at the base address."""


Subsumption = Callable[[str, str, Modifier], Sequence[str]]
"""From a system, a code in it and `:above` or `:below` to that code and those that stand so to it."""


def itself(system: str, code: str, modifier: Modifier) -> Sequence[str]:
    """The subsumption of a caller who knows no code systems."""
    return (code,)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a parameter is read: the model, the type searched, and what is switched on."""

    model: SearchModel
    resource_type: str
    features: frozenset[Feature]
    value_set: Callable[[str], Sequence[Coding] | None]
    subsumption: Subsumption = itself
    base: str = ""
    depth: int = 0
    in_contained: bool = False
    spent: list[int] = field(default_factory=lambda: [0])

    def within(self, resource_type: str) -> Scope:
        """The scope of what stands behind a chain or `_has`."""
        self.spend()
        return replace(self, resource_type=resource_type, depth=self.depth + 1, in_contained=False)

    def spend(self, count: int = 1) -> None:
        """Count more conditions or values. BadRequest if the search becomes too large to be carried out."""
        self.spent[0] += count
        if self.spent[0] > MOST_VALUES:
            raise BadRequest(f"the search has more than {MOST_VALUES:,} conditions and values")

    def key(self, code: str) -> ParameterKey | None:
        """The parameter of that code; None if the type has none."""
        if not self.resource_type:  # a search of the whole system has the parameters of every resource
            return self.model.key("Basic", code) if code.startswith("_") else None
        key = self.model.key(self.resource_type, code)
        if key is None or not self.in_contained:
            return key
        name = contained(self.resource_type)
        return replace(key, resource_type=name, number=parameter_number(key.version, name, code))

    def parameter(self, code: str) -> SearchParameter:
        """The definition of a parameter that `key` found."""
        return self.model.parameters(self.resource_type or "Basic")[code]

    def valid(self) -> tuple[str, ...]:
        """The codes that a refusal lists, sorted."""
        if not self.resource_type:
            return ("_id", "_lastUpdated", "_profile", "_security", "_source", "_tag")
        return tuple(self.model.parameters(self.resource_type))


def unknown_parameter(scope: Scope, code: str) -> SearchRefusal:
    """The refusal of a parameter that the type does not have."""
    number = "1223" if code.startswith("_") else "0524"
    return SearchRefusal(number, parameter=code or "null", type=scope.resource_type, valid=scope.valid())
