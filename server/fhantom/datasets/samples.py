"""A small sample of each data set, made on the spot and loaded like the whole: `fhantom serve --seed siim,coherent`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from fhantom.datasets.catalogue import DATASETS, Dataset
from fhantom.datasets.folder.manifest import is_seed_folder
from fhantom.datasets.folder.seed import SeedFolder
from fhantom.datasets.job import Job, resolve, run
from fhantom.loading.report import Report
from fhantom.loading.seeds import Seed, Told, UnknownSeed, seed_named
from fhantom.settings import Settings
from fhantom.world import Worlds, facts


def make_sample(dataset: Dataset, folder: Path) -> Path:
    """Write the sample of a data set into a folder of its own; the same bytes every time."""
    folder.mkdir(parents=True, exist_ok=True)
    resolve(dataset.sampler)(folder)
    return folder


class Sample:
    """The sample of one data set as a seed."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.name = dataset.name

    def digest(self) -> str:
        """The same for ever: what makes the sample is part of the program, whose digest is taken besides."""
        return f"sample:{self.name}"

    def load(self, worlds: Worlds, report: Told) -> None:
        """Make the sample and load it into the shared world."""
        with tempfile.TemporaryDirectory(prefix="fhantom-sample-") as scratch:
            source = make_sample(self._dataset, Path(scratch) / self.name)
            self.loaded(worlds, source, report)
        with worlds.open().writing() as connection:
            facts.put(connection, "seed", self.name)

    def loaded(self, worlds: Worlds, source: Path, report: Told) -> Report:
        """Load a sample that was made before."""
        settings = Settings(ephemeral=True)
        # Starting processes would take longer than what they could save.
        job = Job(self._dataset, worlds, settings, source, progress=lambda kind, done, of: report(done, of))
        job.asks_index = False  # a sample is the same wherever it is loaded, and knows all about itself
        return run(job)


class Several:
    """Seeds one after the other."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self._seeds = seeds
        self.name = ",".join(seed.name for seed in seeds)

    def digest(self) -> str:
        """Changes with each of them."""
        return "\n".join(seed.digest() for seed in self._seeds)

    def load(self, worlds: Worlds, report: Told) -> None:
        """Load all of them into the shared world."""
        for seed in self._seeds:
            seed.load(worlds, report)
        with worlds.open().writing() as connection:
            facts.put(connection, "seed", self.name)


def seed_of(names: str) -> Seed:
    """The seed that a user means: `embedded`, `none`, a folder, the name of a data set, or several joined by commas.

    Raises UnknownSeed.
    """
    if Path(names).is_dir():  # also one with a comma in its name
        return _seed(names)
    seeds = [_seed(name.strip()) for name in names.split(",")]
    return seeds[0] if len(seeds) == 1 else Several(seeds)


def _seed(name: str) -> Seed:
    if name in DATASETS:
        return Sample(DATASETS[name])
    if is_seed_folder(Path(name)):
        return SeedFolder(Path(name))
    try:
        return seed_named(name)
    except UnknownSeed:
        known = ", ".join(("embedded", "none", *DATASETS))
        raise UnknownSeed(f"there is no seed {name!r}: it is one of {known}, or an existing folder") from None
