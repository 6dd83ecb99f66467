"""Locks between processes that block instead of polling.

SQLite waits for another writer by sleeping in growing steps, which costs tens of milliseconds under load and
lets late-comers overtake. A writer therefore queues on a lock of the operating system first.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: SQLite's own busy handler is all there is
    fcntl = None  # type: ignore[assignment]


class FileLock:
    """Exclusive between threads and processes; the lock of a dead process is free."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _descriptor(self) -> int:
        # One open file per thread and process: flock belongs to the open file, so threads exclude each other
        # too, and a forked child must not share its parent's.
        if getattr(self._local, "pid", None) != os.getpid():
            self._local.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._local.pid = os.getpid()
        descriptor: int = self._local.descriptor
        return descriptor

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        descriptor = self._descriptor()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def try_hold(path: Path) -> int | None:
    """A descriptor that holds `path` exclusively until it is closed, or None where another process does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if fcntl is None:
        return descriptor
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
