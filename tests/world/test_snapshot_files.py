"""Snapshots as files: out of one data folder, into another, and what is refused."""

from __future__ import annotations

import importlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fhantom
from fhantom.archive import tables as archive
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.clock import Clock
from fhantom.errors import BadRequest, NotFound
from fhantom.settings import Settings
from fhantom.site import Site
from fhantom.world import DataFolder, World, Worlds, facts, snapshots, tables
from fhantom.world.naming import marked
from instances import instance


@pytest.fixture
def worlds(site: Site) -> Worlds:
    return site.worlds


@pytest.fixture
def elsewhere(tmp_path: Path, _empty_world_file: Path) -> Iterator[Worlds]:
    """A second data folder."""
    folder = DataFolder(tmp_path / "elsewhere")
    folder.create()
    folder.seed.write_bytes(_empty_world_file.read_bytes())
    worlds = Worlds(folder, Settings(ephemeral=True), Clock())
    yield worlds
    worlds.close()


def fill(world: World, note: str) -> bytes:
    """Store an instance and a fact; the instance's bytes."""
    body = instance(PatientID=note)
    accepted = accept(body)
    assert isinstance(accepted, Accepted)
    keep(world, [Incoming(accepted, body)])
    with world.writing() as connection:
        facts.put(connection, "note", note)
    return body


def exported(worlds: Worlds, key: str = "ada") -> bytes:
    snapshots.save(worlds, key, "one")
    return b"".join(snapshots.export(worlds, key, "one"))


def noted(world: World) -> str | None:
    with world.reading() as connection:
        return facts.get(connection, "note")


def test_a_snapshot_moves_to_another_data_folder_with_what_it_names(worlds: Worlds, elsewhere: Worlds) -> None:
    body = fill(worlds.open("ada"), "moved")
    snapshots.take_in(elsewhere, "ben", "two", io.BytesIO(exported(worlds)))
    snapshots.restore(elsewhere, "ben", "two")
    world = elsewhere.open("ben")
    assert noted(world) == "moved"
    with world.reading() as connection:
        row = connection.execute(archive.instance.select()).mappings().one()
    assert world.blobs.read(row["blob"]) == body
    assert json.loads(world.texts.get(row["metadata"]))["00100020"]["Value"] == ["moved"]


def test_a_file_holds_only_what_its_own_world_names(worlds: Worlds) -> None:
    fill(worlds.open("ben"), "other")
    fill(worlds.open("ada"), "own")
    with tarfile.open(fileobj=io.BytesIO(exported(worlds))) as archive_:
        names = [name.partition("/")[0] for name in archive_.getnames()]
    assert names == ["manifest.json", "texts", "blobs", "rows.sqlite"]


def test_the_same_state_makes_the_same_file(worlds: Worlds) -> None:
    fill(worlds.open("ada"), "own")
    assert exported(worlds) == exported(worlds)


def test_what_was_deleted_is_not_in_the_file(worlds: Worlds) -> None:
    with worlds.open("ada").writing() as connection:
        facts.put(connection, "note", "a secret long gone")
    with worlds.open("ada").writing() as connection:
        facts.forget(connection, ["note"])
    assert b"a secret long gone" not in exported(worlds)


def test_an_unknown_snapshot_is_not_exported(worlds: Worlds) -> None:
    with pytest.raises(NotFound, match="nothing"):
        snapshots.export(worlds, "ada", "nothing")


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The file with each member as `change` makes it; None leaves it out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            file = source.extractfile(member)
            assert file is not None
            body = change(member.name, file.read())
            if body is not None:
                member.size = len(body)
                target.addfile(member, io.BytesIO(body))
    return out.getvalue()


def manifest(**changed: object) -> Callable[[str, bytes], bytes]:
    def change(name: str, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), **changed}).encode() if name == "manifest.json" else body

    return change


def without(prefix: str) -> Callable[[str, bytes], bytes | None]:
    return lambda name, body: None if name.startswith(prefix) else body


