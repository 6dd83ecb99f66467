"""Which file holds a world's rows now: the frozen seed, or a live file of its own.

A world begins as the seed itself and gets a file of its own at its first write, so a world that only reads
costs nothing. A reset or a restored snapshot starts the next generation under a new name; whoever still reads
or writes the old one finishes on it, and the last of them removes it. The pointer is one small file that is
replaced whole, so that every process sees every switch by looking at it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhantom.world import leases, states
from fhantom.world.locks import FileLock

SEED = 0  # the generation that is the frozen seed


class Generations:
    """The pointer and the files of one world; `durable` is False where no file has to outlive the machine's power."""

    def __init__(self, folder: Path, seed: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._seed = seed
        self._durable = durable
        self._pointer = folder / "generation"
        self.lock = FileLock(folder / "lock")

    @property
    def name(self) -> str:
        """The name of the world's folder."""
        return self._folder.name

    def create(self) -> None:
        """Make the world's folder if it does not exist."""
        self._folder.mkdir(exist_ok=True)

    def stamp(self) -> tuple[int, int]:
        """Something that differs after every switch; cheap enough to ask at each request."""
        try:
            status = os.stat(self._pointer)
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def current(self) -> int:
        """The present generation."""
        try:
            return int(self._pointer.read_text())
        except FileNotFoundError:
            return SEED

    def path(self, generation: int) -> Path:
        """The file that holds the rows of a generation."""
        return self._seed if generation == SEED else self._folder / f"{generation}.sqlite"

    def numbers(self) -> list[int]:
        """The generations that have a file of their own."""
        return [int(path.stem) for path in self._folder.glob("[0-9]*.sqlite")]

    def thaw(self) -> int:
        """The present generation, made a live copy of the seed first if it is the seed."""
        with self.lock():
            generation = self.current()
            return generation if generation != SEED else self._begin(self._seed)

    def start(self, state: Path | None) -> int:
        """Begin anew from a frozen state, or from the seed if None; who is at work finishes on the old."""
        with self.lock():
            new = self._switch(SEED) if state is None else self._begin(state)
            for number in self.numbers():
                self.forget(number)
            return new

    def take(self, generation: int) -> int | None:
        """A descriptor that keeps a generation's file there until it is closed; None if it is gone, or the seed."""
        return None if generation == SEED else leases.take(self.path(generation))

    @contextmanager
    def held(self) -> Iterator[Path]:
        """The file of the present generation, which stays for as long as the block lasts."""
        while (lease := self.take(generation := self.current())) is None and generation != SEED:
            pass
        try:
            yield self.path(generation)
        finally:
            if lease is not None:
                os.close(lease)
            self.forget(generation)

    def forget(self, generation: int) -> None:
        """Remove the file of a generation that is no longer the present one, once nobody uses it."""
        if generation not in (SEED, self.current()):
            leases.remove(self.path(generation))

    def drop(self) -> None:
        """Remove the world with all its files."""
        with self.lock():
            for path in self._folder.iterdir():
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody has just begun it anew
                self._folder.rmdir()
        self.lock.close()

    def _begin(self, state: Path) -> int:
        generation = max([SEED, self._last(), *self.numbers()]) + 1
        states.copy(state, self.path(generation), durable=self._durable, live=True)
        return self._switch(generation)

    def _switch(self, generation: int) -> int:
        last = max(self._last(), generation)
        for name, value in (("last", last), ("generation", generation)):
            temporary = self._folder / f"{name}.new"
            temporary.write_text(str(value))
            os.replace(temporary, self._folder / name)
        return generation

    def _last(self) -> int:
        # Numbers are never used twice: who is behind must not take a new file for the one it knows, not even in a
        # world that was dropped and has begun anew; so its numbers start anywhere.
        try:
            return int((self._folder / "last").read_text())
        except FileNotFoundError:
            return secrets.randbits(48)
