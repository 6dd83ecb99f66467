"""The thread that tells subscribers, in every process that answers; a lease lets one at a time at a world."""

from __future__ import annotations

import logging
import os
import threading

from fhantom.fhir.subscriptions.rounds import work
from fhantom.world import SHARED, Worlds
from fhantom.world.locks import try_hold
from fhantom.world.scratch import Scratch

log = logging.getLogger("fhantom")

_LOOK_AGAIN = 0.1  # seconds; how soon a set or advanced clock, or another process's end, is noticed


class Deliverer:
    """Works through worlds whenever it is told that something was written, and when something is due.

    The first `nudge` or `start` in a process starts its thread; a fork leaves the parent's behind.
    """

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._changed = threading.Condition()
        self._keys: set[str] = set()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._closing = False

    def start(self) -> None:
        """Take up what an earlier process may have left undone in the world that all keys share."""
        if not self._worlds.folder.is_empty:
            self.nudge(SHARED)

    def nudge(self, key: str) -> None:
        """Look at a world soon: something was asked of it."""
        with self._changed:
            self._keys.add(key)
            if self._thread is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._run, name="fhantom-subscriptions", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what is not told yet stays in the worlds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread, self._thread = self._thread, None
        if thread is not None and self._pid == os.getpid():
            thread.join()

    def _run(self) -> None:
        scratch = Scratch()
        waiting: set[str] = set()
        while True:
            with self._changed:
                if not self._keys and not self._closing:
                    self._changed.wait(_LOOK_AGAIN if waiting else None)
                if self._closing:
                    scratch.close()
                    return
                keys, self._keys = self._keys | waiting, set()
            waiting = {key for key in keys if self._work(key, scratch)}

    def _work(self, key: str, scratch: Scratch) -> bool:
        """Do what is due in a world; whether to look again without being told to."""
        folder = self._worlds.folder.world(key)
        try:
            if not folder.exists():  # dropped meanwhile
                return False
            lease = try_hold(folder / "subscriptions.lease")
            if lease is None:  # another process is at it and may have looked too early
                return True
            try:
                return work(self._worlds.open(key), scratch)
            finally:
                os.close(lease)
        except Exception:
            log.exception("the subscriptions of a world could not be told")
            return False
