"""`--seed DIR` where DIR is a seed folder."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from fhantom.datasets.catalogue import FOLDER
from fhantom.datasets.folder import manifest
from fhantom.datasets.job import Job, Unusable, run
from fhantom.loading import processes
from fhantom.loading.seeds import Told
from fhantom.settings import Settings
from fhantom.world import Worlds, facts

log = logging.getLogger("fhantom")


class SeedFolder:
    """A seed folder as a seed; what cannot be loaded is logged and left out."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self.name = str(path)

    def digest(self) -> str:
        """Changes with the manifest, which names every file's digest."""
        return hashlib.sha256((self._path / manifest.NAME).read_bytes()).hexdigest()

    def load(self, worlds: Worlds, report: Told) -> None:
        """Store everything in the shared world."""
        job = Job(
            FOLDER,
            worlds,
            Settings(ephemeral=True),
            self._path,
            processes=processes.processors(),
            progress=lambda kind, done, of: report(done, of),
        )
        try:
            found = run(job)
        except Unusable as reason:
            log.warning("%s, so the server begins empty", reason)
        else:
            for name, remark in found.remarks:
                log.warning("%s: %s", name, remark)
        with worlds.open().writing() as connection:
            facts.put(connection, "seed", self.name)
