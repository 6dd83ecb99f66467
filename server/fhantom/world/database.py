"""One SQLite file behind SQLAlchemy: snapshots for readers, one writer at a time."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from fhantom.world import settling
from fhantom.world.locks import FileLock
from fhantom.world.shortage import shortage_told

_Kept = tuple[Connection, sqlite3.Connection]  # SQLAlchemy's connection, and the driver's own behind it
_INHERITED: list[list[_Kept] | list[sqlite3.Connection]] = []  # a parent's, kept so that nothing ends them here
_NUMBERS = itertools.count()
_COMPILED: LRUCache[Any, Any] = LRUCache(500)  # statements as SQL, by SQLAlchemy's own keys
T = TypeVar("T")
_POOL = 8  # connections kept open; more are made under load and closed again


class Database:
    """Connections to a live file in WAL mode, or to a frozen one that never changes.

    Args:
        lock: held by the one writer; None for a frozen file.
        durable: False leaves out the fsyncs.
    """

    def __init__(self, path: Path, lock: FileLock | None, *, durable: bool = True) -> None:
        self._lock = lock
        self._engine = _engine(path, frozen=lock is None, durable=durable)
        # Connections wait here: to take one from the engine costs 0.1 ms, a third of a small request.
        self._idle: list[_Kept] = []
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

    def asked(self, question: Callable[[Connection], T]) -> T:
        """The answer to a first question, on a connection that the first transaction then uses."""
        with self._engine.connect() as connection:
            return question(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot for as long as the block lasts."""
        connection, driver = self._taken()
        try:
            driver.execute("BEGIN")
            yield connection
            _finished(connection, driver)
        except BaseException:
            connection.close()
            raise
        self._put_back(connection, driver)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends and leaves no trace when it raises."""
        assert self._lock is not None, "a frozen state is not written to"
        with self._lock():
            connection, driver = self._taken()
            try:
                with shortage_told():
                    driver.execute("BEGIN IMMEDIATE")
                    yield connection
                    driver.commit()
                _finished(connection, driver)
            except BaseException:
                connection.close()  # and undoes what it began
                raise
            self._put_back(connection, driver)
        self.settle()  # while the next one writes

    def _taken(self) -> _Kept:
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
            return connection, driver_of(connection)

    def _put_back(self, connection: Connection, driver: sqlite3.Connection) -> None:
        if len(self._idle) < _POOL:
            self._idle.append((connection, driver))
        else:
            connection.close()

    def settle(self) -> None:
        """Make durable what others have committed, too: a reader sees it a wait for the disk earlier."""
        if self._durable and self._lock is not None:
            settling.settle(self._path)

    def closer(self) -> Callable[[], None]:
        """What closes every connection, without keeping this object alive."""
        idle, watching, engine = self._idle, self._watching, self._engine

        def close() -> None:
            while idle:
                idle.pop()[0].close()
            while watching:
                watching.pop().close()
            engine.dispose()

        return close

    def close(self, *, inherited: bool = False) -> None:
        """Close every connection; those inherited through a fork are only forgotten."""
        if inherited:
            _INHERITED.extend((self._idle, self._watching))
            self._idle, self._watching = [], []
            self._engine.dispose(close=False)
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
        connection.isolation_level = None  # transactions begin where `reading` and `writing` say so
        cursor = connection.cursor()
        if not frozen:
            cursor.execute(f"PRAGMA synchronous={settling.synchronous(durable)}")  # first: the next one writes
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA cache_size=-4000")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection behind SQLAlchemy's, whose cost for a small statement is several times SQLite's."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def cursor_of(connection: Connection) -> sqlite3.Cursor:
    """A cursor of the driver's, within the transaction of the block that gave the connection."""
    return driver_of(connection).cursor()


def _finished(connection: Connection, driver: sqlite3.Connection) -> None:
    """End whatever is left of a transaction, for SQLAlchemy too if a statement went through it."""
    driver.rollback()
    if connection.in_transaction():
        connection.rollback()
