"""multipart/related, read and written without a socket (RFC 2046 section 5.1, RFC 2387, PS3.18 8.6.1.2).

The decoder is fed bytes as they arrive and yields small events, so that a body of any size passes through a
bounded buffer; the encoder yields bytes and never joins bodies. Neither knows what a part holds.

    decoder = Decoder(boundary)
    for chunk in body:
        for event in decoder.feed(chunk):
            ...
    decoder.finish()
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from fhantom.errors import BadRequest

Headers = tuple[tuple[str, str], ...]
Body = Iterable[bytes | memoryview]
"""Pieces of bounded size, made as they are sent; views become bytes for servers that send nothing else."""

MAX_HEADER_BYTES = 16 * 1024
MAX_PARTS = 100_000
MAX_PADDING = 256
BOUNDARY_LENGTH = 70  # RFC 2046 5.1.1: at most 70 characters


class MultipartError(BadRequest):
    """The body does not follow RFC 2046."""


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A part starts; its names are lower-cased, its values stripped, in the order in which they came."""

    headers: Headers

    def get(self, name: str, default: str = "") -> str:
        """The value of the first header of that name, which is written in lower case."""
        return next((value for key, value in self.headers if key == name), default)


@dataclass(frozen=True, slots=True)
class PartData:
    """Some bytes of the part that began last; a part has none, one or many of them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part that began last is complete."""


Event = PartBegin | PartData | PartEnd


class State(Enum):
    """Where in the body the decoder is."""

    PREAMBLE = auto()
    HEADERS = auto()
    BLANK_LINE = auto()
    BODY = auto()
    EPILOGUE = auto()


class _NeedData(Exception):
    """More bytes are needed to decide what comes next."""


class Decoder:
    """Reads one multipart body; holds at most one header block or one delimiter between two calls.

    Args:
        boundary: the parameter of the Content-Type, without quotes.
        max_header_bytes: size at which the header block of a part is refused.
        max_parts: number of parts above which the body is refused.

    Raises:
        MultipartError: from `feed` and `finish`, when the body is not well formed or exceeds a limit.
    """

    def __init__(self, boundary: str, *, max_header_bytes: int = MAX_HEADER_BYTES, max_parts: int = MAX_PARTS) -> None:
        if not 1 <= len(boundary) <= BOUNDARY_LENGTH * 3 or not boundary.isascii():
            raise MultipartError("The boundary must be 1 to 70 ASCII characters")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._max_header_bytes = max_header_bytes
        self._max_parts = max_parts
        # The first delimiter may stand at the very start of the body, without the CRLF before it.
        self._buffer = bytearray(b"\r\n")
        self._state = State.PREAMBLE
        self.parts = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """What the bytes fed so far complete, in order; exhaust the iterator before the next call."""
        self._buffer += data
        steps = {
            State.PREAMBLE: self._preamble,
            State.HEADERS: self._headers,
            State.BLANK_LINE: self._blank_line,
            State.BODY: self._body,
        }
        while self._state is not State.EPILOGUE:
            try:
                yield from steps[self._state]()
            except _NeedData:
                return
        self._buffer.clear()

    def finish(self) -> None:
        """Check that the body was whole; call it when there is no more to feed."""
        if self._state is State.PREAMBLE:
            raise MultipartError("The body does not hold the boundary that Content-Type names")
        if self._state is not State.EPILOGUE:
            raise MultipartError("The body ends without its closing boundary")

    def _preamble(self) -> Iterator[Event]:
        before, found = self._until_delimiter()
        del self._buffer[:before]
        if not found:
            raise _NeedData
        yield from self._after_delimiter()

    def _headers(self) -> Iterator[Event]:
        if self._buffer.startswith(b"\r\n"):
            block, consumed = b"", 0
        else:
            end = self._buffer.find(b"\r\n\r\n", 0, self._max_header_bytes + 4)
            if end < 0 and len(self._buffer) < self._max_header_bytes + 4:
                raise _NeedData
            if end < 0:
                raise MultipartError(f"A part has more than {self._max_header_bytes} bytes of headers")
            block, consumed = bytes(self._buffer[:end]), end + 2
        headers = parse_headers(block)
        del self._buffer[:consumed]
        self._state = State.BLANK_LINE
        yield PartBegin(headers)

    def _blank_line(self) -> Iterator[Event]:
        # RFC 2046: body-part := MIME-part-headers [CRLF *OCTET]; in a part without content the blank line's
        # CRLF is already that of the next delimiter.
        if len(self._buffer) < len(self._delimiter) and self._delimiter.startswith(self._buffer):
            raise _NeedData
        if not self._buffer.startswith(self._delimiter):
            del self._buffer[:2]
        self._state = State.BODY
        yield from ()

    def _body(self) -> Iterator[Event]:
        before, found = self._until_delimiter()
        if before:
            data = bytes(memoryview(self._buffer)[:before])
            del self._buffer[:before]
            yield PartData(data)
        if not found:
            raise _NeedData
        yield PartEnd()
        yield from self._after_delimiter()

    def _until_delimiter(self) -> tuple[int, bool]:
        """How many bytes precede the next delimiter, and whether it is there whole and its line complete."""
        start = 0
        while (at := self._buffer.find(self._delimiter, start)) >= 0:
            whole = self._is_delimiter_line(at + len(self._delimiter))
            if whole is None:
                return at, False
            if whole:
                return at, True
            start = at + 1
        return self._safe_length(start), False

    def _safe_length(self, start: int) -> int:
        """Length of the prefix that cannot be part of a delimiter that is still arriving."""
        tail = max(start, len(self._buffer) - len(self._delimiter) + 1)
        while (at := self._buffer.find(b"\r", tail)) >= 0:
            if self._delimiter.startswith(self._buffer[at:]):
                return at
            tail = at + 1
        return len(self._buffer)

    def _is_delimiter_line(self, at: int) -> bool | None:
        """Whether `--`, or padding and CRLF, follows the boundary at `at`; None if that is still to come."""
        following = bytes(self._buffer[at : at + MAX_PADDING])
        if following.startswith(b"--"):
            return True
        rest = following.lstrip(b" \t")
        if rest.startswith(b"\r\n"):
            return True
        incomplete = rest in (b"", b"\r") or following == b"-"
        return None if incomplete and len(following) < MAX_PADDING else False

    def _after_delimiter(self) -> Iterator[Event]:
        """Consume the delimiter at the start of the buffer and its line."""
        at = len(self._delimiter)
        if self._buffer[at : at + 2] == b"--":
            self._state = State.EPILOGUE
            return
        del self._buffer[: self._buffer.index(b"\r\n", at) + 2]
        self.parts += 1
        if self.parts > self._max_parts:
            raise MultipartError(f"The body has more than {self._max_parts} parts")
        self._state = State.HEADERS
        yield from ()


