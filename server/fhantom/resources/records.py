"""What goes into the store of resources and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from fhantom.definitions import Version

Change = Literal["create", "update", "delete"]
CHANGES: tuple[Change, ...] = ("create", "update", "delete")
Row = tuple[Any, ...]


class Stored(NamedTuple):
    """One version of one resource; its text is `digest` in `world.texts`, None for a deletion.

    The text is what `Draft.body` was: the store adds nothing to it and never reads it but to index it anew.
    """

    # A tuple, as a page is made of hundreds: a frozen dataclass takes four times as long to make.

    release: Version
    type: str
    id: str
    version: int
    updated: int
    """Milliseconds since 1970 in UTC: meta.lastUpdated."""
    change: Change
    digest: bytes | None
    key: int
    """The integer by which references name the resource."""
    number: int
    """Position in the order of creation."""

    @property
    def reference(self) -> str:
        """`Patient/1`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A literal reference of a resource on a path that a search parameter covers."""

    path: str
    """`Observation.subject`, without list positions."""
    text: str
    """As it stands in the resource."""
    type: str = ""
    """Type, id and version if it points into this server's own store, else empty."""
    id: str = ""
    version: str = ""
    allowed: tuple[str, ...] = ()
    """Resource types that may stand there; empty for any."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A resource made ready to be written; pure data, so that other processes can prepare it.

    Attributes:
        id: None to let the store assign one.
        body: the text to keep, without `id`, `meta.versionId` and `meta.lastUpdated`: those are the store's,
            and the renderer of answers puts them in. So equal content has equal bytes whatever its version.
        digest: SHA-256 of `body`.
        index: rows by index table, without the resource they belong to.
        references: what the resource refers to, for checks of integrity.
        shape: which parameters have values, by `shapes.shape_of`.
    """

    release: Version
    type: str
    id: str | None
    body: bytes
    digest: bytes
    index: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    shape: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: `change` is None if the content was there already and no version was made."""

    stored: Stored
    change: Change | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search.

    Attributes:
        matches: in order.
        includes: what `_include` and `_revinclude` add, none of them a match of this page.
        total: the number of matches where the real server would tell it (see `totals`), else None.
        more: whether matches follow this page.
        snapshot: hand it back as `Search.snapshot` for further pages, so that they fit to this one; 0 if none follows.
        position: hand it back as `Search.after` for the next page.
    """

    matches: tuple[Stored, ...]
    includes: tuple[Stored, ...]
    total: int | None
    more: bool
    snapshot: int
    position: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of a history, newest first; `total` counts all entries of the whole history."""

    entries: tuple[Stored, ...]
    total: int
    more: bool
