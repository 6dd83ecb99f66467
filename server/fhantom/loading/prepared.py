"""Seeds that were loaded before, kept in the user's cache: an empty data folder is filled by copying."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import fhantom
import fhantom_migrations
from fhantom.clock import Clock
from fhantom.loading.files import stat_digest
from fhantom.loading.seeds import Seed
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds, prepare

_KEPT = 4  # prepared seeds; each start with another seed or version adds one

# Whose code decides what rows a seed becomes.
_ROOMS = ("archive", "bridge", "datasets", "definitions", "dicom", "loading", "resources", "world")


class PreparedSeeds:
    """Loaded seeds by digest of seed, schema and program."""

    def __init__(self, cache: Path, clock: Clock) -> None:
        self._folder = cache / "seeds"
        self._clock = clock

    @property
    def is_writable(self) -> bool:
        """Whether a seed can be kept here: some users have no home."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self._folder, os.W_OK)

    def find(self, seed: Seed) -> Path | None:
        """The prepared form of `seed`, if an earlier start has made it."""
        path = self._path(seed)
        return path if path.is_dir() else None

    def make(self, seed: Seed, report: Callable[[int, int], None]) -> Path:
        """Load `seed` into the cache; `report` is told how many things are done, and of how many."""
        path = self._path(seed)
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = self._folder / f"loading-{uuid.uuid4().hex}"
        try:
            folder = DataFolder(scratch)
            folder.create()
            # Nothing depends on it until it is whole, so its writes need not wait for the disk.
            worlds = Worlds(folder, Settings(ephemeral=True), self._clock)
            seed.load(worlds, report)
            prepare.save(worlds, path)
            worlds.close()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self._forget_oldest()
        return path

    def _path(self, seed: Seed) -> Path:
        parts = (seed.digest(), fhantom_migrations.head(), fhantom.__version__, _program_digest())
        return self._folder / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _forget_oldest(self) -> None:
        found = [entry for entry in self._folder.iterdir() if not entry.name.startswith("loading-")]
        found.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in found[_KEPT:]:
            shutil.rmtree(entry, ignore_errors=True)


def _program_digest() -> str:
    """Changes with the code that loads: a checkout changes more often than its version."""
    root = Path(fhantom.__file__).parent
    return stat_digest(root / room for room in _ROOMS)
