"""The operations on stored resources, each inside a transaction of the caller.

A write of one resource:

    draft = prepare(model, resource, body)
    world.texts.put(draft.body)
    with world.writing() as connection:
        written = store.put(connection, draft, now)

and of a bundle: the same with many drafts in one `put_many` and one `writing`. Nothing is kept if the block raises.
Ids of a bundle's new resources are assigned beforehand, as other entries name them: `assign_ids` in a small
transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.query import Search
from fhantom.resources.records import Draft, HistoryPage, Page, Reference, Stored, Written
from fhantom.world import World


def read(connection: Connection, release: Version, resource_type: str, id: str) -> Stored | None:
    """The present version, which may be a deletion (`change == "delete"`); None if there never was one."""
    ...


def vread(
    connection: Connection, release: Version, resource_type: str, id: str, version: int
) -> Stored | None:
    """That version; None if there is none of that number."""
    ...


def assign_ids(connection: Connection, release: Version, count: int) -> list[str]:
    """Fresh ids, numbers from 1000 on for each FHIR version; never handed out twice, even if the caller fails."""
    ...


def create(connection: Connection, draft: Draft, now: int) -> Written:
    """Store a new resource at `now` (milliseconds since 1970); `draft.id` None gets an id of the sequence."""
    ...


def put(connection: Connection, draft: Draft, now: int, expected: int | None = None) -> Written:
    """Create or update the resource that `draft` names; the same content makes no version.

    `change` is "create" for a new resource and for one that was deleted. With `expected`, VersionConflict unless
    that is the present version (0: there is none); pass it too if `body` was made from an earlier version.
    """
    ...


def delete(
    connection: Connection, release: Version, resource_type: str, id: str, now: int
) -> Written | None:
    """Make a deletion the present version; `change` None if it was one already, None if there never was one."""
    ...


def history(
    connection: Connection,
    release: Version,
    resource_type: str | None = None,
    id: str | None = None,
    *,
    since: int | None = None,
    before: int | None = None,
    count: int = 20,
    offset: int = 0,
) -> HistoryPage:
    """Versions newest first: of one resource, of a type (`id` None) or of all (`resource_type` None).

    `since` and `before` are milliseconds since 1970; both ends are included.
    """
    ...


def at(connection: Connection, release: Version, resource_type: str, id: str, moment: int) -> Stored | None:
    """The version that was current at `moment` (milliseconds since 1970)."""
    ...


def search(world: World, connection: Connection, search: Search) -> Page:
    """Carry out one page of a search on what `connection` sees, what it wrote itself included."""
    ...


def bodies(world: World, records: Sequence[Stored]) -> list[bytes]:
    """The texts of records that are no deletions, in their order."""
    ...


def counts(connection: Connection, release: Version) -> dict[str, int]:
    """How many resources there are now of each type that ever had one ($get-resource-counts)."""
    ...


def unmet(
    connection: Connection, release: Version, references: Sequence[Reference]
) -> list[tuple[Reference, str]]:
    """References into this store whose target is "unknown" or "deleted"."""
    ...


def referrers(connection: Connection, release: Version, resource_type: str, id: str, limit: int = 1) -> list[Stored]:
    """Present resources that refer to this one by a path that a search parameter covers, itself left out."""
    ...


def expunge(connection: Connection, release: Version, resource_type: str | None, id: str | None) -> int:
    """Remove resources with their versions for good; the number of versions removed."""
    ...
