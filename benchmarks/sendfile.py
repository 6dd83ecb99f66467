"""What the kernel gives a client that asks for a series: a server that does nothing but sendfile."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import client, dicom_data
from benchmarks.client import Target, build
from benchmarks.dicomweb import SERIES_LINE, Effort, Line

_PROCESSES = 2  # as many as fhantom has workers


def series(effort: Effort) -> Iterator[Line]:
    """The rate at which 50 files of 0.5 MB go out, one after the other behind one head."""
    with serving([dicom_data.instance("ct", 1, 0, 0, n) for n in range(50)]) as target:
        requests = [build(target, "GET", "/")] * 400
        for clients in (1, 4):
            runs = (client.run(target, clients, lambda _: requests, effort.seconds) for _ in range(effort.repeats))
            yield Line(SERIES_LINE, clients, statistics.median(run.rate for run in runs), "/s")


@contextmanager
def serving(bodies: Sequence[bytes]) -> Iterator[Target]:
    """A server on a free port whose every answer is these bodies."""
    folder_made = tempfile.TemporaryDirectory(prefix="sendfile-bench-")
    with folder_made as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        files = []
        for number, body in enumerate(bodies):
            path = Path(folder) / str(number)
            path.write_bytes(body)
            files.append((os.open(path, os.O_RDONLY), len(body)))
        processes = [_fork(listener, files) for _ in range(_PROCESSES)]
        try:
            yield Target("127.0.0.1", listener.getsockname()[1], "")
        finally:
            for process in processes:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
            for descriptor, _ in files:
                os.close(descriptor)


def _fork(listener: socket.socket, files: Sequence[tuple[int, int]]) -> int:
    process = os.fork()
    if process == 0:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, files), daemon=True).start()
    return process


def _answer(connection: socket.socket, files: Sequence[tuple[int, int]]) -> None:
    """Take each read for a request, as they are small and come one at a time."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {sum(size for _, size in files)}\r\n\r\n".encode()
    with suppress(ConnectionError), connection:
        while connection.recv(64 * 1024):
            connection.sendall(head)
            for descriptor, size in files:
                sent = 0
                while sent < size:
                    sent += os.sendfile(connection.fileno(), descriptor, sent, size - sent)
