"""All data states of one server."""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from pathlib import Path

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import schema
from fhantom.world.blobs import Blobs
from fhantom.world.database import Database
from fhantom.world.folder import DataFolder
from fhantom.world.texts import Texts
from fhantom.world.world import World

SHARED = "shared"


class Worlds:
    """Finds or makes the world of a key below one data folder."""

    def __init__(self, folder: DataFolder, settings: Settings, clock: Clock) -> None:
        self.folder = folder
        self._settings = settings
        self._clock = clock
        self._durable = not settings.ephemeral
        self._blobs = Blobs(folder.blobs, folder.incoming, durable=self._durable)
        self._texts = Texts(folder.texts, durable=self._durable)
        self._open: dict[str, World] = {}
        self._making = threading.Lock()
        if hasattr(os, "register_at_fork"):
            forget = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: (found := forget()) and found())

    def open(self, key: str = SHARED) -> World:
        """The world of `key`, made empty if it does not exist yet."""
        world = self._open.get(key)
        if world is None:
            with self._making:
                world = self._open.get(key) or self._make(key)
                self._open[key] = world
        return world

    def close(self) -> None:
        """Close every connection of this process."""
        with self._making:
            for world in self._open.values():
                world.database.close()
            self._open.clear()
            self._texts.close()

    def _make(self, key: str) -> World:
        path = self.folder.worlds / f"{_file_name(key)}.sqlite"
        schema.ensure(path)
        return World(
            key=key,
            database=Database(path, durable=self._durable),
            blobs=self._blobs,
            texts=self._texts,
            clock=self._clock,
            settings=self._settings,
        )

    def _after_fork(self) -> None:
        # SQLite connections must not cross a fork: forget the parent's without closing them.
        self._making = threading.Lock()
        for world in self._open.values():
            world.database.close(inherited=True)


def _file_name(key: str) -> str:
    """A file name for any key: keys are free text, and are secrets."""
    return key if key == SHARED else hashlib.sha256(key.encode()).hexdigest()[:32]


def open_worlds(path: Path, settings: Settings, clock: Clock) -> Worlds:
    """The worlds below `path`, which is made if it does not exist."""
    folder = DataFolder(path)
    folder.create()
    return Worlds(folder, settings, clock)
