"""Waiting for the disk after a commit instead of within it.

SQLite waits before the writers' lock is let go, so that they wait for the disk one after the other. Here a commit is
seen by others first and made durable then: who writes meanwhile need not wait for that, and waits that overlap are one
for the file system. Nobody is answered before its own wait, which covers all commits before it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

IS_APART = hasattr(os, "fdatasync")
"""Whether a commit is made durable by `settle`; elsewhere SQLite knows better, and does it at once."""


def synchronous(durable: bool) -> str:
    """The value of `PRAGMA synchronous` to which `settle` adds what makes a commit durable."""
    if not durable:
        return "OFF"
    # NORMAL keeps the log ahead of the file at each checkpoint; it leaves out only the wait for the log at a commit.
    return "NORMAL" if IS_APART else "FULL"


def settle(path: Path) -> None:
    """Make durable whatever was committed to a database in WAL mode, by any process."""
    if not IS_APART:
        return
    with contextlib.suppress(FileNotFoundError):  # its last user has folded the log into the file and waited for that
        descriptor = os.open(f"{path}-wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
