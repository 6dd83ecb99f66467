"""Which pieces of a data set a world holds already, so that an interrupted load goes on where it was.

The ledger is in the world that is loaded into: a reset takes both, so that it never claims what is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from fhantom.world import World, facts

_DONE, _PENDING = "file:", "pending:"


def mark(*parts: object) -> str:
    """The name under which a piece is remembered: another one once any of its parts is another."""
    told = "\0".join(str(part) for part in parts)
    return _DONE + hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def mark_of_file(path: Path) -> str:
    """The mark of a file: place, size and time of change."""
    stat = path.stat()
    return mark(path.resolve(), stat.st_size, stat.st_mtime_ns)


class Ledger:
    """The pieces of one data set that a world holds, and the studies that FHIR does not tell of yet."""

    def __init__(self, world: World, dataset: str) -> None:
        self._world = world
        self._pending = f"{_PENDING}{dataset}:"

    def finished(self, marks: Sequence[str]) -> set[str]:
        """Those of the pieces that an earlier load finished."""
        with self._world.reading() as connection:
            return facts.known(connection, marks)

    def finish(self, marks: Iterable[str], studies: Iterable[str] = ()) -> None:
        """Remember pieces as finished, and their studies as still to be told of in FHIR."""
        with self._world.writing() as connection:
            facts.put_many(connection, [(name, "") for name in marks])
            facts.put_many(connection, [(self._pending + uid, "") for uid in studies])

    def pending(self) -> list[str]:
        """Study Instance UIDs that `finish` was told of and `settle` was not."""
        with self._world.reading() as connection:
            found = facts.beginning(connection, self._pending)
        return [name.removeprefix(self._pending) for name in found]

    def settle(self, studies: Iterable[str]) -> None:
        """FHIR tells of these studies now."""
        with self._world.writing() as connection:
            facts.forget(connection, [self._pending + uid for uid in studies])
