"""One data state: everything FHIR, DICOM and SOLE that a key sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import promises
from fhantom.world.blobs import Blobs
from fhantom.world.chance import Chance
from fhantom.world.database import Database
from fhantom.world.promises import Promise
from fhantom.world.texts import Texts


@dataclass(slots=True)
class Rows:
    """The rows of one generation: a frozen state until the first write, then a live file."""

    database: Database
    thaw: Callable[[], Database] | None = None

    def live(self) -> Database:
        """A database that can be written to."""
        if self.thaw is not None:
            self.database, self.thaw = self.thaw(), None
        return self.database


@dataclass(frozen=True, slots=True)
class World:
    """One data state, and the only way to whatever is kept in it.

    Attributes:
        key: the name that tells worlds apart.
        blobs: DICOM bytes by digest, shared by all worlds.
        texts: DICOM JSON and FHIR JSON by digest, shared by all worlds.
        clock: the time that this world goes by.
        settings: the server's settings.
        chance: where identifiers come from that nothing determines.
    """

    key: str
    blobs: Blobs
    texts: Texts
    clock: Clock
    settings: Settings
    rows: Rows = field(repr=False)
    chance: Chance = field(repr=False)

    def stamp(self) -> tuple[int, int]:
        """Something that differs after every transaction, whichever process made it, and in every other state."""
        return self.rows.database.stamp()

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent snapshot of the rows."""
        return self.rows.database.reading()

    def settle(self) -> None:
        """Make durable all that `reading` has shown: before one answers that something is kept already."""
        self.rows.database.settle()

    def promise(self, bodies: Sequence[bytes]) -> Promise:
        """Keep texts for rows that are about to be written: give it to `writing`, which makes both durable at once."""
        return promises.put(self.texts, bodies)

    @contextmanager
    def writing(self, promise: Promise = promises.NOTHING) -> Iterator[Connection]:
        """A transaction on the rows, durable when its block ends, undone when it raises; one at a time.

        Put texts and blobs before it: a row may only name what is already durable, or promised.
        """
        with self.rows.live().writing() as connection:
            if promise.copies:
                promises.vouch(connection, self.texts, promise)
            yield connection
