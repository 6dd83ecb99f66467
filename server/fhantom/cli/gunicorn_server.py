"""The application under gunicorn: one process loads it, forked workers answer in threads."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from fhantom.cli.gunicorn_worker import LingeringWorker
from fhantom.cli.opening import Opening
from fhantom.readiness import Phase
from fhantom.settings import Settings

_STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_HEADER_BYTES = 128 * 1024  # lists of UIDs and of accepted media types grow long


def run(
    app: WSGIApplication, settings: Settings, opening: Opening, listener: socket.socket, begin: Callable[[], None]
) -> int:
    """Serve until a signal ends it; return the exit status.

    Args:
        begin: begins what a worker does besides answering.
    """
    owner = os.getpid()
    try:
        _Server(app, settings, opening, listener, begin).run()
    except SystemExit as end:
        if os.getpid() != owner:  # a worker leaves through its parent's stack
            raise
        if opening.readiness.phase is Phase.FAILED:
            return 1
        return end.code if isinstance(end.code, int) else 0
    return 0


class _Arbiter(Arbiter):
    """gunicorn's master, but a signal to stop that comes while a worker starts is not lost on the worker.

    Between the fork and its own handlers a worker would put the signal into the queue of a master that it no
    longer is, and be killed only after the grace period.
    """

    def spawn_worker(self) -> int:
        """Fork a worker with the signals held back; `_Server` lets them through when it has its handlers."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            pid: int = super().spawn_worker()
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


class _Server(BaseApplication):
    def __init__(
        self,
        app: WSGIApplication,
        settings: Settings,
        opening: Opening,
        listener: socket.socket,
        begin: Callable[[], None],
    ) -> None:
        self._app = app
        self._begin = begin
        self._settings = settings
        self._opening = opening
        self._descriptor = listener.detach()
        self._opener = 0
        super().__init__()

    def load_config(self) -> None:
        chain, private_key = self._opening.certificate or (None, None)
        chosen: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": LingeringWorker,
            "preload_app": True,
            "keepalive": self._settings.keep_alive,
            "timeout": 120,
            "loglevel": "warning",
            "proc_name": "fhantom",
            "limit_request_line": 0,
            "limit_request_fields": 200,
            "limit_request_field_size": _HEADER_BYTES,
            # The gateway decides what is believed of a proxy, so gunicorn must believe nothing.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
            "certfile": str(chain) if chain else None,
            "keyfile": str(private_key) if private_key else None,
            "when_ready": self._when_ready,
            "post_worker_init": self._worker_is_ready,
            "on_exit": self._on_exit,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return self._app

    def run(self) -> None:
        _Arbiter(self).run()

    def _worker_is_ready(self, worker: Any) -> None:
        self._begin()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def _when_ready(self, arbiter: Any) -> None:
        """Fork the process that opens the server, then leave memory as the workers will share it."""
        gc.collect()
        gc.freeze()
        self._opener = os.fork()
        if self._opener == 0:
            _open(self._opening, arbiter)

    def _on_exit(self, arbiter: Any) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has done its work
            os.killpg(self._opener, signal.SIGTERM)


def _open(opening: Opening, arbiter: Any) -> None:
    os.setpgid(0, 0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    for listener in arbiter.LISTENERS:
        listener.close()
    status = 1
    try:
        opening.finish()
        status = 0
    except Exception as error:
        print(f"fhantom: could not start: {error}", file=sys.stderr, flush=True)
        opening.readiness.report(Phase.FAILED)
        os.kill(os.getppid(), signal.SIGTERM)
    finally:
        os._exit(status)
