"""How loaders share their work between processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any


def processors() -> int:
    """How many processes make sense on this machine."""
    return min(os.cpu_count() or 1, 8)


def context() -> BaseContext:
    """How the processes of a pool are made: by a fork where that is safe, which is where there is a single thread."""
    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"
    return multiprocessing.get_context("fork" if forks and threading.active_count() == 1 else "spawn")


@contextmanager
def pool(jobs: int, begin: Callable[..., None], arguments: tuple[Any, ...] = ()) -> Iterator[ProcessPoolExecutor]:
    """So many processes; when the work is broken off, what none has begun with is not begun any more.

    Args:
        begin: what each does first; it calls `end_with_parent`, or is that.
    """
    with ProcessPoolExecutor(jobs, context(), begin, arguments) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def end_with_parent() -> None:
    """Let this process of a pool end with the one that started it, even by `kill -9`; an `initializer`.

    Ctrl-C is left to that one, too: a terminal tells all of them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
