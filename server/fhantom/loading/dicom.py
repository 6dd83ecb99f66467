"""DICOM objects into a world by several processes, each of which reads, checks and stores on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple, TypeVar

from fhantom.archive import ingest
from fhantom.clock import Clock
from fhantom.errors import StorageFull
from fhantom.loading import processes
from fhantom.loading.report import Fate
from fhantom.settings import Settings
from fhantom.world import SHARED, DataFolder, World, Worlds
from fhantom.world.shortage import shortage_told

KIND = "DICOM"
_AT_ONCE = 16 * 1024 * 1024  # bytes of objects that one transaction keeps


class Outcome(NamedTuple):
    """What became of an object; `study_instance_uid` is empty where it could not be read."""

    name: str
    fate: Fate
    reason: str = ""
    study_instance_uid: str = ""


_OUTCOMES = {
    ingest.Outcome.STORED: Fate.STORED,
    ingest.Outcome.REPLACED: Fate.STORED,
    ingest.Outcome.REPEATED: Fate.UNCHANGED,
    ingest.Outcome.KEPT_OLD: Fate.REFUSED,
    ingest.Outcome.REFUSED: Fate.REFUSED,
}
_OTHER_BYTES = "another object with its UIDs is there already"


def store_objects(world: World, objects: Iterator[tuple[str, bytes]]) -> Iterator[Outcome]:
    """Store named DICOM objects, some megabytes in one transaction; an outcome for each, in order."""
    batch: list[tuple[str, ingest.Incoming]] = []
    size = 0
    for name, content in objects:
        accepted = ingest.accept(content, world.settings.inline_bulkdata)
        if isinstance(accepted, ingest.Refusal):
            yield Outcome(name, Fate.REFUSED, accepted.message)
            continue
        batch.append((name, ingest.Incoming(accepted, content)))
        size += len(content)
        if size >= _AT_ONCE:
            yield from _keep(world, batch)
            batch, size = [], 0
    yield from _keep(world, batch)


def _keep(world: World, batch: Sequence[tuple[str, ingest.Incoming]]) -> Iterator[Outcome]:
    try:
        with shortage_told():
            outcomes = ingest.keep(world, [incoming for _, incoming in batch])
    except StorageFull as full:
        yield from (Outcome(name, Fate.REFUSED, full.message) for name, _ in batch)
        return
    for (name, incoming), outcome in zip(batch, outcomes, strict=True):
        fate = _OUTCOMES[outcome]
        reason = _OTHER_BYTES if fate is Fate.REFUSED else ""
        yield Outcome(name, fate, reason, incoming.accepted.study_instance_uid)


Work = TypeVar("Work")
Task = Callable[[World, Work], list[Outcome]]


def in_processes(
    worlds: Worlds, settings: Settings, task: Task[Work], names: Sequence[Work], jobs: int, key: str = SHARED
) -> Iterator[tuple[Work, list[Outcome]]]:
    """Run `task(world, name)` for each name in processes of their own; results as they come."""
    folder = worlds.folder.path
    if jobs <= 1 or len(names) <= 1:
        for name in names:
            yield name, task(worlds.open(key), name)
        return
    with processes.pool(min(jobs, len(names)), processes.end_with_parent) as pool:
        pending = {pool.submit(_run, task, folder, settings, name, key): name for name in names}
        for done in as_completed(pending):
            yield pending.pop(done), done.result()


def _run(task: Task[Work], folder: Path, settings: Settings, name: Work, key: str) -> list[Outcome]:
    worlds = Worlds(DataFolder(folder), settings, Clock())
    try:
        with shortage_told():
            return task(worlds.open(key), name)
    finally:
        worlds.close()
