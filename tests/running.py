"""`fhantom serve` as a process of its own, for tests of what only a whole server does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doors import Socket


@dataclass
class Server:
    """A running server, what it printed when it was ready, and the door to it."""

    process: subprocess.Popen[str]
    ready: str
    example: str
    door: Socket

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    @property
    def workers(self) -> list[int]:
        """Process ids of its workers (Linux), without the child that opens the server and leads a group of its own."""
        pid = self.process.pid
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [child for child in children if _group(child) == os.getpgid(pid)]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:  # gone between two looks
        return None


@contextmanager
def serving(home: Path, *arguments: str, environ: dict[str, str] | None = None) -> Iterator[Server]:
    """A server on a free port whose caches and data lie below `home`; ends with the block."""
    process = start(home, *arguments, environ=environ)
    assert process.stdout is not None
    try:
        ready = process.stdout.readline()
        if not ready:
            process.wait(timeout=30)
            raise AssertionError(f"the server ended with {process.returncode}")
        url = ready.split()[1]
        host, _, port = url.partition("://")[2].rpartition(":")
        yield Server(process, ready, process.stdout.readline(), Socket(host.strip("[]"), int(port)))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
        process.stdout.close()


def start(
    home: Path, *arguments: str, environ: dict[str, str] | None = None, stderr: int | None = None
) -> subprocess.Popen[str]:
    """`fhantom serve --port 0` with these arguments, its stdout a pipe."""
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data")}
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("FHANTOM_") and name != "SIIM_API_KEY"
    }
    return subprocess.Popen(
        [sys.executable, "-m", "fhantom", "serve", "--port", "0", *arguments],
        env={**inherited, **own, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def at_once(count: int, work) -> list[object]:  # type: ignore[no-untyped-def]
    """Results of `work(number)` in as many threads."""
    results: list[object] = [None] * count

    def run(number: int) -> None:
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
