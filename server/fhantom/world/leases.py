"""Who still uses a file: it is removed when nobody does, whichever process that is."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from fhantom.world.locks import hold_shared, try_hold


def take(rows: Path) -> int | None:
    """A descriptor that keeps the file `rows` from being removed until it is closed; None if it is gone."""
    if not rows.exists():
        return None
    try:
        descriptor = hold_shared(_lease(rows))
    except FileNotFoundError:  # the whole world has just been dropped
        return None
    if os.fstat(descriptor).st_nlink and rows.exists():
        return descriptor
    os.close(descriptor)
    remove(rows)  # it has just gone; what was taken of it must not stay behind
    return None


def remove(rows: Path) -> None:
    """Remove the file with its logs, unless somebody uses it; the last one to do so removes it then."""
    try:
        descriptor = try_hold(_lease(rows))
    except FileNotFoundError:
        return
    if descriptor is None:
        return
    for path in (rows, Path(f"{rows}-wal"), Path(f"{rows}-shm"), rows.with_suffix(".lock"), _lease(rows)):
        # Windows keeps a file that is open; the next reset gets it.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            path.unlink()
    os.close(descriptor)


def _lease(rows: Path) -> Path:
    return rows.with_suffix(".lease")
