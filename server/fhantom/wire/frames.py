"""WebSocket frames, as far as short texts need them (RFC 6455)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
LONGEST = 4096
"""Bytes of a frame that are taken."""

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3


class BrokenFrame(ValueError):
    """What came is no frame that is taken here: not masked, in pieces, or too long."""


def accept_of(key: str) -> str:
    """The value of Sec-WebSocket-Accept for a client's Sec-WebSocket-Key (RFC 6455 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One frame of a server, which are not masked (RFC 6455 5.2)."""
    length = len(payload)
    head = bytes((0x80 | opcode, length)) if length < 126 else bytes((0x80 | opcode, 126)) + length.to_bytes(2, "big")
    return head + payload


class FrameReader:
    """Puts a client's frames together from pieces as they come."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of each frame that is complete. BrokenFrame ends the conversation."""
        self._held += data
        while len(self._held) >= 2:
            first, second = self._held[:2]
            length, start = second & 0x7F, 2
            if not first & 0x80 or not second & 0x80 or length == 127:
                raise BrokenFrame("frames are masked, whole and short")
            if length == 126:
                length, start = int.from_bytes(self._held[2:4], "big"), 4
            if length > LONGEST:
                raise BrokenFrame(f"a frame has at most {LONGEST} bytes")
            end = start + 4 + length
            if len(self._held) < end:
                return
            mask, masked = self._held[start : start + 4], self._held[start + 4 : end]
            self._held = self._held[end:]
            yield first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))
