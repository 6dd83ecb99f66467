"""A folder of FHIR resources and DICOM files, such as a clone of the hackathon-dataset repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fhantom.definitions import Version
from fhantom.loading import dicom, fhir
from fhantom.loading.files import Resource, content_of
from fhantom.loading.report import Fate, Progress, Report
from fhantom.settings import Settings
from fhantom.world import World, Worlds, facts

_AT_ONCE = 25  # files that a process takes at a time, and what is done again after an interruption

RELEASE: Version = "R5"
"""In which the folder of a seed is written."""


def load(worlds: Worlds, settings: Settings, source: Path, jobs: int, progress: Progress) -> Report:
    """Load everything below `source` into the shared world; what is there already stays as it is.

    Interrupted and started again it goes on: files that an earlier run finished are not read again.
    """
    world = worlds.open()
    report = Report()
    content = content_of(source)
    for name, reason in content.unreadable:
        report.note(fhir.KIND if name.endswith(".json") else dicom.KIND, Fate.REFUSED, name, reason)
    load_resources(world, RELEASE, content.resources, report, progress)
    _load_objects(worlds, settings, source, content.dicom, jobs, report, progress)
    return report


def load_resources(
    world: World, release: Version, resources: Sequence[Resource], report: Report, progress: Progress
) -> None:
    """Store resources in their order, of two with one id both as versions; references may point forward."""
    last = {(resource.type, resource.id): resource.name for resource in resources}
    model = fhir.search_model(world, release)
    drafts = []
    for done, resource in enumerate(resources, start=1):
        named = fhir.read(model, resource.name, resource.body, report, resource.id)
        if named is not None:
            winner = last[resource.type, resource.id]
            if winner != resource.name:  # as with the upload script, whose second PUT wins
                named = replace(named, superseded=True)
                report.remark(resource.name, f"{winner} has the same id and is the later version")
            drafts.append(named)
        progress(fhir.KIND, done, len(resources))
    dangling = fhir.store_all(world, release, drafts, report)
    while dangling:  # a file may refer to one that comes later
        left = fhir.store_all(world, release, dangling, report)
        if len(left) == len(dangling):
            break
        dangling = left
    fhir.refuse_dangling(world, release, dangling, report)


def _load_objects(
    worlds: Worlds,
    settings: Settings,
    source: Path,
    names: Sequence[str],
    jobs: int,
    report: Report,
    progress: Progress,
) -> None:
    marks = {name: _mark(source / name) for name in names}
    with worlds.open().reading() as connection:
        finished = {name for name in names if facts.get(connection, marks[name]) is not None}
    for _ in finished:
        report.note(dicom.KIND, Fate.UNCHANGED)
    left = [name for name in names if name not in finished]
    groups = ["\n".join(left[at : at + _AT_ONCE]) for at in range(0, len(left), _AT_ONCE)]
    done = len(finished)
    task = partial(_store_files, source)
    for _, outcomes in dicom.in_processes(worlds, settings, task, groups, jobs):
        for name, fate, reason, _ in outcomes:
            report.note(dicom.KIND, fate, name, reason)
        done += len(outcomes)
        with worlds.open().writing() as connection:
            for name, fate, *_ in outcomes:
                if fate is not Fate.REFUSED:
                    facts.put(connection, marks[name], "")
        progress(dicom.KIND, done, len(names))


def _mark(path: Path) -> str:
    """The fact that says that a file is loaded: another name once the file is another."""
    stat = path.stat()
    told = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}"
    return f"file:{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _store_files(source: Path, world: World, names: str) -> list[dicom.Outcome]:
    return list(dicom.store_objects(world, _contents(source, names.split("\n"))))


def _contents(source: Path, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield name, (source / name).read_bytes()
