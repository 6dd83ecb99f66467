"""How much a client may ask for: requests in a window of time, and bytes in a body."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhantom.errors import TooLarge

_COUNT = """
INSERT INTO hits (name, window, count) VALUES (?, ?, 1)
ON CONFLICT (name) DO UPDATE SET count = iif(window = excluded.window, count + 1, 1), window = excluded.window
RETURNING count
"""


class RateLimit:
    """Counts requests by name in windows of equal length, one count for all processes of a server."""

    def __init__(self, requests: int, window: int) -> None:
        self._requests = requests
        self._window = window
        self._folder = Path(tempfile.mkdtemp(prefix="fhantom-limits-"))
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._remove = weakref.finalize(self, _remove, self._folder, os.getpid())
        with self._connect() as connection:
            connection.execute("CREATE TABLE hits (name BLOB PRIMARY KEY, window INTEGER, count INTEGER)")

    def wait(self, name: str, now: float) -> int | None:
        """Count one request; None if it may pass, else the seconds until the next window."""
        window, passed = divmod(int(now), self._window)
        digest = hashlib.blake2b(name.encode(), digest_size=16).digest()  # names are keys, which are secrets
        with self._lock:
            count = self._connect().execute(_COUNT, (digest, window)).fetchone()[0]
        return None if count <= self._requests else self._window - passed

    def close(self) -> None:
        """Forget the counts."""
        if self._connection is not None and self._owner == os.getpid():
            self._connection.close()
        self._remove()

    def _connect(self) -> sqlite3.Connection:
        # SQLite connections must not cross a fork.
        if self._connection is None or self._owner != os.getpid():
            self._connection = sqlite3.connect(
                self._folder / "hits.sqlite", timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode=WAL").fetchone()
            self._connection.execute("PRAGMA synchronous=OFF")
            self._owner = os.getpid()
        return self._connection


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # forked children run finalizers too
        shutil.rmtree(folder, ignore_errors=True)


class CountedInput:
    """A request's body that raises TooLarge as soon as more than `limit` bytes have come in."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self.exceeded = False

    def read(self, size: int = -1) -> bytes:
        """As a file's; never asks the client for more than one byte above the limit."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        return self._count(self._stream.read(wanted))

    def readline(self, size: int = -1) -> bytes:
        """As a file's."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        return self._count(self._stream.readline(wanted))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """As a file's; the hint is not used."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            self.exceeded = True
            raise TooLarge("the body is larger than this server accepts")
        return data
