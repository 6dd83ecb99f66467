"""What `fhantom seed` does: what can be loaded, what has been, and loading it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhantom.cli import folders
from fhantom.cli.failure import Failure
from fhantom.cli.progress import Bar
from fhantom.clock import Clock
from fhantom.datasets import job
from fhantom.datasets.catalogue import DATASETS, FOLDERS, Dataset
from fhantom.datasets.samples import make_sample
from fhantom.errors import StorageFull
from fhantom.loading.report import Report
from fhantom.settings import Settings
from fhantom.world import SHARED, DataFolder, DataFolderInUse, DataTooNew, Worlds, facts, provenance
from fhantom.world.provenance import Licence, LoadedDataset
from fhantom.world.shortage import shortage_told

_REASONS, _NAMES = 20, 5  # more reasons, and more things of one reason, are counted, not listed


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked to be loaded."""

    dataset: Dataset
    source: str
    world: str | None = None
    limit: int | None = None
    processes: int = 1
    stops: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def list_seeds(settings: Settings, world: str | None = None) -> int:
    """Print what can be loaded and what the data folder holds."""
    path = settings.data or folders.user_data()
    loaded: dict[str, LoadedDataset] = {}
    if DataFolder(path).is_empty:
        print(f"{path} is empty")
    else:
        with worlds_of(settings) as worlds, worlds.open(world or SHARED).reading() as connection:
            seed = facts.get(connection, "seed") or "none"
            loaded = {found.name: found for found in provenance.loaded(connection)}
        print(f"{path} began as the seed {seed}")
    print(f"{'embedded':10} the ten SIIM patients in R5 and R4, with synthetic images (serve starts with it)")
    for name, dataset in {**DATASETS, **{folder.name: folder for folder in FOLDERS}}.items():
        print(f"{name:10} {dataset.title} ({dataset.licence}): {dataset.accepts}")
        if name in loaded:
            print(f"{'':10} loaded: {_told(loaded.pop(name))}")
    for name, dataset_loaded in loaded.items():
        print(f"{name:10} {dataset_loaded.title}, from a seed folder: {_told(dataset_loaded)}")
    return 0


def write_sample(dataset: Dataset, folder: str) -> int:
    """Write the sample of a data set into a new folder and say what to do with it."""
    path = Path(folder)
    if path.exists():
        raise Failure(f"{folder} is there already")
    try:
        make_sample(dataset, path)
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror}") from None
    print(f"a sample in the shape of {dataset.title}, all of it made up, is in {folder}; to load it:")
    print(f"fhantom seed {dataset.name} --from {folder}")
    return 0


def load(settings: Settings, order: Order) -> int:
    """Load a data set and print the report; 1 if nothing of it could be loaded, or it was not finished."""
    try:
        source = Path(order.source) if order.source else job.resolve(order.dataset.installed)()
    except job.Unusable as reason:
        raise Failure(str(reason)) from None
    if not source.exists():
        raise Failure(f"there is no file or folder {source}")
    bar = Bar()
    with worlds_of(settings) as worlds:
        work = job.Job(
            order.dataset,
            worlds,
            settings,
            source,
            key=order.world or SHARED,
            limit=order.limit,
            processes=order.processes,
            options=order.options,
            stops=order.stops,
            progress=bar,
        )
        try:
            report = job.run(work)
        except job.Unusable as reason:
            raise Failure(str(reason)) from None
        except BrokenProcessPool:
            raise Failure("a process that reads DICOM has died; what is stored stays, load again to go on") from None
        except OSError as error:
            raise Failure(f"cannot read {source}: {error.strerror or error}") from None
        except KeyboardInterrupt:
            bar.close()
            print("fhantom: interrupted; what is stored stays, and the same command goes on", file=sys.stderr)
            raise
    bar.close()
    for line in lines_of(report, work.licences if report.has_loaded else ()):
        print(line)
    if not (report.counts or work.has_answered or work.is_cut_short):
        raise Failure(f"{source} holds nothing that belongs to this data set, or nothing that was chosen")
    if work.is_cut_short:
        raise Failure(f"{source} was not loaded to its end; the same command goes on")
    if not (report.has_loaded or work.has_answered):
        raise Failure(f"nothing of {source} was loaded, for the reasons above")
    return 0


def lines_of(report: Report, licences: Iterable[Licence]) -> Iterator[str]:
    """The report for people: what became of what, remarks, and the terms of what is there now."""
    yield from report.totals()
    by_reason: dict[str, list[str]] = {}
    for name, reason in report.remarks:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in list(by_reason.items())[:_REASONS]:
        yield from (f"  {name}: {reason}" for name in names[:_NAMES])
        if len(names) > _NAMES:
            yield f"  and {len(names) - _NAMES} more: {reason}"
    if len(by_reason) > _REASONS:
        yield f"  and {len(by_reason) - _REASONS} more reasons"
    for licence in sorted(licences):
        terms = " ".join(part for part in (licence.name, licence.url) if part)
        yield f"licence: {terms}; name {licence.attribution}"


def _told(dataset: LoadedDataset) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(dataset.counts.items()))
    licences = ", ".join(sorted({licence.name for licence in dataset.licences}))
    return f"{counts}; {licences}; {dataset.loaded_at}"


@contextmanager
def worlds_of(settings: Settings) -> Iterator[Worlds]:
    """The worlds of the data folder; a server may be using them at the same time."""
    if settings.ephemeral:
        raise Failure("--ephemeral data goes with its server; load into it with serve --seed")
    folder = DataFolder(settings.data or folders.user_data())
    try:
        try:
            folder.hold()
        except DataFolderInUse:
            print(f"fhantom: a server is using {folder.path}; it sees what is loaded at once", file=sys.stderr)
        with shortage_told():
            folder.create()
            worlds = Worlds(folder, settings, Clock())
            worlds.open()
    except DataTooNew as error:
        raise Failure(str(error)) from None
    except StorageFull:
        raise Failure(f"there is no room for the data folder {folder.path}") from None
    except OSError as error:
        raise Failure(f"cannot use the data folder {folder.path}: {error.strerror}") from None
    try:
        yield worlds
    finally:
        worlds.close()
        folder.release()
