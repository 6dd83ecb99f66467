"""Frozen states: a world's rows at one moment, as one SQLite file that never changes again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

_JOURNAL_MODE, _WAL = 18, b"\2\2"  # SQLite file format 1.3.3: write and read version


def freeze(live: Path, target: Path, *, durable: bool = True) -> None:
    """Write the present rows of a live world to `target`, which appears whole or not at all."""
    temporary = _temporary(target)
    with (
        closing(sqlite3.connect(f"{live.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(temporary)) as destination,
    ):
        destination.execute("PRAGMA synchronous=OFF")  # nobody knows of it until it is whole
        source.backup(destination)
        destination.execute("PRAGMA journal_mode=DELETE")  # a frozen file has no log beside it
    _settle(temporary, target, durable)


def copy(frozen: Path, target: Path, *, durable: bool = True, live: bool = False) -> None:
    """Copy a frozen state to a new file, by reference where the file system can; `live` if it is to be written to."""
    temporary = _temporary(target)
    shutil.copyfile(frozen, temporary)
    if live:
        with open(temporary, "r+b") as file:
            file.seek(_JOURNAL_MODE)
            file.write(_WAL)  # two processes that both switch it when they first open it lock each other out
    _settle(temporary, target, durable)


def _temporary(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex}")


def _settle(temporary: Path, target: Path, durable: bool) -> None:
    if durable:
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
    os.replace(temporary, target)
