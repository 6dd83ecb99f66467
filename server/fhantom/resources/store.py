"""The operations on stored resources, each inside a transaction of the caller.

A write of one resource:

    draft = model_of(world, "R5").prepare(resource, body, id)
    promise = world.promise((draft.body,))
    with world.writing(promise) as connection:
        written = store.put(connection, draft, world.clock.now_ms())

and of a bundle: the same with many drafts, one promise, one `writing` and one `put_many`. Nothing is
kept if the block raises. Ids of a bundle's new resources are assigned beforehand, as other entries name them:
`assign_ids` in a small transaction of its own.
"""

from fhantom.resources.expunging import deleted, expunge, expunge_versions
from fhantom.resources.integrity import present, referrers, unmet
from fhantom.resources.reading import (
    all_of,
    bodies,
    changes,
    counts,
    history,
    latest,
    read,
    read_many,
    superseded,
    vread,
)
from fhantom.resources.registry import model_of
from fhantom.resources.reindexing import catch_up, reindex_all
from fhantom.resources.searching import search
from fhantom.resources.writing import assign_ids, create, delete, put, put_many, reindex, reserve_ids

__all__ = [
    "all_of",
    "assign_ids",
    "bodies",
    "catch_up",
    "changes",
    "counts",
    "create",
    "delete",
    "deleted",
    "expunge",
    "expunge_versions",
    "history",
    "latest",
    "model_of",
    "present",
    "put",
    "put_many",
    "read",
    "read_many",
    "referrers",
    "reindex",
    "reindex_all",
    "reserve_ids",
    "search",
    "superseded",
    "unmet",
    "vread",
]
