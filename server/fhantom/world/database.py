"""One SQLite file behind SQLAlchemy: snapshots for readers, one writer at a time."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from fhantom.errors import StorageFull
from fhantom.world import settling
from fhantom.world.locks import FileLock

_WRITING = "fhantom_writing"
_INHERITED: list[
    list[Connection] | list[sqlite3.Connection]
] = []  # a parent's connections, kept so that nothing ends them here
_NUMBERS = itertools.count()
_COMPILED: LRUCache[Any, Any] = LRUCache(500)  # statements as SQL, by SQLAlchemy's own keys
_POOL = 8  # connections kept open; more are made under load and closed again


class Database:
    """Connections to a live file in WAL mode, or to a frozen one that never changes.

    Args:
        lock: held by the one writer; None for a frozen file.
        durable: False leaves out the fsyncs.
    """

    def __init__(self, path: Path, lock: FileLock | None, *, durable: bool = True) -> None:
        self._lock = lock
        self._reader = _engine(path, frozen=lock is None, durable=durable)
        self._writer = self._reader.execution_options(**{_WRITING: True})
        # Readers' connections wait here: to take one from the engine costs 0.1 ms, a third of a small request.
        self._idle: list[Connection] = []
        self._path = path
        self._durable = durable
        self._number = next(_NUMBERS)
        self._watching: list[sqlite3.Connection] = []  # one, which is never written with

    def stamp(self) -> tuple[int, int]:
        """Something that differs after every transaction, whoever made it, and from that of any other file."""
        if self._lock is None:
            return self._number, 0
        try:
            if not self._watching:
                uri = f"{self._path.absolute().as_uri()}?mode=rw"  # never makes a file anew that went meanwhile
                self._watching.append(sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False))
            (changes,) = self._watching[0].execute("PRAGMA data_version").fetchone()
        except (sqlite3.Error, IndexError):  # it went meanwhile, or is being closed
            return next(_NUMBERS), 0  # nobody knows, so nothing is the same
        return self._number, changes

    def asked(self, question: Callable[[Connection], bool]) -> bool:
        """The answer to a first question, on a connection that the first transaction then uses."""
        with self._reader.connect() as connection:
            return question(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot for as long as the block lasts."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._reader.connect()
        try:
            yield connection
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < _POOL:
            self._idle.append(connection)
        else:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends and leaves no trace when it raises."""
        assert self._lock is not None, "a frozen state is not written to"
        with self._lock(), self._writer.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            except OperationalError as error:
                if "full" in str(error.orig):
                    raise StorageFull("no space left to store it") from error
                raise
        self.settle()  # while the next one writes

    def settle(self) -> None:
        """Make durable what others have committed, too: a reader sees it a wait for the disk earlier."""
        if self._durable and self._lock is not None:
            settling.settle(self._path)

    def closer(self) -> Callable[[], None]:
        """What closes every connection, without keeping this object alive."""
        idle, watching, engine = self._idle, self._watching, self._reader

        def close() -> None:
            for kept in (idle, watching):
                while kept:
                    kept.pop().close()
            engine.dispose()

        return close

    def close(self, *, inherited: bool = False) -> None:
        """Close every connection; those inherited through a fork are only forgotten."""
        if inherited:
            _INHERITED.extend((self._idle, self._watching))
            self._idle, self._watching = [], []
            self._reader.dispose(close=False)
        else:
            self.closer()()


@cache
def _first_engine() -> Engine:
    """What all engines share: worlds come and go, and each would compile every statement anew."""
    engine = create_engine("sqlite://")
    engine.connect().close()  # finds out what this SQLite can do
    return engine


def _engine(path: Path, *, frozen: bool, durable: bool) -> Engine:
    # An immutable file is read without locks and without the files of a write-ahead log.
    uri = f"{path.absolute().as_uri()}?immutable=1" if frozen else str(path)

    def connect() -> Any:
        return sqlite3.connect(uri, uri=frozen, timeout=30, check_same_thread=False)

    first = _first_engine()
    pool = QueuePool(connect, pool_size=_POOL, max_overflow=64, dialect=first.dialect)
    engine = Engine(pool, first.dialect, first.url, execution_options={"compiled_cache": _COMPILED})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `start` below says so
        cursor = connection.cursor()
        if not frozen:
            cursor.execute(f"PRAGMA synchronous={settling.synchronous(durable)}")  # first: the next one writes
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA cache_size=-4000")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        # Past SQLAlchemy, whose own cost for a statement is several times SQLite's for this one.
        driver = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")  # type: ignore[union-attr]

    return engine
