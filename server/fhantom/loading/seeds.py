"""What an empty data folder can start with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fhantom.world import Worlds, facts

Told = Callable[[int, int], None]
"""Is told how many things are done, and of how many."""


class UnknownSeed(Exception):
    """There is no seed of that name, nor a folder."""


class Seed(Protocol):
    """Something that fills a world."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    def digest(self) -> str:
        """Changes whenever `load` would store something else."""

    def load(self, worlds: Worlds, report: Told) -> None:
        """Fill the shared world; `report` is told how far it is."""


class Nothing:
    """The seed `none`: an empty world, its schema made."""

    name = "none"

    def digest(self) -> str:
        """The same for ever."""
        return "none"

    def load(self, worlds: Worlds, report: Told) -> None:
        """Make the world and leave it empty."""
        with worlds.open().writing() as connection:
            facts.put(connection, "seed", self.name)


def seed_named(name: str) -> Seed:
    """The seed that a user calls `name`: embedded, none, or the path of a folder. Raises UnknownSeed."""
    if name == "none":
        return Nothing()
    if name == "embedded":
        from fhantom.loading.embedded import Embedded

        return Embedded()
    if Path(name).is_dir():
        from fhantom.loading.folder import Folder

        return Folder(Path(name))
    raise UnknownSeed(f"there is no seed {name!r}: it is embedded, none, or an existing folder")
