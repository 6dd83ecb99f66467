"""What a server does on its own: nights, worlds that nobody uses any more, and bytes that nobody names."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
from dataclasses import dataclass

from fhantom.world.collecting import AGE, Collected, collect
from fhantom.world.folder import SHARED
from fhantom.world.generations import Generations
from fhantom.world.locks import try_hold
from fhantom.world.nights import Nights
from fhantom.world.worlds import Worlds

log = logging.getLogger("fhantom")

_USED = "used"
_NOTES = 4096  # keys whose files a process knows by heart
_EVERY = 30.0  # seconds between two looks of each worker
_COLLECTED_EVERY = 1200.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round did: how many worlds went, and what was collected."""

    worlds: int
    collected: Collected


class Upkeep:
    """Looks after the worlds of one data folder, on behalf of all processes that serve it.

    When a world was last used is the date of a small file in its folder. It goes by the real time: a test that sets
    the clock must not make everybody else's worlds old.
    """

    def __init__(self, worlds: Worlds, nights: Nights, idle: int) -> None:
        self._worlds = worlds
        self._nights = nights
        self._idle = idle
        self._files: dict[str, str] = {}

    def note(self, key: str) -> None:
        """Note that a world is in use."""
        path = self._files.get(key)
        if path is None:
            if len(self._files) >= _NOTES:
                self._files.clear()
            path = self._files[key] = str(self._worlds.folder.world(key) / _USED)
        try:
            os.utime(path)
        except FileNotFoundError:
            with contextlib.suppress(FileNotFoundError), open(path, "ab"):  # or somebody is just dropping the world
                pass

    def round(self, *, idle: float | None = None, age: float = AGE) -> Kept:
        """Do now what is to be done now and then.

        Args:
            idle: seconds after which an unused world goes; None for what the settings say.
            age: as of `collect`.
        """
        self._nights.look()
        dropped = self.drop_idle(self._idle if idle is None else idle) if idle is not None or self._idle else 0
        self._worlds.forget_gone()
        return Kept(dropped, collect(self._worlds, age))

    def drop_idle(self, seconds: float) -> int:
        """Remove the worlds, with their snapshots, that nobody has used for so long; return how many."""
        folder, count = self._worlds.folder, 0
        for world in list(folder.worlds.iterdir()):
            used = world / _USED
            if world.name == SHARED:
                continue
            try:
                if time.time() - used.stat().st_mtime < seconds:
                    continue
            except FileNotFoundError:
                if world.is_dir():
                    used.touch()  # its time begins now
                continue
            Generations(world, folder.seed).drop()
            shutil.rmtree(folder.path / "snapshots" / world.name, ignore_errors=True)
            count += 1
        return count

    def start(self) -> None:
        """Look after the worlds in a thread of this process from now on."""
        threading.Thread(target=self._run, name="upkeep", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(_EVERY)
            try:
                self._nights.look()
                self._worlds.forget_gone()
                self.round_if_due()
            except Exception:  # a full disk, say; the next time may be better
                log.exception("upkeep failed")
            finally:
                self._worlds.texts.close()

    def round_if_due(self) -> None:
        """`round`, unless another worker is at it or has just been."""
        path = self._worlds.folder.path / "upkeep.lock"
        held = try_hold(path)
        if held is None:
            return
        try:
            if time.time() - os.fstat(held).st_mtime >= _COLLECTED_EVERY or os.fstat(held).st_size == 0:
                os.pwrite(held, b"x", 0)
                os.utime(path)
                self.round()
        finally:
            os.close(held)
