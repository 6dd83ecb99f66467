"""Small immutable texts (DICOM JSON, FHIR JSON) by the SHA-256 of their content, shared by all worlds."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from fhantom.errors import StorageFull
from fhantom.world import settling
from fhantom.world.locks import FileLock

_CHUNK = 500  # digests in one SELECT; SQLite's own limit of parameters is higher
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS text (digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL)",
    # Up to which row texts were there at which moment; rows are numbered in the order in which they were put.
    "CREATE TABLE IF NOT EXISTS mark (until INTEGER NOT NULL, moment INTEGER NOT NULL)",
)
# A text that is put again moves behind the mark, which keeps it from being collected.
_PUT = """
INSERT INTO text (digest, body) VALUES (?, ?) ON CONFLICT (digest)
DO UPDATE SET rowid = (SELECT max(rowid) + 1 FROM text) WHERE text.rowid <= (SELECT max(until) FROM mark)
"""


class Texts:
    """A set of immutable texts, many to a file; each is named by its raw 32-byte digest."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable
        self._lock = FileLock(path.with_suffix(".lock"))
        self._local = threading.local()

    def put(self, body: bytes) -> bytes:
        """Keep `body`; return its digest once it is durable."""
        return self.put_many((body,))[0]

    @property
    def is_waited_for(self) -> bool:
        """Whether `settle` waits for anything."""
        return self._durable and settling.IS_APART

    def put_many(self, bodies: Sequence[bytes], *, settled: bool = True) -> list[bytes]:
        """Keep every body in one commit; return their digests, in order, once they are durable.

        Args:
            settled: False does not wait for the disk: the caller sees to it (see `promises`).
        """
        rows = [(hashlib.sha256(body).digest(), body) for body in bodies]
        connection = self._connection()
        with self._lock():
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_PUT, rows)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if "full" in str(error):
                    raise StorageFull("no space left to store it") from error
                raise
        if settled:
            self.settle()  # while the next one writes
        return [digest for digest, _ in rows]

    def settle(self) -> None:
        """Make durable what others have put, too, though they may not have been told yet."""
        if self._durable:
            settling.settle(self._path)

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

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Those of the digests that name nothing here."""
        connection = self._connection()
        select = "SELECT 1 FROM text WHERE digest = ?"
        return [digest for digest in digests if connection.execute(select, (digest,)).fetchone() is None]

    def collect(self, named: Container[bytes], now: int, put_before: int) -> tuple[int, int]:
        """Remove the texts outside `named` that were last put before a moment; return how many, and their bytes.

        Both moments are in nanoseconds. Whatever was there at an earlier call that is older than `put_before` and
        has not been put again since counts as put before it; so the first call removes nothing.
        """
        connection = self._connection()
        with self._lock():
            marks = connection.execute("SELECT until FROM mark WHERE moment < ?", (put_before,)).fetchall()
            until = max((row[0] for row in marks), default=-1)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM mark WHERE until <= ?", (until,))
            connection.execute("INSERT INTO mark SELECT coalesce(max(rowid), 0), ? FROM text", (now,))
            connection.execute("COMMIT")
        # The last row stays, so that no number is ever given twice.
        select = "SELECT rowid, digest FROM text WHERE rowid <= ? AND rowid < (SELECT max(rowid) FROM text)"
        unnamed = [row for row in connection.execute(select, (until,)) if row[1] not in named]
        freed = sum(self._remove(unnamed[at : at + _CHUNK]) for at in range(0, len(unnamed), _CHUNK))
        if unnamed:
            connection.executescript("PRAGMA incremental_vacuum")  # `execute` would take a single step
        return len(unnamed), freed

    def _remove(self, rows: Sequence[tuple[int, bytes]]) -> int:
        connection, freed = self._connection(), 0
        with self._lock():
            connection.execute("BEGIN IMMEDIATE")
            for row in rows:  # one that was put again meanwhile has another number
                delete = "DELETE FROM text WHERE rowid = ? AND digest = ? RETURNING length(body)"
                freed += sum(size for (size,) in connection.execute(delete, row).fetchall())
            connection.execute("COMMIT")
        return freed

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
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'mark'").fetchone():
                self._prepare(connection)
            connection.execute(f"PRAGMA synchronous={settling.synchronous(self._durable)}")
            connection.execute("PRAGMA cache_size=-2000")
            self._local.connection = connection
            self._local.pid = os.getpid()
        connection_: sqlite3.Connection = self._local.connection
        return connection_

    def _prepare(self, connection: sqlite3.Connection) -> None:
        with self._lock():  # SQLite does not wait for another who switches the mode of a new file
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # gives room back after a collection
            connection.execute("PRAGMA journal_mode=WAL")
            for statement in _SCHEMA:
                connection.execute(statement)
