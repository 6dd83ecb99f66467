"""The faults in force, the same for every worker, with counts that are exact."""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import sqlite3
import struct
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fhantom.faults.rules import Fault, as_json, parse

_VERSION = struct.Struct("<q")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fault (
    number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0, hits INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS passed (fault TEXT NOT NULL, moment REAL NOT NULL);
"""
_STRIKE = "UPDATE fault SET seen = seen + 1 WHERE number = ? RETURNING seen, hits"
_MINUTE = 60.0
_NONE: Mapping[str, Any] = MappingProxyType({})


class FaultStore:
    """A list of faults in a small file; made before the workers are forked.

    While the list is empty, asking costs one look at shared memory.
    """

    def __init__(self, path: Path, seed: int = 0) -> None:
        self._path = path
        self._seed = seed
        self._version = mmap.mmap(-1, _VERSION.size)
        self._local = threading.local()
        self._known: tuple[int, list[Fault]] = (0, [])
        for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            old.unlink(missing_ok=True)  # faults do not outlive the server that they were made for

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force; its id is assigned here."""
        with self._connection() as connection:
            row = connection.execute("INSERT INTO fault (body) VALUES (?)", (json.dumps(as_json(fault)),))
            number = row.lastrowid
        self._bump()
        return replace(fault, id=f"f{number}", hits=0)

    def all(self) -> list[Fault]:
        """Every fault in force, oldest first, with its hits up to now."""
        if not self._version_now():
            return []
        rows = self._connection().execute("SELECT number, body, hits FROM fault ORDER BY number")
        return [_fault(number, body, hits) for number, body, hits in rows]

    def remove(self, id: str | None = None) -> int:
        """Lift one fault, or all; return how many."""
        if not self._version_now():
            return 0
        with self._connection() as connection:
            if id is None:
                count = connection.execute("DELETE FROM fault").rowcount
            else:
                number = int(id[1:]) if id[:1] == "f" and id[1:].isdecimal() else -1
                count = connection.execute("DELETE FROM fault WHERE number = ?", (number,)).rowcount
        self._bump()
        return count

    def striking(self, method: str, path: str, key: str | None, environ: Mapping[str, Any] = _NONE) -> Fault | None:
        """The first fault that fits the request and strikes it now; its count is used up by asking.

        Args:
            environ: where the request's headers are, as WSGI names them.
        """
        version = self._version_now()
        if not version:
            return None
        if self._known[0] != version:
            self._known = (version, self.all())
        for fault in self._known[1]:
            if fault.match.fits(method, path, key, environ) and self._strikes(fault):
                return fault
        return None

    def wait(self, id: str, per_minute: int, now: float) -> int | None:
        """None if a rate-limiting fault lets one more request pass at `now`, else the seconds to wait."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("DELETE FROM passed WHERE fault = ? AND moment <= ?", (id, now - _MINUTE))
            row = connection.execute("SELECT count(*), min(moment) FROM passed WHERE fault = ?", (id,))
            count, oldest = row.fetchone()
            if count >= per_minute:
                return max(1, math.ceil(float(oldest) + _MINUTE - now))
            connection.execute("INSERT INTO passed VALUES (?, ?)", (id, now))
            return None
        finally:
            connection.execute("COMMIT")

    def _strikes(self, fault: Fault) -> bool:
        number = int(fault.id[1:])
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            row = connection.execute(_STRIKE, (number,)).fetchone()
            if row is None:  # lifted meanwhile
                return False
            seen, hits = row
            strikes = (
                seen > fault.skip
                and (fault.times is None or hits < fault.times)
                and self._draw(number, seen) < fault.probability
            )
            if strikes:
                connection.execute("UPDATE fault SET hits = hits + 1 WHERE number = ?", (number,))
            return strikes
        finally:
            connection.execute("COMMIT")

    def _draw(self, number: int, seen: int) -> float:
        """A number from 0 up to 1 that is the same in every run for the n-th request of a fault."""
        digest = hashlib.sha256(f"{self._seed}/{number}/{seen}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    def _version_now(self) -> int:
        return int(_VERSION.unpack_from(self._version)[0])

    def _bump(self) -> None:
        _VERSION.pack_into(self._version, 0, self._version_now() + 1)

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._local, "pid", None) != os.getpid():
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.executescript(_SCHEMA)
            self._local.connection, self._local.pid = connection, os.getpid()
        found: sqlite3.Connection = self._local.connection
        return found


def _fault(number: int, body: str, hits: int) -> Fault:
    raw = json.loads(body)
    raw.pop("id")
    raw.pop("hits")
    return replace(parse(raw, f"f{number}"), hits=hits)
