"""All data states of one server."""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import promises, schema, states
from fhantom.world.blobs import Blobs
from fhantom.world.chance import Chance
from fhantom.world.database import Database
from fhantom.world.folder import SHARED, DataFolder
from fhantom.world.generations import Generations
from fhantom.world.texts import Texts
from fhantom.world.world import Rows, World

_OPEN = 64  # worlds that a process keeps open; the others cost nothing but their files


@dataclass(frozen=True, slots=True)
class _Opened:
    """A world as this process knows it, and the stamp of the pointer when it looked."""

    stamp: tuple[int, int]
    generations: Generations
    world: World


class Worlds:
    """Finds or makes the world of a key below one data folder, which holds a seed."""

    def __init__(self, folder: DataFolder, settings: Settings, clock: Clock) -> None:
        self.folder = folder
        self._settings = settings
        self._clock = clock
        self._durable = not settings.ephemeral
        self.blobs = Blobs(folder.blobs, folder.incoming, durable=self._durable)
        self.chance = Chance(settings.random_seed, folder.path / "chance.lock")
        self.texts = Texts(folder.texts, durable=self._durable)
        self._seed: Database | None = None
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._opening = threading.RLock()
        if hasattr(os, "register_at_fork"):
            forget = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: (found := forget()) and found())

    def open(self, key: str = SHARED) -> World:
        """The world of `key` in its present state; a new key's world begins as the seed."""
        opened = self._opened.get(key)
        if opened is not None and opened.generations.stamp() == opened.stamp:
            return opened.world
        with self._opening:
            generations = opened.generations if opened else self._generations(key)
            stamp = generations.stamp()
            world = self._world(key, generations)
            self._opened[key] = _Opened(stamp, generations, world)
            self._opened.move_to_end(key)
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
            return world

    def reset(self, key: str = SHARED, state: Path | None = None) -> None:
        """Put a world back to the seed, or to a frozen state; requests in flight finish on the old one."""
        with self._opening:
            self._generations(key).start(state)

    def reset_all(self, state: Path | None = None) -> None:
        """`reset` for every world that there is."""
        with self._opening:
            for generations in self._all():
                generations.start(state)

    def each(self, digest: str = "") -> Iterator[World]:
        """Every world that there is, in its present state; their keys are not known, so that folders name them.

        Args:
            digest: only those whose key's SHA-256 begins so.
        """
        for generations in self._all(digest):
            yield self._world(generations.name, generations)

    def forget_gone(self) -> None:
        """Let go of states that another process has replaced, so that their room on the disk is free."""
        with self._opening:
            for key, opened in list(self._opened.items()):
                if opened.generations.stamp() != opened.stamp:
                    del self._opened[key]

    def freeze(self, key: str, target: Path) -> None:
        """Write a world's present rows to the file `target`, which appears whole or not at all."""
        with self._generations(key).held() as rows:
            states.freeze(rows, target, durable=self._durable)

    def drop(self, key: str) -> None:
        """Forget a world and remove its files; the bytes and texts stay."""
        with self._opening:
            generations = self._generations(key)
            self._opened.pop(key, None)
            generations.drop()

    def close(self) -> None:
        """Close every connection of this process."""
        with self._opening:
            for opened in self._opened.values():
                opened.world.rows.database.close()
                opened.generations.lock.close()
            self._opened.clear()
            if self._seed is not None:
                self._seed.close()
                self._seed = None
            self.texts.close()

    def _all(self, digest: str = "") -> Iterator[Generations]:
        for folder in sorted(self.folder.worlds.glob(f"{digest}*")):
            generations = Generations(folder, self.folder.seed, durable=self._durable)
            yield generations
            generations.lock.close()

    def _generations(self, key: str) -> Generations:
        opened = self._opened.get(key)
        if opened is not None:
            return opened.generations
        generations = Generations(self.folder.world(key), self.folder.seed, durable=self._durable)
        generations.create()
        return generations

    def _world(self, key: str, generations: Generations) -> World:
        database = self._live(generations, generations.current)
        rows = Rows(database) if database else Rows(self._frozen_seed(), lambda: self._thawed(key, generations))
        return World(key, self.blobs, self.texts, self._clock, self._settings, rows, self.chance)

    def _frozen_seed(self) -> Database:
        if self._seed is None:
            schema.ensure(self.folder.seed)
            self._seed = Database(self.folder.seed, None)
            self._make_good(self._seed)
        return self._seed

    def _make_good(self, database: Database) -> None:
        """Put back texts that rows name and that a loss of power took from the file of texts."""
        if lost := database.asked(lambda connection: promises.lost(connection, self.texts)):
            self.texts.put_many(lost)

    def _thawed(self, key: str, generations: Generations) -> Database:
        database = self._live(generations, generations.thaw)
        assert database is not None, "a thawed generation is not the seed"
        # The next request looks anew: a world that is dropped now would have the stamp again that it had at the seed.
        with self._opening:
            self._opened.pop(key, None)
        return database

    def _live(self, generations: Generations, which: Callable[[], int]) -> Database | None:
        """The database of a generation, or None if that is the seed."""
        generation, lease = generations.take(which)
        if lease is None:
            return None
        path = generations.path(generation)
        database = Database(path, generations.lock, durable=self._durable)
        if not database.asked(schema.is_newest):
            database.close()
            schema.ensure(path)
        self._make_good(database)
        # A request may still use the database of an older generation; it is closed when nobody does.
        weakref.finalize(database, _end, database.closer(), lease, generations, generation)
        return database

    def _after_fork(self) -> None:
        # SQLite connections must not cross a fork: forget the parent's without closing them.
        self._opening = threading.RLock()
        for opened in self._opened.values():
            opened.world.rows.database.close(inherited=True)
        if self._seed is not None:
            self._seed.close(inherited=True)


def _end(close: Callable[[], None], lease: int, generations: Generations, generation: int) -> None:
    close()
    os.close(lease)
    generations.forget(generation)


def open_worlds(path: Path, settings: Settings, clock: Clock) -> Worlds:
    """The worlds below `path`, which is made if it does not exist; without a seed they begin empty."""
    folder = DataFolder(path)
    folder.create()
    return Worlds(folder, settings, clock)
