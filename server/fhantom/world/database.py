"""One world's SQLite file behind SQLAlchemy: snapshots for readers, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from fhantom.errors import StorageFull
from fhantom.world.locks import FileLock

_WRITING = "fhantom_writing"


class Database:
    """Connections to one SQLite file in WAL mode; `durable=False` leaves out the fsyncs."""

    def __init__(self, path: Path, *, durable: bool = True, pool_size: int = 16) -> None:
        self._path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._reader = _engine(path, "FULL" if durable else "OFF", pool_size)
        self._writer = self._reader.execution_options(**{_WRITING: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot for as long as the block lasts."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends and leaves no trace when it raises."""
        with self._lock(), self._writer.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            except OperationalError as error:
                if "full" in str(error.orig):
                    raise StorageFull("no space left to store it") from error
                raise

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that the file alone is complete."""
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()

    def close(self, *, inherited: bool = False) -> None:
        """Close every connection; those inherited through a fork are only forgotten."""
        self._reader.dispose(close=not inherited)


def _engine(path: Path, synchronous: str, pool_size: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", pool_size=pool_size, max_overflow=64, connect_args={"timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `start` below says so
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA cache_size=-4000")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
