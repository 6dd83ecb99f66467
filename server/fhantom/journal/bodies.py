"""Bodies of requests, as far as the journal keeps them: the beginning, and the digest of the whole."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

BODY = "fhantom.kept_body"


class KeptBody:
    """A request's body that keeps its first `limit` bytes while it is read; what nobody reads is not kept."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._head = b""
        self._size = 0
        self._digest = hashlib.sha256()

    def kept(self) -> tuple[bytes, int, str]:
        """The beginning, the size of all that was read, and its SHA-256."""
        return self._head, self._size, self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        return self._keep(self._stream.read() if size is None or size < 0 else self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        """As a file's."""
        return self._keep(self._stream.readline() if size is None or size < 0 else self._stream.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """As a file's; the hint is not used."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _keep(self, data: bytes) -> bytes:
        self._size += len(data)
        self._digest.update(data)
        missing = self._limit - len(self._head)
        if missing > 0:
            self._head += data[:missing]
        return data


def told(head: bytes, size: int, digest: str) -> dict[str, Any]:
    """What was kept as JSON; bytes that are no text in base64."""
    whole = {"sha256": digest, "isWhole": len(head) == size}
    try:
        return {"text": head.decode(), **whole}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(head).decode(), **whole}