def damaged(prefix: str) -> Callable[[str, bytes], bytes]:
    return lambda name, body: body[:-1] + b"!" if name.startswith(prefix) else body


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(manifest(format=99, written_by="fhantom 9"), "format 99, written by fhantom 9", id="format"),
        pytest.param(manifest(schema="9999"), "schema revision 9999", id="schema"),
        pytest.param(without("manifest"), "does not begin", id="no manifest"),
        pytest.param(without("rows"), "ends before its rows", id="no rows"),
        pytest.param(without("blobs"), "lacks what its rows name", id="no bytes"),
        pytest.param(without("texts"), "lacks what its rows name", id="no texts"),
        pytest.param(damaged("blobs"), "damaged", id="damaged bytes"),
        pytest.param(damaged("texts"), "damaged", id="damaged text"),
        pytest.param(damaged("rows"), "damaged", id="damaged rows"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_changes_nothing(
    worlds: Worlds, elsewhere: Worlds, change: Callable[[str, bytes], bytes | None], problem: str
) -> None:
    fill(worlds.open("ada"), "moved")
    content = rewritten(exported(worlds), change)
    with pytest.raises(BadRequest, match=f"^file: .*{problem}"):
        snapshots.take_in(elsewhere, "ben", "two", io.BytesIO(content))
    assert snapshots.names(elsewhere, "ben") == []
    assert not list((elsewhere.folder.path / "snapshots").rglob("*.sqlite*"))


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 100], ids=["empty", "other"])
def test_what_is_no_snapshot_is_refused(elsewhere: Worlds, content: bytes) -> None:
    with pytest.raises(BadRequest, match=r"^file: "):
        snapshots.take_in(elsewhere, "ben", "two", io.BytesIO(content))


def test_a_file_that_ends_early_is_refused(worlds: Worlds, elsewhere: Worlds) -> None:
    fill(worlds.open("ada"), "moved")
    content = exported(worlds)
    for end in range(100, len(content) - 1100, len(content) // 20):
        with pytest.raises(BadRequest, match=r"^file: "):
            snapshots.take_in(elsewhere, "ben", "two", io.BytesIO(content[:end]))


def test_rows_with_a_trigger_are_refused(worlds: Worlds, elsewhere: Worlds, tmp_path: Path) -> None:
    import hashlib

    def poisoned(body: bytes) -> bytes:
        path = tmp_path / "rows.sqlite"
        path.write_bytes(body)
        connection = sqlite3.connect(path)
        connection.execute("CREATE TRIGGER surprise AFTER INSERT ON fact BEGIN DELETE FROM fact; END")
        connection.commit()
        connection.close()
        return path.read_bytes()

    fill(worlds.open("ada"), "moved")
    content = exported(worlds)
    rows: list[bytes] = []
    rewritten(content, lambda name, body: rows.append(poisoned(body)) if name == "rows.sqlite" else body)
    content = rewritten(content, manifest(rows=hashlib.sha256(rows[0]).hexdigest()))
    content = rewritten(content, lambda name, body: rows[0] if name == "rows.sqlite" else body)
    with pytest.raises(BadRequest, match="surprise"):
        snapshots.take_in(elsewhere, "ben", "two", io.BytesIO(content))


def test_every_digest_column_says_what_it_names(worlds: Worlds) -> None:
    named = {(table, column) for table, column, _ in marked()}
    digests = {
        (table.name, column.name)
        for table in tables.complete().tables.values()
        for column in table.columns
        if column.name in ("digest", "blob", "metadata")
    }
    assert digests == named


def test_every_module_of_tables_is_known() -> None:
    package = Path(fhantom.__file__).parent
    before = set(tables.complete().tables)
    for path in sorted(package.rglob("tables.py")):
        importlib.import_module(".".join(("fhantom", *path.relative_to(package).with_suffix("").parts)))
    assert set(tables.metadata.tables) == before
