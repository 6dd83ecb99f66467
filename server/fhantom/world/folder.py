"""The data folder: what lies where, which version wrote it, and which server holds it."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from fhantom.world.locks import try_hold

FORMAT = 1  # raised when an older fhantom could no longer read the folder
SHARED = "shared"


class DataFolderInUse(Exception):
    """Another server already serves this data folder."""


class DataTooNew(Exception):
    """The data folder was written by a newer fhantom, and is left as it is."""


class DataFolder:
    """A folder with everything that a server keeps.

    `FORMAT` names the layout, `blobs/` holds DICOM bytes, `texts.sqlite` ready-made JSON, `seed.sqlite` the
    frozen rows that every world begins with, `worlds/` a folder a world, `incoming/` what is being written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blobs = path / "blobs"
        self.incoming = path / "incoming"
        self.texts = path / "texts.sqlite"
        self.seed = path / "seed.sqlite"
        self.worlds = path / "worlds"
        self._held: int | None = None

    @property
    def is_empty(self) -> bool:
        """True until there is a state that worlds begin with."""
        return not self.seed.exists()

    def world(self, key: str) -> Path:
        """The folder of a key's world. Keys are free text, and secrets, so names are made of their digest."""
        return self.worlds / (key if key == SHARED else hashlib.sha256(key.encode()).hexdigest()[:32])

    def create(self) -> None:
        """Make what is missing; raise DataTooNew if a newer version has been here."""
        self.check()
        for folder in (self.path, self.blobs, self.incoming, self.worlds):
            folder.mkdir(parents=True, exist_ok=True)
        if not (self.path / "FORMAT").exists():
            (self.path / "FORMAT").write_text(f"{FORMAT}\n")

    def check(self) -> None:
        """Raise DataTooNew if a newer version wrote the folder."""
        try:
            found = int((self.path / "FORMAT").read_text())
        except FileNotFoundError:
            return
        if found > FORMAT:
            raise DataTooNew(f"{self.path} has format {found}; this fhantom reads up to {FORMAT}. Nothing was changed.")

    def hold(self) -> None:
        """Keep other servers out for as long as this process lives; raise DataFolderInUse if one is in."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._held = try_hold(self.path / "lock")
        if self._held is None:
            raise DataFolderInUse(f"another fhantom already serves {self.path}")
        # Whatever an earlier server left half-written has no name that anybody knows.
        shutil.rmtree(self.incoming, ignore_errors=True)

    def release(self) -> None:
        """Let other servers in."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
