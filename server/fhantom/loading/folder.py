"""`--seed DIR`: a folder of FHIR files (R5) and DICOM files, such as a clone of the hackathon data set."""

from __future__ import annotations

import logging
from pathlib import Path

from fhantom.loading import hackathon, processes
from fhantom.loading.files import stat_digest
from fhantom.loading.seeds import Told
from fhantom.settings import Settings
from fhantom.world import Worlds, facts

log = logging.getLogger("fhantom")


class Folder:
    """Any folder as a seed; what cannot be loaded is logged and left out."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self.name = str(path)

    def digest(self) -> str:
        """Changes with the names, sizes and times of the files."""
        return stat_digest([self._path])

    def load(self, worlds: Worlds, report: Told) -> None:
        """Store everything in the shared world."""
        found = hackathon.load(
            worlds,
            Settings(ephemeral=True),
            self._path,
            processes.processors(),
            lambda kind, done, of: report(done, of),
        )
        for name, reason in found.remarks:
            log.warning("%s: %s", name, reason)
        if not found.has_loaded:
            log.warning("%s: neither FHIR nor DICOM was found in it, so the server begins empty", self.name)
        with worlds.open().writing() as connection:
            facts.put(connection, "seed", self.name)
