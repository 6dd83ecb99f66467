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

_Place = tuple[int, int, int, int]  # moment, checksum, start, stop


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

    def entries(self, after: int = 0) -> list[tuple[int, bytes]]:
        """Moment and body of what is still kept and came after a moment, oldest first."""
        after = max(after, self._cleared())
        found = []
        for data, places in self._parts_read():
            for moment, checksum, start, stop in places:
                if moment > after and zlib.crc32(body := data[start:stop]) == checksum:
                    found.append((moment, body))
        return sorted(found)

    def held(self) -> int:
        """How many entries are still kept."""
        cleared = self._cleared()
        return sum(moment > cleared for _, places in self._parts_read() for moment, *_ in places)

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

    def _cleared(self) -> int:
        return int(_HEAD.unpack_from(self._memory)[1])

    def _parts_read(self) -> Iterator[tuple[bytes, Iterator[_Place]]]:
        for part in range(self._parts):
            base = self._base(part)
            data = self._memory[base : base + _PART.size + self._size]  # one copy: the writer goes on meanwhile
            yield data, _places(data, _PART.size + min(_PART.unpack_from(data)[0], self._size))


def _places(data: bytes, end: int) -> Iterator[_Place]:
    """Where entries lie in a part.

    Writing goes upwards, so an entry with a whole head is whole; where the newest one ends, the rest of an old one may
    stand: look for the next head. An entry in front of another needs no look at its body, which costs the most.
    """
    at = _PART.size
    while (at := data.find(_MARK, at, end)) >= 0 and at + _ENTRY.size <= end:
        _, length, checksum, moment = _ENTRY.unpack_from(data, at)
        start, stop = at + _ENTRY.size, at + _ENTRY.size + length
        is_whole = stop <= end and (
            stop == end or data.startswith(_MARK, stop) or zlib.crc32(data[start:stop]) == checksum
        )
        if is_whole:
            yield moment, checksum, start, stop
        at = stop if is_whole else at + len(_MARK)
