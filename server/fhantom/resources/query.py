"""A FHIR search as a record: what `understanding` makes of a URL's parameters and `searching` carries out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fhantom.definitions import Version
from fhantom.resources.criteria import Condition, ParameterKey


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of `_sort`. `parameter.code` may be `_id` or `_lastUpdated`; missing values come last.

    Attributes:
        through: the reference whose target has the parameter; None if it is the resource's own.
    """

    parameter: ParameterKey
    descending: bool = False
    through: ParameterKey | None = None


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude`.

    Attributes:
        parameters: numbers of the reference parameters to follow; empty follows every reference (`*`).
        source_type: the type whose parameter it is; empty for `*`.
        target_type: only resources of this type are pointed at; empty for any.
        reverse: `_revinclude`.
        iterate: also from resources that were themselves included.
    """

    parameters: tuple[int, ...]
    source_type: str
    target_type: str = ""
    reverse: bool = False
    iterate: bool = False


class Total(StrEnum):
    """How much the client wants to know of the number of matches."""

    DEFAULT = ""
    ACCURATE = "accurate"
    """`_total=accurate`: always told."""
    ONLY = "only"
    """`_summary=count` and `_count=0`: told, and no match is listed."""


@dataclass(frozen=True, slots=True)
class Search:
    """One page of one search.

    Attributes:
        version: R4 or R5.
        resource_types: the types searched; several or none (all) only for a search of the whole system.
        count: matches on the page.
        offset: matches before the page.
        chosen_by: name and value of each parameter that the conditions were made of, in order.
        snapshot: only resources that were there at this point (`Page.snapshot` of the first page); 0 for now.
    """

    version: Version
    resource_types: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    sorts: tuple[Sort, ...] = ()
    includes: tuple[Include, ...] = ()
    count: int = 20
    offset: int = 0
    total: Total = Total.DEFAULT
    snapshot: int = 0
    after: tuple[int, int] | None = None
    """An offset and the number of the match before it (`Page.position`), which spares walking there."""
    by_offset: bool = False
    """Whether the client pages by `_offset`, where the total is told only on the last page."""
    chosen_by: tuple[tuple[str, str], ...] = ()
