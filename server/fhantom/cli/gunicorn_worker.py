"""gunicorn's threaded worker, but a thread waits a moment for its connection's next request before it gives it back.

gunicorn hands every request over twice: from the loop that watches idle connections to a thread, and back. Each time
the interpreter's lock changes hands and the work starts on cold caches, which costs more than most answers do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from fhantom.cli.gunicorn_connection import Connection
from fhantom.cli.gunicorn_patience import Patience
from fhantom.wire.context import TAKES_VIEWS

_LINGER = 20  # milliseconds; a client that works through a list asks again within one or two
_SLOW = 64  # connections that wait for clients that take their time, beside those that run
_WAIT = 0.0003  # seconds for each connection that a worker has when it could take another
_MOST_WAITS = 8
_ENDING = 2.0  # seconds that a client has to close its end (RFC 9112 9.6)


class LingeringWorker(ThreadWorker):
    """Answers a connection's requests in one thread for as long as they follow each other and nobody else waits.

    A connection that says nothing costs no thread, whether it is new, idle or ending; gunicorn gives a new one a thread
    for five seconds, and lets its loop wait two for the client to close. One whose client takes its time with a body
    keeps its thread, but another connection gets one in its place: a room full of slow uploads starves nobody.
    """

    def init_process(self) -> None:
        """Prepare what its threads share, then serve."""
        self._ending: deque[Any] = deque()
        # Connections that want a thread, and how many have one: only the loop changes them.
        self._waiting: deque[Connection] = deque()
        self._running = self._slow = 0
        self._called, self._call = os.pipe()
        for end in (self._called, self._call):
            os.set_blocking(end, False)
        # gunicorn looks its settings up through __getattr__, some forty times a request.
        self.cfg.__dict__.update((name, setting.get()) for name, setting in self.cfg.settings.items())
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Threads for those that run and those that wait for slow clients; each is started when it is first needed."""
        return ThreadPoolExecutor(self.cfg.threads + _SLOW)

    def accept(self, listener: Any) -> None:
        """Take a new connection, which gets a thread once its client says something.

        A worker that has more connections waits longer, so that one with fewer takes it.
        """
        time.sleep(min(self.nr_conns, _MOST_WAITS) * _WAIT)
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED):  # another worker was faster, or the client left
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, connection, address, listener.getsockname())
        conn.patience = Patience(partial(self.method_queue.defer, self._stand_in, conn))
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread; if all have one, call back a thread that only waits for more."""
        self._waiting.append(conn)
        self._admit()
        if self._is_waited_for():
            with contextlib.suppress(BlockingIOError):  # a full pipe calls loud enough
                os.write(self._call, b"\0")

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Take a connection back from a thread."""
        self._running -= 1
        self._slow -= conn.is_slow
        conn.is_slow = False
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._end(conn)
        self._admit()

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
        answer, environ = conn.exchange(req)
        answer.patience = conn.patience
        environ["wsgi.multithread"] = environ[TAKES_VIEWS] = True
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
        return bool(self._waiting)

    def _admit(self) -> None:
        while self._waiting and self._running - self._slow < self.cfg.threads:
            self._running += 1
            super().enqueue_req(self._waiting.popleft())

    def _stand_in(self, conn: Connection) -> None:
        """Let another connection run in the place of one whose client takes its time."""
        if not conn.is_slow and self._slow < _SLOW:
            conn.is_slow = True
            self._slow += 1
            self._admit()

    def _follows(self, conn: Any) -> bool:
        """Whether the next request of a connection is here, or comes while nobody else needs this thread."""
        if not self.alive or self._is_waited_for():
            return False
        if conn.parser.unreader.buf.getvalue() or (self.cfg.is_ssl and conn.sock.pending()):
            return True
        ready = conn.ready(self._called, _LINGER)
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
