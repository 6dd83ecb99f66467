"""Which file holds a world's rows now: the frozen seed, or a live file of its own.

A world begins as the seed itself and gets a file of its own at its first write, so a world that only reads
costs nothing. A reset or a restored snapshot starts the next generation under a new name; whoever still reads
or writes the old one finishes on it, and the last of them removes it. A dropped world likewise: without its pointer
it is the seed again, and its folder goes with the last of its files. The pointer is one small file that is
replaced whole, so that every process sees every switch by looking at it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fhantom.errors import Unavailable
from fhantom.world import leases, states
from fhantom.world.locks import FileLock, try_hold

SEED = 0  # the generation that is the frozen seed
_KEPT = frozenset({"lock", "last"})  # what a dropped world needs for as long as somebody uses it


class Generations:
    """The pointer and the files of one world; `durable` is False where no file has to outlive the machine's power."""

    def __init__(self, folder: Path, seed: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._seed = seed
        self._durable = durable
        self._pointer = folder / "generation"
        self._last = folder / "last"
        self._lock = folder / "lock"
        self.lock = FileLock(self._lock)

    @property
    def name(self) -> str:
        """The name of the world's folder."""
        return self._folder.name

    def create(self) -> None:
        """Make the world's folder if it does not exist."""
        with contextlib.suppress(FileExistsError):
            self._folder.mkdir()

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

    def take(self, which: Callable[[], int]) -> tuple[int, int | None]:
        """A generation as `current` or `thaw` tells it, and a descriptor that keeps its file there until it is closed.

        The seed needs no descriptor. Raises Unavailable where the file is lost.
        """
        while (generation := which()) != SEED:
            lease = leases.take(self.path(generation))
            if lease is not None:
                return generation, lease
            if generation == self.current():  # a reset or a drop moves the pointer before it removes the file
                raise Unavailable(f"the file {self.path(generation)} is missing; DELETE /_fhantom/worlds begins anew")
        return SEED, None

    @contextmanager
    def held(self) -> Iterator[Path]:
        """The file of the present generation, which stays for as long as the block lasts."""
        generation, lease = self.take(self.current)
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
            self._leave()

    def tidy(self, generation: int) -> None:
        """`forget` for those who were not told of the generation, but have come upon its file."""
        with self.lock():  # one that is just being begun is not the present one yet
            self.forget(generation)
        self._leave()

    def drop(self) -> None:
        """Let the world begin anew; its files go at once, or with the last who is at work on them."""
        with self.lock():
            for path in self._folder.iterdir():
                if path.name not in _KEPT and not path.name[0].isdigit():
                    path.unlink(missing_ok=True)
            for number in self.numbers():
                self.forget(number)
        self._leave()
        self.lock.close()

    def _leave(self) -> None:
        """Remove the folder of a world that was dropped, once nothing of it is left; not while somebody locks it."""
        with contextlib.suppress(OSError):  # it has gone, or somebody has just begun the world anew
            if not _KEPT.issuperset(os.listdir(self._folder)):
                return
            descriptor = try_hold(self._lock)
            if descriptor is None:
                return
            try:
                if _KEPT.issuperset(os.listdir(self._folder)) and os.fstat(descriptor).st_nlink:
                    self._last.unlink(missing_ok=True)
                    self._lock.unlink()
                    self._folder.rmdir()
            finally:
                os.close(descriptor)

    def _begin(self, state: Path) -> int:
        generation = self._last_number() + 1
        states.copy(state, self.path(generation), durable=self._durable, live=True)
        return self._switch(generation)

    def _switch(self, generation: int) -> int:
        self._write(self._last, max(self._last_number(), generation))
        self._write(self._pointer, generation)
        return generation

    def _write(self, path: Path, number: int) -> None:
        temporary = path.with_suffix(".new")
        with open(temporary, "w") as file:
            file.write(str(number))
            if self._durable:  # a name may outlast a power cut without its content
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)

    def _last_number(self) -> int:
        # Numbers are never used twice: who is behind must not take a new file for the one it knows, not even in a
        # world that was dropped and has begun anew. A folder keeps count for as long as it has a file; after that
        # its numbers start anywhere.
        try:
            return int(self._last.read_text())
        except FileNotFoundError:
            return max([secrets.randbits(48), *self.numbers()])
