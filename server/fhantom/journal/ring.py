"""A bounded journal in shared memory: every worker writes its own part, and any of them reads all."""

from __future__ import annotations

import mmap
import multiprocessing
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator

_HEAD = struct.Struct("<qq")  # parts claimed, moment up to which everything was cleared
_PART = struct.Struct("<qq")  # bytes written since the start, entries written
_ENTRY = struct.Struct("<4sIIq")  # mark, length, checksum, moment
_MARK = b"JRNL"


class Ring:
    """The newest entries that fit into `size` bytes a worker; older ones make room.

    Made before the workers are forked. An entry is bytes at a moment (nanoseconds since 1970).
    """

    def __init__(self, workers: int, size: int = 4 << 20) -> None:
        self._size = size
        self._parts = workers + 1  # and one for a process that is no worker
        self._memory = mmap.mmap(-1, _HEAD.size + self._parts * (_PART.size + size))
        self._claiming = multiprocessing.Lock()
        self._writing = threading.Lock()
        self._own: tuple[int, int] | None = None  # process, part

    def append(self, moment: int, body: bytes) -> None:
        """Keep an entry; one that does not fit into half a part is left out."""
        total = _ENTRY.size + len(body)
        if total > self._size // 2:
            return
        with self._writing:
            base = self._base(self._part())
            written, count = _PART.unpack_from(self._memory, base)
            if written % self._size + total > self._size:  # an entry does not wrap around
                written += self._size - written % self._size
            start = base + _PART.size + written % self._size
            self._memory[start : start + total] = _ENTRY.pack(_MARK, len(body), zlib.crc32(body), moment) + body
            _PART.pack_into(self._memory, base, written + total, count + 1)

    def clear(self) -> None:
        """Forget every entry up to now."""
        with self._claiming:
            claimed, _ = _HEAD.unpack_from(self._memory)
            _HEAD.pack_into(self._memory, 0, claimed, time.time_ns())

    def entries(self) -> list[tuple[int, bytes]]:
        """Moment and body of what is still kept, oldest first."""
        cleared = _HEAD.unpack_from(self._memory)[1]
        found = [entry for part in range(self._parts) for entry in self._read(self._base(part))]
        return sorted(entry for entry in found if entry[0] > cleared)

    def written(self) -> int:
        """How many entries were ever written."""
        return sum(_PART.unpack_from(self._memory, self._base(part))[1] for part in range(self._parts))

    def _part(self) -> int:
        if self._own is None or self._own[0] != os.getpid():
            with self._claiming:
                claimed, cleared = _HEAD.unpack_from(self._memory)
                _HEAD.pack_into(self._memory, 0, claimed + 1, cleared)
            # The newcomer that replaces a dead worker takes over a part in turn.
            self._own = (os.getpid(), claimed % self._parts)
        return self._own[1]

    def _base(self, part: int) -> int:
        return _HEAD.size + part * (_PART.size + self._size)

    def _read(self, base: int) -> Iterator[tuple[int, bytes]]:
        data = self._memory[base : base + _PART.size + self._size]  # one copy: the writer goes on meanwhile
        at, end = _PART.size, _PART.size + min(_PART.unpack_from(data)[0], self._size)
        # Writing goes upwards, so an entry with a whole head is whole; where the newest one ends, the rest of
        # an old one may stand: look for the next head.
        while (at := data.find(_MARK, at, end)) >= 0 and at + _ENTRY.size <= end:
            _, length, checksum, moment = _ENTRY.unpack_from(data, at)
            body = data[at + _ENTRY.size : at + _ENTRY.size + length]
            if len(body) == length and zlib.crc32(body) == checksum:
                yield moment, body
                at += _ENTRY.size + length
            else:
                at += len(_MARK)
