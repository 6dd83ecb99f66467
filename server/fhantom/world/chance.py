"""Identifiers that nothing determines: of bundles, of requests. With a seed they repeat from run to run."""

from __future__ import annotations

import hashlib
import mmap
import struct
import uuid
from pathlib import Path

from fhantom.world.locks import FileLock

_COUNT = struct.Struct("<q")


class Chance:
    """Draws identifiers; made before the workers are forked.

    With a seed, the n-th draw of a server is the same in every run, whichever worker makes it; without one (0) it is
    like no other.
    """

    def __init__(self, seed: int, lock: Path) -> None:
        self._seed = seed
        self._lock = FileLock(lock)
        self._memory = mmap.mmap(-1, _COUNT.size)

    def uuid(self) -> str:
        """A random UUID (RFC 9562 5.4)."""
        if not self._seed:
            return str(uuid.uuid4())
        return str(uuid.UUID(bytes=self._drawn()[:16], version=4))

    def token(self) -> str:
        """Sixteen hexadecimal digits."""
        return uuid.uuid4().hex[:16] if not self._seed else self._drawn()[:8].hex()

    def restart(self) -> None:
        """Draw from the beginning again."""
        _COUNT.pack_into(self._memory, 0, 0)

    def _drawn(self) -> bytes:
        with self._lock():
            number = int(_COUNT.unpack_from(self._memory)[0])
            _COUNT.pack_into(self._memory, 0, number + 1)
        return hashlib.sha256(f"{self._seed}/{number}".encode()).digest()
