"""How loaders share their work between processes."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess


def processors() -> int:
    """How many processes make sense on this machine."""
    return min(os.cpu_count() or 1, 8)


def context() -> BaseContext:
    """How the processes of a pool are made: by a fork where that is safe, which is where there is a single thread."""
    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform == "linux"
    return multiprocessing.get_context("fork" if forks and threading.active_count() == 1 else "spawn")


def end_with_parent() -> None:
    """Let this process of a pool end with the one that started it, even by `kill -9`; an `initializer`."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
