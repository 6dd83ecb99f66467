"""gunicorn's threaded worker, but a thread waits a moment for its connection's next request before it gives it back.

gunicorn hands every request over twice: from the loop that watches idle connections to a thread, and back. Each time
the interpreter's lock changes hands and the work starts on cold caches, which costs more than most answers do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http import Request, RequestParser, wsgi
from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

_LINGER = 20  # milliseconds; a client that works through a list asks again within one or two
_TOGETHER = 64 * 1024  # bytes; copying more costs more than a second write
_KNOWN = 8 * 1024  # bytes of headers that a connection keeps
_ENDING = 2.0  # seconds that a client has to close its end (RFC 9112 9.6)


class LingeringWorker(ThreadWorker):
    """Answers a connection's requests in one thread for as long as they follow each other and nobody else waits.

    A connection that says nothing costs no thread, whether it is new, idle or ending; gunicorn gives a new one a thread
    for five seconds, and lets its loop wait two for the client to close.
    """

    def init_process(self) -> None:
        """Prepare what its threads share, then serve."""
        self._ending: deque[Any] = deque()
        self._submitted = 0  # connections given to threads and not yet back; only the loop changes it
        self._called, self._call = os.pipe()
        for end in (self._called, self._call):
            os.set_blocking(end, False)
        # gunicorn looks its settings up through __getattr__, some forty times a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a new connection, which gets a thread once its client says something."""
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED):  # another worker was faster, or the client left
                raise
            return
        self.nr_conns += 1
        conn = _Connection(self.cfg, connection, address, listener.getsockname())
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread; if all have one, call back a thread that only waits for more."""
        self._submitted += 1
        super().enqueue_req(conn)
        if self._is_waited_for():
            with contextlib.suppress(BlockingIOError):  # a full pipe calls loud enough
                os.write(self._call, b"\0")

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Take a connection back from a thread."""
        self._submitted -= 1
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._end(conn)

    def murder_pending(self) -> None:
        """Close connections whose time is up."""
        super().murder_pending()
        now = time.monotonic()
        while self._ending and self._ending[0].timeout <= now:
            self._ended(self._ending[0])

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow it at once; whether the connection stays open."""
        kept = super().handle(conn)
        while kept is True and self._follows(conn):
            kept = super().handle(conn)
        return kept

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer one request; whether its connection can be used for another."""
        answer, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg, response_class=_Response)
        environ["wsgi.multithread"] = True
        body = self.wsgi(environ, answer.start_response)
        if not self.alive or len(self.keepalived_conns) >= self.max_keepalived:
            answer.force_close()
        try:
            if isinstance(body, environ["wsgi.file_wrapper"]):
                answer.write_file(body)
            else:
                for piece in body:
                    answer.write(piece)
            answer.close()
        except Exception as error:
            if answer.headers_sent and not isinstance(error, OSError):
                # An error page would lie in the middle of the body: the client is to see that it ends too early.
                self.log.exception("Error handling request")
                util.close_graceful(conn.sock)
                raise StopIteration from error
            raise
        finally:
            if hasattr(body, "close"):
                body.close()
        return not answer.should_close()

    def _is_waited_for(self) -> bool:
        return bool(self._submitted > self.cfg.threads)

    def _follows(self, conn: Any) -> bool:
        """Whether the next request of a connection is here, or comes while nobody else needs this thread."""
        if not self.alive or self._is_waited_for():
            return False
        if conn.parser.unreader.buf.getvalue() or (self.cfg.is_ssl and conn.sock.pending()):
            return True
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        waiting.register(self._called, select.POLLIN)
        ready = [descriptor for descriptor, _ in waiting.poll(_LINGER)]
        if self._called in ready:
            with contextlib.suppress(BlockingIOError):  # another thread heard it too
                os.read(self._called, 1)
            return False
        return bool(ready)

    def _end(self, conn: Any) -> None:
        """Say that nothing more comes, and read on until the client closes: else it could lose the answer's end."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError):  # it is closed already, by the client or by a fault
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + _ENDING
        self._ending.append(conn)

    def _drain(self, conn: Any, client: Any) -> None:
        try:
            if client.recv(64 * 1024):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._ended(conn)

    def _ended(self, conn: Any) -> None:
        self._ending.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


class _Connection(TConn):
    """A connection that knows what its client said before."""

    def init(self) -> None:
        """Prepare to read requests, once."""
        is_new = not self.initialized
        super().init()
        if is_new and not self.is_http2:
            self.parser = _Parser(self.cfg, self.sock, self.client)


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


class _Response(wsgi.Response):
    """Sends the head with the first piece of the body: one system call and one packet less for most answers."""

    headers_sent: bool
    _head = b""

    def send_headers(self) -> None:
        """Make the head, which goes out with what follows it."""
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self._head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def write(self, arg: bytes) -> None:
        """Send a piece of the body."""
        super().write(arg)
        self._flush()  # of an answer that has no body

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

    def _emit_body(self, data: bytes) -> None:
        if self.chunked or len(data) > _TOGETHER:
            self._flush()
        head, self._head = self._head, b""
        util.write(self.sock, head + data if head else data, self.chunked)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head:
            self.sock.sendall(head)
