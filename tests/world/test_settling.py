import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from fhantom.world import Texts
from fhantom.world.database import Database
from fhantom.world.locks import FileLock, try_hold

pytestmark = pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="SQLite waits for the disk itself here")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[bool]]:
    """Notes at each wait for the disk whether the lock was free meanwhile."""

    def watch(lock: Path) -> list[bool]:
        waits: list[bool] = []
        wait = os.fdatasync

        def noting(descriptor: int) -> None:
            assert os.readlink(f"/proc/self/fd/{descriptor}").endswith("-wal")
            held = try_hold(lock)
            waits.append(held is not None)
            if held is not None:
                os.close(held)
            wait(descriptor)

        monkeypatch.setattr(os, "fdatasync", noting)
        return waits

    return watch


def _database(folder: Path, *, durable: bool = True) -> Database:
    return Database(folder / "rows.sqlite", FileLock(folder / "lock"), durable=durable)


def test_rows_wait_for_the_disk_before_the_block_ends_but_not_with_the_lock(
    tmp_path: Path, watched: Callable[[Path], list[bool]]
) -> None:
    waits, database = watched(tmp_path / "lock"), _database(tmp_path)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        assert waits == []
    assert waits == [True]
    database.close()


def test_texts_wait_even_if_another_put_them(tmp_path: Path, watched: Callable[[Path], list[bool]]) -> None:
    texts, waits = Texts(tmp_path / "texts.sqlite"), watched(tmp_path / "texts.lock")
    assert texts.put(b"one") == texts.put(b"one")
    assert waits == [True, True]
    texts.close()


def test_what_was_undone_is_not_waited_for(tmp_path: Path, watched: Callable[[Path], list[bool]]) -> None:
    waits, database = watched(tmp_path / "lock"), _database(tmp_path)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        raise ZeroDivisionError
    assert waits == []
    database.close()


def test_a_reader_can_wait_for_what_it_has_seen(tmp_path: Path, watched: Callable[[Path], list[bool]]) -> None:
    waits, writer, reader = watched(tmp_path / "lock"), _database(tmp_path), _database(tmp_path)
    with writer.writing() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    reader.settle()
    assert waits == [True, True]
    writer.close()
    reader.close()
    reader.settle()  # without a log everything is in the file
    assert len(waits) == 2


def test_what_need_not_outlive_a_power_cut_waits_for_nothing(
    tmp_path: Path, watched: Callable[[Path], list[bool]]
) -> None:
    waits, database = watched(tmp_path / "lock"), _database(tmp_path, durable=False)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    database.settle()
    assert waits == []
    database.close()
