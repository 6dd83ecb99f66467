"""Small immutable texts (DICOM JSON, FHIR JSON) by the SHA-256 of their content, shared by all worlds."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

from fhantom.errors import StorageFull
from fhantom.world.locks import FileLock

_CHUNK = 500  # digests in one SELECT; SQLite's own limit of parameters is higher
_SCHEMA = "CREATE TABLE IF NOT EXISTS text (digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL)"


class Texts:
    """A set of immutable texts, many to a file; each is named by its raw 32-byte digest."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._synchronous = "FULL" if durable else "OFF"
        self._lock = FileLock(path.with_suffix(".lock"))
        self._local = threading.local()

    def put(self, body: bytes) -> bytes:
        """Keep `body`; return its digest once it is durable."""
        return self.put_many((body,))[0]

    def put_many(self, bodies: Sequence[bytes]) -> list[bytes]:
        """Keep every body in one commit; return their digests, in order, once they are durable."""
        rows = [(hashlib.sha256(body).digest(), body) for body in bodies]
        connection = self._connection()
        with self._lock():
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR IGNORE INTO text (digest, body) VALUES (?, ?)", rows)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if "full" in str(error):
                    raise StorageFull("no space left to store it") from error
                raise
        return [digest for digest, _ in rows]

    def get(self, digest: bytes) -> bytes:
        """The text. KeyError if there is none."""
        row = self._connection().execute("SELECT body FROM text WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            raise KeyError(digest.hex())
        body: bytes = row[0]
        return body

    def get_many(self, digests: Sequence[bytes]) -> list[bytes]:
        """The texts in the order of `digests`. KeyError if one is missing."""
        connection = self._connection()
        found: dict[bytes, bytes] = {}
        for start in range(0, len(digests), _CHUNK):
            chunk = digests[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            select = f"SELECT digest, body FROM text WHERE digest IN ({marks})"
            found.update(connection.execute(select, chunk))
        return [found[digest] for digest in digests]

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that the file alone is complete."""
        self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the calling thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None and self._local.pid == os.getpid():
            connection.close()
        self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        # One connection a thread; none crosses a fork.
        if getattr(self._local, "connection", None) is None or self._local.pid != os.getpid():
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={self._synchronous}")
            connection.execute("PRAGMA cache_size=-2000")
            connection.execute(_SCHEMA)
            self._local.connection = connection
            self._local.pid = os.getpid()
        connection_: sqlite3.Connection = self._local.connection
        return connection_
