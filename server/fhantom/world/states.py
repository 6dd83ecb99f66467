"""Frozen states: a world's rows at one moment, as one SQLite file that never changes again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path


def freeze(live: Path, target: Path) -> None:
    """Write the present rows of a live world to `target`, which appears whole or not at all."""
    temporary = _temporary(target)
    with (
        closing(sqlite3.connect(live, timeout=30)) as source,
        closing(sqlite3.connect(temporary)) as destination,
    ):
        source.backup(destination)
        destination.execute("PRAGMA journal_mode=DELETE")  # a frozen file has no log beside it
    _settle(temporary, target)


def copy(frozen: Path, target: Path) -> None:
    """Copy a frozen state to a new file, by reference where the file system can."""
    temporary = _temporary(target)
    shutil.copyfile(frozen, temporary)
    _settle(temporary, target)


def _temporary(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex}")


def _settle(temporary: Path, target: Path) -> None:
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, target)
