import os
import time
from datetime import UTC, datetime

import pytest

from fhantom.clock import Clock

MOMENT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_the_clock_shows_the_real_time_until_it_is_set() -> None:
    before = time.time_ns()
    assert before <= Clock().now_ns() <= time.time_ns()


def test_a_frozen_clock_stands_still_and_can_be_advanced() -> None:
    clock = Clock()
    clock.set(MOMENT, speed=0)
    assert clock.now() == MOMENT == clock.now()
    clock.advance(90.5)
    assert clock.now() == datetime(2026, 12, 1, 9, 1, 30, 500_000, tzinfo=UTC)
    assert clock.speed == 0


def test_a_clock_that_runs_goes_on_from_where_it_was_set() -> None:
    clock = Clock()
    clock.set(MOMENT)
    first = clock.now()
    assert MOMENT <= first <= clock.now()
    assert (clock.now() - MOMENT).total_seconds() < 60


def test_a_clock_that_is_let_go_shows_the_real_time_again() -> None:
    clock = Clock()
    clock.set(MOMENT, speed=0)
    clock.set(None)
    assert clock.speed is None
    assert clock.now_ns() >= time.time_ns() - 60 * 10**9


def test_milliseconds_are_those_of_the_moment_shown() -> None:
    clock = Clock()
    clock.set(MOMENT.replace(microsecond=123_000), speed=0)
    assert clock.now_ms() == int(MOMENT.timestamp()) * 1000 + 123


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_shares_the_setting() -> None:
    clock = Clock()
    child = os.fork()
    if child == 0:
        clock.set(MOMENT, speed=0)
        os._exit(0)
    os.waitpid(child, 0)
    assert clock.now() == MOMENT
