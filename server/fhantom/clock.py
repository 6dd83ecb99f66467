"""The one place where the time is read, so that a test can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Tells the time as an aware datetime in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z, the precision of FHIR's `lastUpdated`."""
        return time.time_ns() // 1_000_000