def parse_headers(block: bytes) -> Headers:
    """The header lines of a part, in UTF-8: names in lower case, folded lines joined (RFC 5322 2.2.3)."""
    if not block:
        return ()
    lines = block.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MultipartError(f"A part has a header line without a name: {line[:80]!r}")
        headers.append((name.strip().lower(), value.strip()))
    return tuple(headers)


@dataclass(frozen=True, slots=True)
class Part:
    """One part to send.

    Attributes:
        headers: as they are to be written; the encoder adds only `Content-Length`, when the size is known.
        body: the bytes, in pieces that may be made while they are sent.
        size: their total, or None when it is not known beforehand.
    """

    headers: Headers
    body: Body
    size: int | None = None

    @classmethod
    def of(cls, headers: Headers, body: bytes) -> Part:
        """A part whose content is at hand."""
        return cls(headers, (body,), len(body))


def new_boundary() -> str:
    """A boundary that no content holds by chance, and that needs no quotes."""
    return secrets.token_hex(BOUNDARY_LENGTH // 2)


@dataclass(frozen=True, slots=True)
class Encoder:
    """Writes parts between boundaries, one piece at a time."""

    boundary: str = field(default_factory=new_boundary)

    def opening(self, part: Part) -> bytes:
        """Delimiter and headers of a part; the CRLF that ends the part before it comes from `encode`."""
        lines = [f"--{self.boundary}", *(f"{name}: {value}" for name, value in part.headers)]
        if part.size is not None:
            lines.append(f"Content-Length: {part.size}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8")

    @property
    def closing(self) -> bytes:
        """What follows the last part's CRLF."""
        return f"--{self.boundary}--\r\n".encode("ascii")

    def encode(self, parts: Iterable[Part]) -> Iterator[bytes | memoryview]:
        """The whole body; bodies are passed on as they are."""
        end = b""  # of the part before, which goes out with what follows it
        for part in parts:
            yield end + self.opening(part)
            yield from part.body
            end = b"\r\n"
        yield end + self.closing

    def size(self, parts: Sequence[Part]) -> int | None:
        """Length of what `encode` yields, or None if that of a part is not known."""
        total = len(self.closing)
        for part in parts:
            if part.size is None:
                return None
            total += len(self.opening(part)) + part.size + 2
        return total
