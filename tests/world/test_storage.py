import multiprocessing
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import Blobs, DataFolder, DataFolderInUse, DataTooNew, Texts, World, Worlds, prepare
from fhantom.world.worlds import open_worlds


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    folder = DataFolder(tmp_path)
    folder.create()
    return Blobs(folder.blobs, folder.incoming)


def test_bytes_come_back_by_their_digest_whole_and_in_part(blobs: Blobs) -> None:
    digest = blobs.put(b"0123456789")
    assert blobs.read(digest) == b"0123456789"
    assert blobs.read(digest, 3, 4) == b"3456"
    assert blobs.read(digest, 8) == b"89"
    assert blobs.size(digest) == 10


def test_the_same_bytes_are_kept_once(blobs: Blobs, tmp_path: Path) -> None:
    assert blobs.put(b"same") == blobs.put(b"same")
    assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 1


def test_what_is_not_committed_leaves_no_trace(blobs: Blobs, tmp_path: Path) -> None:
    with blobs.receive() as writer:
        writer.write(b"half of an obj")
    assert list((tmp_path / "incoming").iterdir()) == []
    assert list((tmp_path / "blobs").iterdir()) == []


def test_an_unknown_digest_is_a_key_error(blobs: Blobs) -> None:
    with pytest.raises(KeyError):
        blobs.read(bytes(32))
    with pytest.raises(KeyError):
        blobs.size(bytes(32))


def test_texts_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    texts = Texts(tmp_path / "texts.sqlite")
    digests = texts.put_many([b"%d" % n for n in range(1200)])
    assert texts.get_many(digests[::-1]) == [b"%d" % n for n in reversed(range(1200))]
    assert texts.put(b"7") == digests[7]
    with pytest.raises(KeyError):
        texts.get(bytes(32))
    texts.close()


def test_a_write_that_raises_leaves_no_trace(world: World) -> None:
    with world.writing() as connection:
        connection.execute(text("CREATE TABLE note (line TEXT)"))
    with pytest.raises(RuntimeError), world.writing() as connection:
        connection.execute(text("INSERT INTO note VALUES ('lost')"))
        raise RuntimeError
    with world.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM note")).scalar() == 0


def test_a_reader_keeps_the_state_that_it_began_with(world: World) -> None:
    with world.writing() as connection:
        connection.execute(text("CREATE TABLE note (line TEXT)"))
    with world.reading() as reader:
        assert reader.execute(text("SELECT count(*) FROM note")).scalar() == 0
        with world.writing() as connection:
            connection.execute(text("INSERT INTO note VALUES ('later')"))
        assert reader.execute(text("SELECT count(*) FROM note")).scalar() == 0


def _count_up(path: Path, times: int) -> None:
    worlds = open_worlds(path, Settings(), Clock())
    for _ in range(times):
        with worlds.open().writing() as connection:
            n = connection.execute(text("SELECT n FROM counter")).scalar()
            connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})
    worlds.close()
    os._exit(0)


def test_writers_in_several_processes_take_turns(tmp_path: Path) -> None:
    worlds = open_worlds(tmp_path, Settings(), Clock())
    with worlds.open().writing() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_count_up, args=(tmp_path, 100)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with worlds.open().reading() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 300
    worlds.close()


def test_a_second_server_on_one_folder_is_refused(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.hold()
    with pytest.raises(DataFolderInUse):
        second.hold()
    first.release()
    second.hold()
    assert second.is_empty
    second.release()


def test_a_folder_of_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "FORMAT").write_text("99\n")
    with pytest.raises(DataTooNew, match="format 99"):
        open_worlds(tmp_path, Settings(), Clock())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["FORMAT"]


def test_a_world_of_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    worlds = open_worlds(tmp_path, Settings(), Clock())
    with worlds.open().writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    worlds.close()
    with pytest.raises(DataTooNew, match="9999"):
        open_worlds(tmp_path, Settings(), Clock()).open()


def test_a_prepared_seed_fills_an_empty_folder_with_the_same_state(tmp_path: Path) -> None:
    worlds = open_worlds(tmp_path / "first", Settings(), Clock())
    world = worlds.open()
    blob, body = world.blobs.put(b"bytes"), world.texts.put(b"text")
    with world.writing() as connection:
        connection.execute(text("CREATE TABLE note (line TEXT)"))
        connection.execute(text("INSERT INTO note VALUES ('kept')"))
    prepare.save(worlds, tmp_path / "prepared")
    worlds.close()

    folder = DataFolder(tmp_path / "second")
    prepare.restore(tmp_path / "prepared", folder)
    again = Worlds(folder, Settings(), Clock())
    assert again.open().blobs.read(blob) == b"bytes"
    assert again.open().texts.get(body) == b"text"
    with again.open().reading() as connection:
        assert connection.execute(text("SELECT line FROM note")).scalar() == "kept"
    again.close()


def test_threads_that_open_a_new_file_of_texts_at_once_do_not_lock_each_other_out(tmp_path: Path) -> None:
    for number in range(20):
        texts, start = Texts(tmp_path / f"{number}.sqlite", durable=False), threading.Barrier(6)
        found: set[bytes] = set()

        def put(body: bytes, texts: Texts = texts, start: threading.Barrier = start, found: set[bytes] = found) -> None:
            start.wait()
            found.add(texts.put(body))
            texts.close()

        threads = [threading.Thread(target=put, args=(b"%d" % body,)) for body in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 6
