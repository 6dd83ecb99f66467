"""`python -m benchmarks.startup`: the time to the first answer, and what an idle server holds."""

from __future__ import annotations

import http.client
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import KEY

_REPEATS = 7
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds from the start of the process to 200 on /fhir/metadata, and its process group."""

    seconds: float
    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of a process group: shared pages counted once, and counted in every process."""

    proportional: float
    resident: float


def main() -> None:
    """Measure every line and print them as Markdown."""
    with tempfile.TemporaryDirectory(prefix="fhantom-startup-") as folder:
        home = Path(folder)
        print("| line | median | worst | promised |\n| --- | --- | --- | --- |")
        first = [_timed(home / str(number), "--data", str(home / f"data-{number}")) for number in range(3)]
        _print("very first start, seed loaded", first, "5 s")
        emptied = [_timed(home / "0", "--data", str(home / f"emptied-{number}")) for number in range(_REPEATS)]
        _print("later start, emptied data folder", emptied, "1 s")
        _print("later start, --ephemeral", [_timed(home / "0", "--ephemeral") for _ in range(_REPEATS)], "1 s")
        again = [_timed(home / "0", "--data", str(home / "data-0")) for _ in range(_REPEATS)]
        _print("later start, data as it was", again, "1 s")
        five = ("--seed", "siim,coherent,tcia,idc,isic")
        samples = [_timed(home / f"five-{number}", "--ephemeral", *five) for number in range(3)]
        _print("very first start, five samples", samples, "5 s")
        again = [_timed(home / "five-0", "--ephemeral", *five) for _ in range(_REPEATS)]
        _print("later start, five samples", again, "1 s")
        with _started(home / "0", "--data", str(home / "data-0")) as start:
            time.sleep(2)
            memory = memory_of(start.pid)
        print(f"| idle memory, shared pages once | {memory.proportional:.0f} MB | | 150 MB |")
        print(f"| idle memory, resident sizes added up | {memory.resident:.0f} MB | | |")


def memory_of(pid: int) -> Memory:
    """What a process and its children hold (Linux)."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    totals = {"Pss": 0, "Rss": 0}
    for one in pids:
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in totals:
                totals[name] += int(rest.split()[0])
    return Memory(totals["Pss"] / 1024, totals["Rss"] / 1024)


def _print(name: str, seconds: list[float], promised: str) -> None:
    print(f"| {name} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s | {promised} |", flush=True)


def _timed(home: Path, *arguments: str) -> float:
    with _started(home, *arguments) as start:
        return start.seconds


@contextmanager
def _started(home: Path, *arguments: str) -> Iterator[Start]:
    environ = {**os.environ, "XDG_CACHE_HOME": str(home / "cache"), "HOME": str(home)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed fhantom has its byte code: pip compiles it
    command = [sys.executable, "-m", "fhantom", "serve", "--port", "0", "--key", KEY, *arguments]
    begin = time.perf_counter()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[1].rpartition(":")[2])
        try:
            _answered(port)
            yield Start(time.perf_counter() - begin, process.pid, port)
        finally:
            process.send_signal(signal.SIGTERM)


def _answered(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    connection.request("GET", "/fhir/metadata", headers={"apikey": KEY})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, answer.status


if __name__ == "__main__":
    main()
