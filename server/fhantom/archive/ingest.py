"""The one way in for DICOM: STOW, seeds and loaders all end here.

    accepted = accept(buffer)              read once, checked; or a Refusal
    outcomes = keep(world, [Incoming(accepted, writer), ...])

`keep` makes bytes durable, then DICOM JSON, then all rows in one transaction, so that a row never names what is
not there, and an object that was acknowledged is never lost.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from fhantom.archive import changes
from fhantom.archive.accepting import Accepted, Reason, Refusal, accept, accept_record
from fhantom.archive.storing import Existing, find_existing, insert, replace
from fhantom.archive.together import Together
from fhantom.world import Texts, World, cursor_of
from fhantom.world.blobs import BlobWriter

__all__ = [
    "Accepted",
    "Duplicates",
    "Incoming",
    "Outcome",
    "Reason",
    "Refusal",
    "accept",
    "accept_record",
    "keep",
]

_DISK_THREADS = 8

Duplicates = Literal["keep", "overwrite", "refuse"]


class Outcome(Enum):
    """What became of an object that was accepted."""

    STORED = auto()
    """It is new."""
    REPEATED = auto()
    """The same bytes were there already."""
    KEPT_OLD = auto()
    """Other bytes are there under its UIDs, and stay."""
    REPLACED = auto()
    """It took the place of other bytes."""
    REFUSED = auto()
    """Something is there under its UIDs, and duplicates are refused."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An accepted object and its bytes: as they were received, at hand, or none."""

    accepted: Accepted
    content: BlobWriter | bytes | None = None


def keep(world: World, incoming: Sequence[Incoming], duplicates: Duplicates = "keep") -> list[Outcome]:
    """Store the objects; all that is new among them is durable and visible at once when this returns.

    The same object twice is stored once. A writer whose bytes are not needed is left for the caller to discard.

    Raises:
        StorageFull: there is no room; nothing of these objects is kept.
    """
    with world.reading() as connection:
        cursor = cursor_of(connection)
        outcomes = [_outcome(find_existing(cursor, one.accepted), one, duplicates) for one in incoming]
    wanted = [at for at, outcome in enumerate(outcomes) if outcome in _WRITES]
    if not wanted:
        world.settle()  # whoever stored them may still be waiting for the disk
        return outcomes
    # Bytes wait for the disk while DICOM JSON is put; rows wait for the bytes, and vouch for the DICOM JSON.
    blobs = [_being_stored(world, incoming[at].content) for at in wanted]
    writes = [_Write(world, incoming[at].accepted, blob, duplicates) for at, blob in zip(wanted, blobs, strict=True)]
    try:
        for at, outcome in zip(wanted, _together(world).do(writes), strict=True):
            outcomes[at] = outcome
    finally:
        wait(blobs)  # the caller may discard a writer only when nobody works on it any more
    return outcomes


@cache
def _disk(process: int) -> ThreadPoolExecutor:
    """Threads of this process that wait for the disk: a forked one needs its own."""
    return ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="disk")


class _Write(NamedTuple):
    """What is left to do for an object whose bytes are on their way to the disk."""

    world: World
    accepted: Accepted
    blob: Future[bytes | None]
    duplicates: Duplicates


_BY_TEXTS: WeakKeyDictionary[Texts, Together[_Write, Outcome]] = WeakKeyDictionary()


def _together(world: World) -> Together[_Write, Outcome]:
    """What brings together the threads of this process that store into worlds of one data folder."""
    return _BY_TEXTS.setdefault(world.texts, Together(_write_all))


def _write_all(writes: Sequence[_Write]) -> list[Outcome]:
    by_world: dict[int, list[int]] = {}
    for at, write in enumerate(writes):
        by_world.setdefault(id(write.world.rows), []).append(at)
    outcomes: dict[int, Outcome] = {}
    for group in by_world.values():
        found = _write_rows([writes[at] for at in group])
        outcomes.update(zip(group, found, strict=True))
    return [outcomes[at] for at in range(len(writes))]


def _write_rows(writes: Sequence[_Write]) -> list[Outcome]:
    """The DICOM JSON and the rows of one world, in one transaction."""
    world = writes[0].world
    promise = world.promise([write.accepted.metadata for write in writes])
    blobs = [write.blob.result() for write in writes]
    outcomes = []
    with world.writing(promise) as connection:
        cursor = cursor_of(connection)
        for (_, accepted, _, duplicates), blob, text in zip(writes, blobs, promise.digests, strict=True):
            # Looked up again: another process, or the same request, may have stored it meanwhile.
            existing = find_existing(cursor, accepted)
            outcomes.append(_decide(existing, blob, duplicates))
            if existing is None:
                insert(cursor, accepted, text, blob)
            elif outcomes[-1] is Outcome.REPLACED:
                replace(cursor, existing, accepted, text, blob)
        if world.settings.imaging_link != "off":
            pairs = zip(writes, outcomes, strict=True)
            changed = {write.accepted.study_instance_uid for write, outcome in pairs if outcome in _WRITES}
            changes.note(cursor, changed, world.clock.now_ms())
    return outcomes


_WRITES = (Outcome.STORED, Outcome.REPLACED)

_BY_RULE: dict[Duplicates, Outcome] = {
    "keep": Outcome.KEPT_OLD,
    "overwrite": Outcome.REPLACED,
    "refuse": Outcome.REFUSED,
}


def _outcome(existing: Existing | None, incoming: Incoming, duplicates: Duplicates) -> Outcome:
    digest = None if existing is None else _digest(incoming.content)
    return _decide(existing, digest, duplicates)


def _decide(existing: Existing | None, blob: bytes | None, duplicates: Duplicates) -> Outcome:
    if existing is None:
        return Outcome.STORED
    if blob is None or blob == existing.blob:
        return Outcome.REFUSED if duplicates == "refuse" else Outcome.REPEATED
    if existing.blob is None:  # only its metadata was known; now its bytes are
        return Outcome.REPLACED
    return _BY_RULE[duplicates]


def _digest(content: BlobWriter | bytes | None) -> bytes | None:
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    return None if content is None else content.digest


def _being_stored(world: World, content: BlobWriter | bytes | None) -> Future[bytes | None]:
    """What becomes the digest of the bytes once they are durable, None without any."""
    if content is None:
        nothing: Future[bytes | None] = Future()
        nothing.set_result(None)
        return nothing
    return _disk(os.getpid()).submit(_store, world, content)


def _store(world: World, content: BlobWriter | bytes) -> bytes:
    return world.blobs.put(content) if isinstance(content, bytes) else content.commit()
