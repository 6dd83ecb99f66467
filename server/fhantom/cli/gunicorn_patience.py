"""How long a client may keep a thread waiting."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

_MOST = 50.0  # milliseconds of a request that a thread waits for its client, before another connection runs meanwhile


class Patience:
    """Adds up what a request waits for its client; a client that is steady but slow must count as slow, too."""

    def __init__(self, when_over: Callable[[], None]) -> None:
        self._when_over = when_over
        self._left = _MOST

    def begin(self) -> None:
        """Start anew with the next request."""
        self._left = _MOST

    def wait(self, client: select.poll) -> None:
        """Return when the client goes on, or after patience has come to its end."""
        if self._left <= 0 or client.poll(0):
            return
        began = time.monotonic()
        client.poll(self._left)
        self._left -= (time.monotonic() - began) * 1000
        if self._left <= 0:
            self._when_over()
