"""A connection as the worker sees it: gunicorn's reader and writer with fewer steps for what most clients send."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections.abc import Callable
from typing import Any

from gunicorn import util
from gunicorn.http import Request, RequestParser, wsgi
from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

_TOGETHER = 64 * 1024  # bytes; copying more costs more than a second write
_KNOWN = 8 * 1024  # bytes of headers that a connection keeps
_PATIENCE = 50  # milliseconds that a client may take to send more before another connection runs meanwhile


class Connection(TConn):
    """A connection that knows what its client said before.

    Attributes:
        when_slow: is called once a thread has waited for the client for longer than `_PATIENCE`.
        is_slow: another connection runs in its place.
    """

    when_slow: Callable[[], None]
    is_slow = False

    def init(self) -> None:
        """Prepare to read requests, once."""
        is_new = not self.initialized
        super().init()
        if is_new and not self.is_http2:
            self.parser = _Parser(self.cfg, self.sock, self.client)
            self.parser.unreader = _Unreader(self.sock, self.when_slow)


class _Unreader(SocketUnreader):
    """What a client sends; says so when that takes its time."""

    def __init__(self, sock: Any, when_slow: Callable[[], None]) -> None:
        super().__init__(sock)
        self._when_slow = when_slow
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes, empty at the end."""
        is_buffered = hasattr(self.sock, "pending") and self.sock.pending()  # decrypted already
        if not is_buffered and not self._readable.poll(_PATIENCE):
            self._when_slow()
        found: bytes = super().chunk(size_hint)
        return found


class _Request(Request):
    """A request whose headers are read again only if they are not those of the last one.

    Most clients send the same headers with every request of a connection, and to judge them is half of the work.
    """

    def parse_headers(self, data: bytes, from_trailer: bool = False) -> list[tuple[str, str]]:
        """Names and values of a header section, or of trailers."""
        known, headers = getattr(self.unreader, "known_headers", (None, []))
        if data == known and not from_trailer:
            return list(headers)
        found: list[tuple[str, str]] = super().parse_headers(data, from_trailer)
        if len(data) < _KNOWN and not from_trailer and not self._expected_100_continue:  # that is told by the side
            self.unreader.known_headers = (data, list(found))
        return found


class _Parser(RequestParser):
    mesg_class = _Request

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Read what the application left of a body; most requests have none."""
        reader = getattr(getattr(self.mesg, "body", None), "reader", None)
        if isinstance(reader, LengthReader) and reader.length == 0:
            return True
        return bool(super().finish_body(deadline, max_bytes))


class Response(wsgi.Response):
    """Sends the head with the first piece of the body: one system call and one packet less for most answers."""

    headers_sent: bool
    when_slow: Callable[[], None]
    _head = b""

    def send_headers(self) -> None:
        """Make the head, which goes out with what follows it."""
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self._head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def write(self, arg: bytes | memoryview) -> None:
        """Send a piece of the body, but nothing beyond the length that was announced."""
        self.send_headers()
        if self.response_length is not None:
            arg = arg[: self.response_length - self.sent]
        self.sent += len(arg)
        if self._omits_body or not arg:
            self._flush()
        else:
            self._emit_body(arg)

    def write_file(self, respiter: Any) -> None:
        """Send a file, by the kernel where it can."""
        self.send_headers()
        self._flush()
        super().write_file(respiter)

    def close(self) -> None:
        """Send what ends the body."""
        self.send_headers()
        self._flush()
        if self.chunked:
            util.write_chunk(self.sock, b"")

    def _emit_body(self, data: bytes | memoryview) -> None:
        pieces = [b"%x\r\n" % len(data), data, b"\r\n"] if self.chunked else [data]
        if len(data) > _TOGETHER:
            self._flush()
            for piece in pieces:
                self._send(piece)
        else:
            head, self._head = self._head, b""
            self.sock.sendall(b"".join([head, *pieces]))

    def _send(self, data: bytes | memoryview) -> None:
        """Send a large piece; while its client does not take it, another connection runs."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.sendall(data)
            return
        writable = select.poll()
        writable.register(self.sock, select.POLLOUT)
        left = memoryview(data).cast("B")
        while left:
            with contextlib.suppress(BlockingIOError):
                left = left[self.sock.send(left, socket.MSG_DONTWAIT) :]
            if left and not writable.poll(_PATIENCE):
                self.when_slow()
                writable.poll()

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head:
            self.sock.sendall(head)
