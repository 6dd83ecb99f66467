"""The shapes in which FHIR definitions are handed out: types with their elements, search parameters, codes.

Paths are those of the specification: a datatype or resource is its name (`HumanName`, `Patient`), a backbone
element the path of its element (`Patient.contact`). A choice element is named without `[x]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Version = Literal["R4", "R5"]
TypeKind = Literal["resource", "complex", "backbone", "primitive"]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type, as its ElementDefinition states it."""

    name: str
    """The name without `[x]`: `deceased`."""
    types: tuple[str, ...]
    """Type paths: `HumanName`, `Patient.contact` for a backbone element, `Resource` for any resource."""
    is_list: bool = False
    is_choice: bool = False
    is_required: bool = False
    is_summary: bool = False
    is_modifier: bool = False
    targets: tuple[str, ...] = ()
    """Resource types that a Reference, CodeableReference or canonical may point at; empty means any."""
    value_set: str | None = None
    """URL, without version, of the value set that is bound as required."""
    binding_name: str | None = None
    """Name of that binding (`AdministrativeGender`), which outcomes call the code by."""
    extensible_value_set: str | None = None
    """URL of the value set that one coding should come from, unless none of its codes fits."""


@dataclass(frozen=True, slots=True)
class Key:
    """One JSON property of a type: an element, and for a choice which of its types the property means."""

    name: str
    """The JSON property (`deceasedBoolean`), without the underscore of primitive extensions."""
    rank: int
    """Position within the type, in the order of the definition."""
    element: Element
    type: str
    """The type path of the value."""
    is_primitive: bool


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A resource, datatype or backbone element with all elements it has, inherited ones included."""

    path: str
    kind: TypeKind
    base: str | None
    """The type it specialises (`DomainResource`); None for `Element`, `Resource` and backbone elements."""
    elements: tuple[Element, ...]
    """In the order of the definition."""
    keys: Mapping[str, Key]
    """JSON property to its meaning, in the order of the definition."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule that an element must fulfil, as FHIRPath."""

    key: str
    """Such as `pat-1`."""
    severity: str
    """error or warning."""
    expression: str
    words: str
    """What it demands, in the definition's own words."""
    source: str
    """URL of the StructureDefinition that states it."""


@dataclass(frozen=True, slots=True)
class SearchComponent:
    """One part of a composite search parameter."""

    definition: str
    """URL of the SearchParameter that the part is compared as."""
    expression: str


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One search parameter as it applies to the type it was asked for."""

    code: str
    type: str
    """number, date, string, token, reference, composite, quantity, uri or special."""
    expression: str
    """FHIRPath, with the parts for other resource types left out; empty where the definition has none."""
    url: str
    targets: tuple[str, ...] = ()
    """Resource types that a reference parameter may point at; empty for other types."""
    components: tuple[SearchComponent, ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """A code with the system it belongs to."""

    system: str
    code: str
    display: str | None = None
