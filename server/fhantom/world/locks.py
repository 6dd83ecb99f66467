"""Locks between processes that block instead of polling.

SQLite waits for another writer by sleeping in growing steps, which costs tens of milliseconds under load and
lets late-comers overtake. A writer therefore queues on a lock of the operating system first.
"""

from __future__ import annotations

import contextlib
import os
import weakref
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
        # flock belongs to an open file: each holder has one of its own, and a forked child uses none of its parent's.
        self._idle: list[int] = []
        self._pid = os.getpid()
        weakref.finalize(self, _close, self._idle).atexit = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        if self._pid != os.getpid():
            self._pid = os.getpid()
            _close(self._idle)
        descriptor = self._locked()
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            self._idle.append(descriptor)

    def _locked(self) -> int:
        while True:
            try:
                descriptor = self._idle.pop()
            except IndexError:
                try:
                    descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                except FileNotFoundError:
                    with contextlib.suppress(FileExistsError):  # folders of dropped worlds come and go
                        self._path.parent.mkdir(parents=True)
                    continue
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)  # the world was dropped with its lock; those who come now hold another one

    def close(self) -> None:
        """Close the files of holders that are through."""
        _close(self._idle)


def _close(descriptors: list[int]) -> None:
    with contextlib.suppress(IndexError):
        while True:
            os.close(descriptors.pop())


def hold_shared(path: Path) -> int:
    """A descriptor that shares `path` with others until it is closed, once nobody holds it exclusively."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


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
