"""Servers and workers that are killed under STOW over HTTP: what was acknowledged is there, and nothing is torn."""

from __future__ import annotations

import http.client
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from instances import MULTIPART, ROOT, instance, multipart
from running import Server, serving

Serve = Callable[[], AbstractContextManager[Server]]
CLIENTS = 4
STORED = {"Accept": "application/dicom; transfer-syntax=*"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def file_of(number: int) -> bytes:
    """The object of that number: large enough for torn bytes to show."""
    return instance(1 + number // 500, 1 + number % 3, number, PixelData=number.to_bytes(4, "big") * 4096)


class Storing:
    """Clients that store one object after the other until it `ends`."""

    def __init__(self, server: Server, numbers: Iterator[int]) -> None:
        self.acknowledged: list[int] = []
        self.begun: list[int] = []
        self._door, self._numbers = server.door, numbers
        self._answered = threading.Condition()
        self.ends = False
        self._threads = [threading.Thread(target=self._store) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        """Return once so many objects were acknowledged."""
        with self._answered:
            assert self._answered.wait_for(lambda: len(self.acknowledged) >= count, timeout=60)

    def end(self) -> None:
        """Let every client finish its request, and wait for them."""
        self.ends = True
        for thread in self._threads:
            thread.join()

    def _store(self) -> None:
        while not self.ends:
            with self._answered:
                number = next(self._numbers)
                self.begun.append(number)
            try:
                header = {"Content-Type": MULTIPART}
                answer = self._door.request("POST", "/dicomweb/studies", header, multipart(file_of(number)))
            except (OSError, http.client.HTTPException):
                continue  # killed; where the whole server was, `end` has been called
            if answer.status == 200:
                with self._answered:
                    self.acknowledged.append(number)
                    self._answered.notify()


def check(server: Server, storing: Storing) -> None:
    """Every acknowledged object is there, and every one that is there is whole."""
    for number in storing.begun:
        place = f"studies/{ROOT}.{1 + number // 500}/series/{ROOT}.{1 + number // 500}.{1 + number % 3}"
        uid = f"{ROOT}.{1 + number // 500}.{1 + number % 3}.{number}"
        answer = server.door.get(f"/dicomweb/{place}/instances/{uid}", STORED)
        assert answer.status == 200 or number not in storing.acknowledged
        assert answer.status == 404 or answer.body == file_of(number)
        metadata = server.door.get(f"/dicomweb/{place}/instances/{uid}/metadata")
        assert metadata.status == answer.status


def kill(*pids: int) -> None:
    """End processes without a warning."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    return lambda: serving(tmp_path, "--seed", "none", "--data", str(tmp_path / "data"))


# Together with the servers below a thousand in the long tier: a worker that is killed is replaced within the second.
@pytest.mark.parametrize("kills", [20, pytest.param(900, marks=pytest.mark.long)])
def test_workers_killed_under_load_lose_nothing_that_was_acknowledged(serve: Serve, kills: int) -> None:
    with serve() as server:
        storing = Storing(server, itertools.count(1))
        for number in range(1, kills + 1):
            storing.wait_for(number * 5)
            kill(*server.workers[number % 2 :][:1])
        storing.end()
        check(server, storing)


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.long)])
def test_a_server_killed_under_load_loses_nothing_that_it_acknowledged(serve: Serve, kills: int) -> None:
    numbers, before = itertools.count(1), None
    for number in range(kills):
        with serve() as server:
            if before is not None:
                check(server, before)
            before = Storing(server, numbers)
            before.wait_for(3 + number % 11)
            before.ends = True
            kill(server.process.pid, *server.workers)
            before.end()
    assert before is not None
    with serve() as server:
        check(server, before)
