"""The conditions of a search as records: one kind for each way in which a resource is judged.

Every record is frozen and holds no reference to definitions or tables: parameters are resolved to the
integers that name them in the index. The values of one condition are alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fhantom.definitions import Version


class Modifier(StrEnum):
    """How the values of a condition are compared, where it is not the usual way (FHIR search 3.2.1.5.5)."""

    NONE = ""
    MISSING = "missing"
    EXACT = "exact"
    CONTAINS = "contains"
    TEXT = "text"
    NOT = "not"
    IN = "in"
    NOT_IN = "not-in"
    ABOVE = "above"
    BELOW = "below"
    OF_TYPE = "of-type"
    IDENTIFIER = "identifier"
    ENDS = "ends"
    """`ew` of `_filter`; no URL asks for it otherwise."""
    WHOLE = "whole"
    """`eq` of `_filter` on a string: all of it, letters of either case; no URL asks for it otherwise."""


@dataclass(frozen=True, slots=True)
class ParameterKey:
    """One search parameter of one resource type of one FHIR version."""

    version: Version
    resource_type: str
    code: str
    type: str
    """number, date, string, token, reference, composite, quantity, uri or special."""
    number: int
    """The integer that names it in the index tables."""


@dataclass(frozen=True, slots=True)
class TokenValue:
    """`system|code`; None says that the part was not given, an empty system that it was given as none."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class DateValue:
    """A period with the prefix in front of it, both ends included.

    Days since 1970, compared with days as they are written, or milliseconds since 1970 in UTC.
    """

    prefix: str
    low: int
    high: int
    by_day: bool


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number with its prefix."""

    prefix: str
    number: float


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """`[prefix]number|system|code`; None says that a part was not given."""

    prefix: str
    number: float
    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """What a reference points at: keys of resources, one for each type possible, or of a URL."""

    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IdCondition:
    """`_id`: the resource is one of these."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoredCondition:
    """One of these resources is there, whichever is asked about."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TypeCondition:
    """The resource is of this type."""

    resource_type: int


@dataclass(frozen=True, slots=True)
class UpdatedCondition:
    """`_lastUpdated`: the resource's present version was written then."""

    values: tuple[DateValue, ...]


@dataclass(frozen=True, slots=True)
class StringCondition:
    """A string parameter; also `:text` of tokens and references, which compares what is displayed."""

    parameter: ParameterKey
    modifier: Modifier
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenCondition:
    """A token parameter; `:in` and `:not-in` come with the value set's codings as values."""

    parameter: ParameterKey
    modifier: Modifier
    values: tuple[TokenValue, ...]


@dataclass(frozen=True, slots=True)
class DateCondition:
    """A date parameter: one date of the resource is within all bounds."""

    parameter: ParameterKey
    bounds: tuple[DateValue, ...]


@dataclass(frozen=True, slots=True)
class NumberCondition:
    """A number parameter."""

    parameter: ParameterKey
    values: tuple[NumberValue, ...]


@dataclass(frozen=True, slots=True)
class QuantityCondition:
    """A quantity parameter."""

    parameter: ParameterKey
    values: tuple[QuantityValue, ...]


@dataclass(frozen=True, slots=True)
class UriCondition:
    """A uri parameter; `:below` and `:above` compare by path segments."""

    parameter: ParameterKey
    modifier: Modifier
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceCondition:
    """A reference parameter without a chain."""

    parameter: ParameterKey
    values: tuple[ReferenceValue, ...]


@dataclass(frozen=True, slots=True)
class MissingCondition:
    """`:missing`: whether the resource has any value of the parameter."""

    parameter: ParameterKey
    missing: bool


@dataclass(frozen=True, slots=True)
class ChainCondition:
    """`patient.name=`: the reference leads to a resource that fulfils one of the conditions.

    There is one alternative for each type of target that has the parameter.
    """

    parameter: ParameterKey
    alternatives: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class HasCondition:
    """`_has:Observation:patient:code=`: a resource that fulfils `condition` refers here by `parameter`."""

    parameter: ParameterKey
    condition: Condition


@dataclass(frozen=True, slots=True)
class NearCondition:
    """`near` of Location: within a box around a point, degrees."""

    parameter: ParameterKey
    south: float
    north: float
    west: float
    east: float


@dataclass(frozen=True, slots=True)
class ContentCondition:
    """`_text` (narrative) and `_content` (whole resource): every word occurs there; reads the texts."""

    narrative_only: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListCondition:
    """`_list`: the resource is an item of this List."""

    list_key: int
    item: int
    """The number of List's parameter for its items."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds: composites, `and` of `_filter`."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the conditions holds: comma lists of composites, `or` of `_filter`."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NotCondition:
    """The condition does not hold: `not` and `ne` of `_filter`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Nothing:
    """A condition that no resource fulfils, such as a code without a value."""


Condition = (
    IdCondition
    | StoredCondition
    | TypeCondition
    | UpdatedCondition
    | StringCondition
    | TokenCondition
    | DateCondition
    | NumberCondition
    | QuantityCondition
    | UriCondition
    | ReferenceCondition
    | MissingCondition
    | ChainCondition
    | HasCondition
    | NearCondition
    | ContentCondition
    | ListCondition
    | AllOf
    | AnyOf
    | NotCondition
    | Nothing
)
