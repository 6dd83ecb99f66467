"""The nightly reset: every world back to the seed at 03:00 in New York, and the server away for a while.

On schedule if a setting asks for it, or at any time as a rehearsal. What is going on stands in memory that all
workers share; the first request that comes when something is due, to whichever worker, does it for all.
"""

from __future__ import annotations

import mmap
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import snapshots
from fhantom.world.locks import FileLock
from fhantom.world.worlds import Worlds

ZONE = ZoneInfo("America/New_York")
"""Of the real server, which resets at 03:00 there (hackathon-server.md 7)."""

LONGEST = 600
"""Seconds; the real server is away for up to ten minutes."""

Kind = Literal["502", "503", "refused", "partial"]
KINDS: tuple[Kind, ...] = ("502", "503", "refused", "partial")

_STATE = struct.Struct("<qqb")  # when the next night is due, until when the server is away, in which way
_SECOND = 1_000_000_000
_DAY = 26 * 3600 * _SECOND  # the longest one has 25 hours
_NEVER = -1


class Outage(NamedTuple):
    """The server is away in one of four ways, for so many seconds more."""

    kind: Kind
    left: int


def next_night(now: datetime, at: time) -> datetime:
    """The next moment after `now` when it is `at` in New York; one that a change of clocks skips comes an hour on."""
    day = now.astimezone(ZONE).date()
    for days in (0, 1, 2):
        found = datetime.combine(day + timedelta(days), at, ZONE).astimezone(UTC)
        if found > now:
            return found
    raise AssertionError("one of three days comes after now")


@dataclass(frozen=True, slots=True)
class _State:
    due: int
    until: int
    kind: int


class Nights:
    """When the next night comes, and whether one is going on; made before the workers are forked."""

    def __init__(self, worlds: Worlds, clock: Clock, settings: Settings) -> None:
        self._worlds = worlds
        self._clock = clock
        self._at = settings.nightly_reset
        self._downtime = settings.nightly_outage
        self._kind: Kind = settings.nightly_outage_kind
        self._lock = FileLock(worlds.folder.path / "nights.lock")
        self._memory = mmap.mmap(-1, _STATE.size)
        self._write(self._due(clock.now_ns()), 0, 0)

    @property
    def next(self) -> datetime | None:
        """When the next night is due; None without a schedule."""
        return None if self._at is None else next_night(self._clock.now(), self._at)

    def look(self) -> Outage | None:
        """Do what is due, and tell whether the server is away; costs a request next to nothing."""
        state = self._state()
        if state.due == _NEVER and not state.until:
            return None
        now = self._clock.now_ns()
        if state.due != _NEVER and not now < state.due < now + _DAY:
            self._once(lambda found: found == state, lambda: self._night(state.due, now))
            state = self._state()
        if state.until and now >= state.until:
            self._once(lambda found: found == state, self._end)
            return None
        if not state.until or KINDS[state.kind] == "partial":
            return None
        return Outage(KINDS[state.kind], -(-(state.until - now) // _SECOND))

    def rehearse(self, downtime: int, kind: Kind) -> dict[str, int]:
        """Have a night now; what all worlds together hold less than before, by what their tables call it."""
        with self._lock():
            before = self._counts()
            self._begin(self._state().due, self._clock.now_ns() + downtime * _SECOND if downtime else 0, kind)
            after = self._counts()
        return {name: before[name] - after[name] for name in before if before[name] != after[name]}

    def away(self, seconds: int) -> None:
        """Let the server be away for so long, without a reset; 0 changes nothing."""
        if seconds:
            kind = "503" if self._kind == "partial" else self._kind  # what is there stays there
            with self._lock():
                until = self._clock.now_ns() + seconds * _SECOND
                self._write(self._state().due, until, KINDS.index(kind))

    def end(self) -> None:
        """End an outage before its time."""
        with self._lock():
            if self._state().until:
                self._end()

    def outage(self) -> Outage | None:
        """The outage that is going on, of whichever kind."""
        found = self.look()
        state = self._state()
        if found is None and state.until:
            return Outage(KINDS[state.kind], -(-(state.until - self._clock.now_ns()) // _SECOND))
        return found

    def _once(self, still: Callable[[_State], bool], act: Callable[[], None]) -> None:
        with self._lock():  # of several requests at the same moment the first one acts, and the others wait for it
            if still(self._state()):
                act()

    def _night(self, due: int, now: int) -> None:
        if due > now:  # the clock was set back
            self._write(self._due(now), self._state().until, self._state().kind)
            return
        until = due + self._downtime * _SECOND
        self._begin(self._due(now), until if until > now else 0, self._kind)

    def _begin(self, due: int, until: int, kind: Kind) -> None:
        state = snapshots.partial(self._worlds) if until and kind == "partial" else None
        self._worlds.reset_all(state)
        self._write(due, until, KINDS.index(kind))

    def _end(self) -> None:
        state = self._state()
        if KINDS[state.kind] == "partial":
            self._worlds.reset_all()
        self._write(state.due, 0, 0)

    def _due(self, now: int) -> int:
        if self._at is None:
            return _NEVER
        found = next_night(datetime.fromtimestamp(now / _SECOND, UTC), self._at)
        return int(found.timestamp()) * _SECOND

    def _counts(self) -> Mapping[str, int]:
        total: Counter[str] = Counter()
        for world in self._worlds.each():
            with world.reading() as connection:
                total.update(snapshots.counts(connection))
        return total

    def _state(self) -> _State:
        # Another process may be in the middle of writing: two readings that agree are a whole one.
        while (first := bytes(self._memory)) != bytes(self._memory):
            pass
        return _State(*_STATE.unpack(first))

    def _write(self, due: int, until: int, kind: int) -> None:
        _STATE.pack_into(self._memory, 0, due, until, kind)
