"""Processes that loaders share their work between."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhantom.loading import processes

_TASKS = 200


def _touch(path: Path) -> None:
    path.touch()


def test_work_that_is_broken_off_leaves_undone_what_none_has_begun_with(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), processes.pool(1, processes.end_with_parent) as pool:
        first, *_ = [pool.submit(_touch, tmp_path / str(number)) for number in range(_TASKS)]
        first.result()
        raise KeyboardInterrupt
    assert 1 <= len(list(tmp_path.iterdir())) < _TASKS
