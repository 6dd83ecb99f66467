"""DICOM objects of a data set into a world: by several processes, from files or straight out of zips, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from fhantom.datasets.job import Job
from fhantom.datasets.ledger import Ledger
from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.loading import dicom
from fhantom.loading.report import Fate
from fhantom.world import World

KIND = dicom.KIND

_GROUP_BYTES = 48 * 1024 * 1024  # what a process takes at a time, and what is done again after an interruption
_GROUP_FILES = 100


Prepare = Callable[[Piece, bytes], bytes]
"""From a file's bytes to those that are to be stored, or raises Unfit; runs in other processes, so a plain function."""


def as_it_is(piece: Piece, content: bytes) -> bytes:
    """Store the bytes of the file."""
    return content


def store(job: Job, pieces: Sequence[Piece], prepare: Prepare = as_it_is) -> None:
    """Store what no earlier load has stored; outcomes go to the job's report, studies to its ledger's pending ones."""
    ledger = Ledger(job.world, job.dataset.name)
    finished = ledger.finished([piece.mark for piece in pieces])
    left = [piece for piece in pieces if piece.mark not in finished]
    done = len(pieces) - len(left)
    for _ in range(done):
        job.note(KIND, Fate.UNCHANGED)
    work = partial(_store_group, prepare)
    results = dicom.in_processes(job.worlds, job.settings, work, _groups(left), job.processes, job.key)
    for group, outcomes in results:
        kept = [outcome for outcome in outcomes if outcome.fate in (Fate.STORED, Fate.UNCHANGED)]
        marks: Mapping[str, str] = {piece.name: piece.mark for piece in group}
        ledger.finish([marks[one.name] for one in kept], {one.study_instance_uid for one in kept})
        done += len(outcomes)
        job.progress(KIND, done, len(pieces))
        for outcome in outcomes:
            job.note(KIND, outcome.fate, outcome.name, outcome.reason)


def _groups(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    groups: list[tuple[Piece, ...]] = []
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if group and (size + piece.size > _GROUP_BYTES or len(group) == _GROUP_FILES):
            groups.append(tuple(group))
            group, size = [], 0
        group.append(piece)
        size += piece.size
    return [*groups, tuple(group)] if group else groups


def _store_group(prepare: Prepare, world: World, group: tuple[Piece, ...]) -> list[dicom.Outcome]:
    unread: list[dicom.Outcome] = []
    stored = list(dicom.store_objects(world, _contents(prepare, group, unread)))
    return stored + unread


def _contents(prepare: Prepare, group: Sequence[Piece], unread: list[dicom.Outcome]) -> Iterator[tuple[str, bytes]]:
    for piece in group:
        try:
            yield piece.name, prepare(piece, read(piece))
        except Unfit as reason:
            unread.append(dicom.Outcome(piece.name, Fate.REFUSED, str(reason)))
