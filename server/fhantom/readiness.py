"""How far a starting server is, shared by every process of it."""

from __future__ import annotations

import enum
import mmap
import struct

_RECORD = struct.Struct("<qqq")


class Phase(enum.IntEnum):
    """What the server is busy with before it answers data routes."""

    STARTING = 0
    SEEDING = 1
    READY = 2
    FAILED = 3


class Readiness:
    """A phase and a count of things done, written by one process and read by all that share a fork."""

    def __init__(self, phase: Phase = Phase.STARTING) -> None:
        self._memory = mmap.mmap(-1, _RECORD.size)  # anonymous and shared: it stays one piece across forks
        self.report(phase)

    def report(self, phase: Phase, done: int = 0, of: int = 0) -> None:
        """Tell all processes; `of` is 0 while the whole is not known."""
        self._memory[: _RECORD.size] = _RECORD.pack(phase, done, of)

    @property
    def phase(self) -> Phase:
        """What the server is busy with."""
        return Phase(_RECORD.unpack(self._memory[: _RECORD.size])[0])

    @property
    def progress(self) -> tuple[int, int]:
        """How many things are done, and of how many."""
        _, done, of = _RECORD.unpack(self._memory[: _RECORD.size])
        return done, of


def ready() -> Readiness:
    """A server that has nothing left to prepare."""
    return Readiness(Phase.READY)
