"""`python -m benchmarks.worlds`: what worlds cost, with the embedded seed and with many instances.

Making, resetting, saving and restoring one; a test's fixture; 200 at once; a room of 30 clients, each in its own,
also while a dozen of them upload over a slow network.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import dicom_data, room, servers
from fhantom.archive.ingest import Accepted, Incoming, Outcome, accept, keep
from fhantom.cli import folders
from fhantom.clock import Clock
from fhantom.loading.prepared import PreparedSeeds
from fhantom.loading.seeds import seed_named
from fhantom.settings import Settings
from fhantom.testing.servers import LocalServer, settings_of
from fhantom.testing.world import Fhantom
from fhantom.world import SHARED, DataFolder, Worlds, facts, prepare, snapshots

_REPEATS = 25


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one step, one a repeat."""

    name: str
    taken: list[float]
    promised: float | None = None

    def row(self) -> str:
        promised = f"{self.promised:g} ms" if self.promised else ""
        return f"| {self.name} | {statistics.median(self.taken):.1f} ms | {max(self.taken):.1f} ms | {promised} |"


def main() -> None:
    """Measure every line and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds", description=__doc__)
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    print("| step | median | worst | promised |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="fhantom-worlds-") as scratch:
        embedded = Path(scratch) / "embedded"
        for times in states(filled(embedded), "embedded seed", 20):
            print(times.row(), flush=True)
        large = Path(scratch) / "large"
        for times in states(with_instances(large, options.instances), f"{options.instances} instances", 100):
            print(times.row(), flush=True)
        for times in fixture(Path(scratch) / "fixture"):
            print(times.row(), flush=True)
    crowd(options.worlds, options.clients, options.seconds)


def filled(path: Path) -> Worlds:
    """Worlds that begin as the embedded seed."""
    prepared = PreparedSeeds(folders.user_cache(), Clock())
    seed = seed_named("embedded")
    folder = DataFolder(path)
    prepare.restore(prepared.find(seed) or prepared.make(seed, lambda done, of: None), folder)
    return Worlds(folder, Settings(ephemeral=True), Clock())


def with_instances(path: Path, count: int) -> Worlds:
    """Worlds that begin with the embedded seed and so many instances more."""
    worlds = filled(path)
    world = worlds.open(SHARED)
    batch: list[Incoming] = []
    for number in range(count):
        accepted = accept(body := dicom_data.instance("tiny", 1, number // 100, number // 50, number))
        assert isinstance(accepted, Accepted), accepted
        batch.append(Incoming(accepted, body))
        if len(batch) == 500 or number == count - 1:
            assert set(keep(world, batch)) == {Outcome.STORED}
            batch.clear()
    worlds.freeze(SHARED, path / "large.sqlite")
    worlds.reset(SHARED)
    os.replace(path / "large.sqlite", worlds.folder.seed)
    worlds.close()
    return Worlds(worlds.folder, Settings(ephemeral=True), Clock())


def states(worlds: Worlds, what: str, promised: float) -> list[Times]:
    """Making, writing to, resetting, saving and restoring a world."""

    def write(key: str) -> None:
        with worlds.open(key).writing() as connection:
            facts.put(connection, "note", "changed")

    def read(key: str) -> None:
        with worlds.open(key).reading() as connection:
            facts.get(connection, "note")

    def timed(name: str, step: Callable[[str], object]) -> Times:
        taken = []
        for number in range(_REPEATS):
            began = time.perf_counter()
            step(f"world-{number}")
            taken.append((time.perf_counter() - began) * 1000)
        return Times(f"{name}, {what}", taken, promised)

    def reset(key: str) -> None:
        worlds.reset(key)
        read(key)

    def restore(key: str) -> None:
        snapshots.restore(worlds, key, "kept")
        read(key)

    read("warm")
    found = [
        timed("make a world and read it", read),
        timed("the first write, which copies it", write),
        timed("save a snapshot", lambda key: snapshots.save(worlds, key, "kept")),
        timed("restore it", restore),
        timed("reset to the seed", reset),
        timed("drop", worlds.drop),
    ]
    worlds.close()
    return found


def fixture(path: Path) -> list[Times]:
    """What the pytest fixture adds to a test that reads, and to one that writes."""
    server = LocalServer(path, settings_of({}))
    patient = json.dumps({"resourceType": "Patient"})

    def test(key: str, *, writes: bool) -> float:
        began = time.perf_counter()
        world = Fhantom(server, key)
        if writes:  # the first write makes the world, so it counts, less what a later one takes
            posted(world)
            began += 2 * posted(world)
        world.drop()
        return (time.perf_counter() - began) * 1000

    def posted(world: Fhantom) -> float:
        began = time.perf_counter()
        connection = http.client.HTTPConnection(world.url.partition("//")[2])
        connection.request("POST", "/fhir/Patient", patient, {**world.headers, "Content-Type": "application/fhir+json"})
        assert connection.getresponse().read()
        connection.close()
        return time.perf_counter() - began

    test("test-warm", writes=True)
    found = [
        Times(f"fixture: set up and tear down, {what}", [test(f"test-{n}", writes=writes) for n in range(_REPEATS)], 10)
        for what, writes in (("a test that reads", False), ("a test that writes", True))
    ]
    server.close()
    return found


def crowd(worlds: int, clients: int, seconds: float) -> None:
    """Memory and disk of many worlds that were each written to, then a room of clients that work at once."""
    with servers.fhantom("--worlds", "per-key", "--key-prefix", "test-", "--seed", "embedded") as server:
        target = server.dicomweb
        before = servers.memory_mb(server.pid)
        for number in range(worlds):
            patient = b'{"resourceType": "Patient"}'
            room.ask(target.host, target.port, f"test-{number}", "POST", "/fhir/Patient", patient)
            room.ask(target.host, target.port, f"test-{number}", "GET", "/dicomweb/studies")
        after = servers.memory_mb(server.pid)
        for what, (pss, rss) in ((f"{worlds} worlds written to", after), ("the same before", before)):
            print(f"| {what}: memory, shared pages once, and in each process | {pss:.0f} MB | {rss:.0f} MB | 1 GB |")
        room.busy(target.host, target.port, clients, seconds)
        room.slow_uploads(target.host, target.port, clients, seconds / 2)


if __name__ == "__main__":
    main()
