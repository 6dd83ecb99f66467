"""The one place where the time is read, so that a test can set, freeze and advance it."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATE = struct.Struct("<?qqd")  # set?, moment shown, real moment of the setting, speed


class Clock:
    """Tells the time as an aware datetime in UTC; one clock for all processes that share a fork.

    It shows the real time until it is set. From then on it runs at a speed of its own: 1 as real time does, 0
    not at all.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _STATE.size)

    def now(self) -> datetime:
        """The present moment, to the microsecond."""
        return _EPOCH + timedelta(microseconds=self.now_ns() // 1000)

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z, the precision of FHIR's `lastUpdated`."""
        return self.now_ns() // 1_000_000

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        is_set, shown, real, speed = self._state()
        if not is_set:
            return time.time_ns()
        return shown + int((time.time_ns() - real) * speed)

    def set(self, moment: datetime | None, speed: float = 1.0) -> None:
        """Show `moment` from now on, or the real time again if None."""
        if moment is None:
            _STATE.pack_into(self._memory, 0, False, 0, 0, 1.0)
            return
        shown = (moment - _EPOCH) // timedelta(microseconds=1) * 1000
        _STATE.pack_into(self._memory, 0, True, shown, time.time_ns(), speed)

    def advance(self, seconds: float) -> None:
        """Move the time shown forward; its speed stays."""
        is_set, _, _, speed = self._state()
        shown = self.now_ns() + int(seconds * 1e9)
        _STATE.pack_into(self._memory, 0, True, shown, time.time_ns(), speed if is_set else 1.0)

    @property
    def speed(self) -> float | None:
        """The speed that it was set to; None while it shows the real time."""
        is_set, _, _, speed = self._state()
        return speed if is_set else None

    def _state(self) -> tuple[bool, int, int, float]:
        # Another process may be in the middle of a setting: two readings that agree are a whole one.
        while (first := bytes(self._memory)) != bytes(self._memory):
            pass
        is_set, shown, real, speed = _STATE.unpack(first)
        return is_set, shown, real, speed
