"""Frozen states and the live files that begin as them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fhantom.world import states


@pytest.mark.parametrize(("live", "mode"), [(True, "wal"), (False, "delete")], ids=["live", "frozen"])
def test_a_live_copy_has_a_write_ahead_log_before_anybody_opens_it(tmp_path: Path, live: bool, mode: str) -> None:
    frozen = tmp_path / "frozen.sqlite"
    with closing(sqlite3.connect(frozen)) as connection:
        connection.executescript("CREATE TABLE note (text); INSERT INTO note VALUES ('kept');")
    states.copy(frozen, tmp_path / "copy.sqlite", live=live)
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
        assert connection.execute("SELECT text FROM note").fetchall() == [("kept",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
