"""The generated tables in `data/`: ZIP archives of small JSON members, read one at a time.

An archive is held in memory as it is packed, 0.4 to 1.6 MB: workers that are forked must not share a file's
position, and an upgrade may replace the file under a running server.
"""

from __future__ import annotations

import io
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
    """The archive `name` of the package's data."""
    packed = files("fhantom.definitions").joinpath("data", name).read_bytes()
    return Archive(zipfile.ZipFile(io.BytesIO(packed)))
