"""One load of one data set: what a loader is told, and what it reports."""

from __future__ import annotations

import contextlib
import importlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fhantom.datasets.catalogue import Dataset
from fhantom.errors import StorageFull
from fhantom.loading.report import Fate, Progress, Report
from fhantom.settings import Settings
from fhantom.world import SHARED, World, Worlds, provenance
from fhantom.world.provenance import Licence, LoadedDataset
from fhantom.world.shortage import shortage_told


class Unusable(Exception):
    """The source is nothing that the loader can read; the message says why and is for the user."""


class Stopped(Exception):
    """Something was refused, and the user had asked to stop then."""


@dataclass(slots=True)
class Job:
    """What one load of a data set needs to know and what it found out.

    Attributes:
        source: what the user has: a folder, an archive or a file.
        key: of the world that is loaded into.
        limit: at most so many of what `dataset.counts` names, None for all.
        processes: how many may work on DICOM.
        options: values of the data set's own options, by name.
        asks_index: whether what is installed besides, the index of IDC, may be asked.
        stops: whether the first thing that is refused ends the load (`Stopped`).
        licences: terms of what was loaded, and of how many things.
        is_cut_short: whether the load ended before its source did.
        has_answered: whether it did something else than loading that was asked for.
    """

    dataset: Dataset
    worlds: Worlds
    settings: Settings
    source: Path
    key: str = SHARED
    limit: int | None = None
    processes: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    asks_index: bool = True
    stops: bool = False
    progress: Progress = lambda kind, done, of: None
    report: Report = field(default_factory=Report)
    licences: Counter[Licence] = field(default_factory=Counter)
    is_cut_short: bool = False
    has_answered: bool = False

    @property
    def world(self) -> World:
        """The world that is loaded into."""
        return self.worlds.open(self.key)

    def note(self, kind: str, fate: Fate, name: str = "", reason: str = "") -> None:
        """Count one thing in the report. Raises Stopped if it was refused and that is to end the load."""
        self.report.note(kind, fate, name, reason)
        if self.stops and fate is Fate.REFUSED:
            raise Stopped(f"{name}: {reason}")

    def cut_short(self, name: str, reason: str) -> None:
        """Remark that something of the source is missing, so that the load counts as unfinished."""
        self.is_cut_short = True
        self.report.remark(name, reason)

    def answered(self, name: str, text: str) -> None:
        """Remark what was done besides loading, so that a load of nothing counts as done."""
        self.has_answered = True
        self.report.remark(name, text)

    def option(self, name: str) -> Any:
        """The value of one of the data set's own options."""
        defaults = {option.name: option.default for option in self.dataset.options}
        return self.options.get(name, defaults[name])

    def licensed(self, licence: Licence | None = None, count: int = 1) -> None:
        """Count things that were loaded under a licence, without one under that of the whole data set."""
        self.licences[licence or licence_of(self.dataset)] += count


def licence_of(dataset: Dataset) -> Licence:
    """The terms of the data set as a whole."""
    return Licence(dataset.licence, dataset.licence_url, dataset.attribution)


def resolve(place: str) -> Callable[..., Any]:
    """The function that a row of the catalogue names as `module:function`."""
    module, name = place.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def run(job: Job) -> Report:
    """Load; whatever happens to single files is in the report, and what was loaded is noted in the world.

    Raises:
        Unusable: nothing of the source can be read.
    """
    try:
        with shortage_told():
            resolve(job.dataset.loader)(job)
    except Stopped as stopped:
        job.cut_short("stopped", f"at the first refusal, as told ({stopped})")
    except StorageFull:
        job.cut_short("stopped", "the disk is full; what is stored stays, and the same command goes on from there")
    if job.report.has_loaded:
        job.licences = job.licences or Counter([licence_of(job.dataset)])
        with contextlib.suppress(StorageFull), shortage_told():
            _note(job)
    return job.report


def _note(job: Job) -> None:
    kept = (Fate.STORED, Fate.UNCHANGED)
    counts: Counter[str] = Counter()
    for (kind, fate), count in job.report.counts.items():
        counts[kind] += count if fate in kept else 0
    dataset = LoadedDataset(
        job.dataset.name,
        job.dataset.title,
        job.dataset.page,
        job.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        tuple(job.licences),
        {kind: count for kind, count in counts.items() if count},
    )
    with job.world.writing() as connection:
        provenance.note(connection, dataset)
