"""Byte ranges of an answer (RFC 9110 section 14): one range, cut out of a body before it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fhantom.errors import RangeNotSatisfiable

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` up to, but not including, `stop` of a body of `size` bytes."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        """The value of `Content-Range`, whose last position is inclusive."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range that a `Range` header asks of a body of `size` bytes.

    None stands for the whole body: no header, another unit, a malformed value or several ranges, which a
    server may ignore (RFC 9110 14.2).

    Raises:
        RangeNotSatisfiable: the range lies outside of the body.
    """
    found = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if found is None:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise RangeNotSatisfiable("The range lies outside of the body", size=size)
    return ByteRange(start, stop, size)
