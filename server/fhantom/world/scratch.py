"""A database in memory with the tables of a world, for what is to be searched but not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from fhantom.world.tables import metadata


class Scratch:
    """One such database, for one thread at a time; it is empty whenever a block begins."""

    def __init__(self) -> None:
        self._engine: Engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        metadata.create_all(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is always undone."""
        with self._engine.connect() as connection:
            connection.begin()
            try:
                yield connection
            finally:
                connection.rollback()

    def close(self) -> None:
        """Free its memory."""
        self._engine.dispose()
