"""Client processes with keep-alive connections and requests built before the clock starts."""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Target:
    """A server as a client addresses it; `base` is a path such as `/dicom-web`."""

    host: str
    port: int
    base: str
    headers: tuple[tuple[str, str], ...] = ()


def build(target: Target, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {target.base}{path} HTTP/1.1", f"Host: {target.host}:{target.port}"]
    lines += [f"{name}: {value}" for name, value in (*target.headers, *(headers or {}).items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One keep-alive connection that reads an answer without keeping it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._socket: socket.socket | None = None

    def send(self, raw: bytes) -> tuple[int, int]:
        """Status and length of the answer to `raw`; a connection that the server closed is opened again."""
        for last in (False, True):
            if self._socket is None:
                self._socket = socket.create_connection((self._target.host, self._target.port), timeout=300)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._socket.sendall(raw)
                return self._answer()
            except (ConnectionError, EOFError):
                self.close()
                if last:
                    raise
        raise AssertionError

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self) -> tuple[int, int]:
        assert self._socket is not None
        data = self._more(b"")
        while b"\r\n\r\n" not in data:
            data = self._more(data)
        head, _, rest = data.partition(b"\r\n\r\n")
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        }
        status = int(head[9:12])
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            length = self._chunks(rest)
        elif b"content-length" in fields:
            length = int(fields[b"content-length"])
            self._skip(length - len(rest))
        else:  # the answer ends with the connection
            length = len(rest) + self._rest()
        if fields.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, length

    def _more(self, data: bytes) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(1 << 18)
        if not received:
            raise EOFError
        return data + received

    def _skip(self, count: int) -> None:
        assert self._socket is not None
        buffer = bytearray(min(max(count, 1), 1 << 20))
        while count > 0:
            received = self._socket.recv_into(buffer, min(count, len(buffer)))
            if not received:
                raise EOFError
            count -= received

    def _rest(self) -> int:
        assert self._socket is not None
        buffer, total = bytearray(1 << 20), 0
        while received := self._socket.recv_into(buffer):
            total += received
        return total

    def _chunks(self, data: bytes) -> int:
        total = 0
        while True:
            while b"\r\n" not in data:
                data = self._more(data)
            line, _, data = data.partition(b"\r\n")
            size = int(line.split(b";")[0], 16)
            if len(data) < size + 2:
                self._skip(size + 2 - len(data))
                data = b""
            else:
                data = data[size + 2 :]
            if not size:
                return total
            total += size


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of several clients took: seconds in all, of each request, and bytes received."""

    seconds: float
    latencies: Sequence[float]
    received: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.latencies) * 1000

    @property
    def mb_per_s(self) -> float:
        return self.received / self.seconds / 1e6


Jobs = Callable[[int], Sequence[bytes]]  # index of the client -> its requests


def run(target: Target, clients: int, jobs: Jobs, seconds: float | None = None) -> Run:
    """Let `clients` processes send their requests once, or over and over for `seconds`.

    Raises RuntimeError if any answer has a status above 299.
    """
    barrier, queue = _fork.Barrier(clients), _fork.Queue()
    processes = [
        _fork.Process(target=_client, args=(target, jobs, index, seconds, barrier, queue), daemon=True)
        for index in range(clients)
    ]
    for process in processes:
        process.start()
    results = [queue.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    bad = [status for result in results for status in result[3]]
    if bad:
        raise RuntimeError(f"{len(bad)} requests were answered with {sorted(set(bad))}")
    return Run(
        seconds=max(result[1] for result in results) - min(result[0] for result in results),
        latencies=[latency for result in results for latency in result[2]],
        received=sum(result[4] for result in results),
    )


def _client(
    target: Target,
    jobs: Jobs,
    index: int,
    seconds: float | None,
    barrier: multiprocessing.synchronize.Barrier,
    queue: multiprocessing.queues.Queue[tuple[float, float, list[float], list[int], int]],
) -> None:
    requests = jobs(index)
    connection = Connection(target)
    connection.send(requests[0]) if seconds else None  # opens the connection, warms the server
    barrier.wait()
    latencies: list[float] = []
    bad: list[int] = []
    received = 0
    start = time.perf_counter()
    while True:
        for raw in requests:
            before = time.perf_counter()
            status, length = connection.send(raw)
            now = time.perf_counter()
            latencies.append(now - before)
            received += length
            if status > 299:
                bad.append(status)
            if seconds and now - start > seconds:
                break
        if not seconds or time.perf_counter() - start > seconds:
            break
    queue.put((start, time.perf_counter(), latencies, bad, received))
