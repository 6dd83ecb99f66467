"""Threads whose work is done at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from fhantom.archive.together import Together


class Worker:
    """Doubles numbers; the first call waits until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.started = threading.Event()
        self.go = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        self.started.set()
        assert self.go.wait(10)
        if 13 in items:
            raise ValueError("thirteen")
        return [item * 2 for item in items]


def waiting(together: Together[int, int], count: int) -> None:
    """Return when so many threads wait behind the one at work."""
    while len(together._waiting) < count:
        threading.Event().wait(0.001)


def test_a_thread_alone_is_served_at_once() -> None:
    worker = Worker()
    worker.go.set()
    assert Together(worker).do([1, 2]) == [2, 4]


def test_what_arrives_meanwhile_is_done_in_one_go() -> None:
    worker = Worker()
    together = Together(worker)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(together.do, [1])
        assert worker.started.wait(10)
        others = [pool.submit(together.do, [number, number + 1]) for number in (10, 20, 30)]
        waiting(together, 3)
        worker.go.set()
        assert first.result() == [2]
        assert [other.result() for other in others] == [[20, 22], [40, 42], [60, 62]]
    assert [len(call) for call in worker.calls] == [1, 6]


def test_an_error_is_told_to_whom_it_belongs() -> None:
    worker = Worker()
    together = Together(worker)
    with ThreadPoolExecutor(5) as pool:
        pool.submit(together.do, [1])
        assert worker.started.wait(10)
        good, bad = pool.submit(together.do, [5]), pool.submit(together.do, [13])
        waiting(together, 2)
        worker.go.set()
        assert good.result() == [10]
        with pytest.raises(ValueError, match="thirteen"):
            bad.result()
