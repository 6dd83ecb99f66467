"""The generated tables in `data/`: ZIP archives of small JSON members, read one at a time."""

from __future__ import annotations

import json
import threading
import zipfile
from importlib.resources import files
from typing import Any


class Archive:
    """A ZIP archive of JSON members that threads may share."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._reading = threading.Lock()

    def member(self, name: str) -> Any:
        """The value of one member; raises KeyError."""
        with self._reading:
            return json.loads(self._archive.read(name))


def open_archive(name: str) -> Archive:
    """The archive `name` of the package's data; it stays open as long as it is used."""
    return Archive(zipfile.ZipFile(files("fhantom.definitions").joinpath("data", name).open("rb")))
