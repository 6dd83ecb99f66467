import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import fhantom_migrations

TABLE_MODULES = ("world", "archive", "resources", "sole", "fhir.subscriptions")


def schema_of(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(
            (name, " ".join(sql.split()))
            for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        )


def test_the_newest_revision_has_the_tables_that_the_rooms_describe(tmp_path: Path) -> None:
    import importlib

    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    for module in TABLE_MODULES:
        importlib.import_module(f"fhantom.{module}.tables")
    from fhantom.world.tables import metadata

    fhantom_migrations.upgrade(tmp_path / "world.sqlite")
    engine = create_engine(f"sqlite:///{tmp_path / 'world.sqlite'}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


@pytest.mark.parametrize("revision", fhantom_migrations.revisions())
def test_every_earlier_revision_can_be_upgraded_to_the_newest(tmp_path: Path, revision: str) -> None:
    fhantom_migrations.upgrade(tmp_path / "fresh.sqlite")
    fhantom_migrations.upgrade(tmp_path / "old.sqlite", revision)
    fhantom_migrations.upgrade(tmp_path / "old.sqlite")
    assert schema_of(tmp_path / "old.sqlite") == schema_of(tmp_path / "fresh.sqlite")


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    fhantom_migrations.upgrade(tmp_path / "world.sqlite")
    before = schema_of(tmp_path / "world.sqlite")
    fhantom_migrations.upgrade(tmp_path / "world.sqlite")
    assert schema_of(tmp_path / "world.sqlite") == before


@pytest.mark.parametrize("revision", fhantom_migrations.revisions()[:-1])
def test_an_upgrade_that_is_broken_off_changes_nothing_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    path = tmp_path / "world.sqlite"
    fhantom_migrations.upgrade(path, revision)
    before = schema_of(path)

    def broken_off(self: object, step: object) -> None:  # all is changed, but for the number of the revision
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", broken_off)
        with pytest.raises(KeyboardInterrupt):
            fhantom_migrations.upgrade(path)
    assert schema_of(path) == before
    fhantom_migrations.upgrade(path)
    assert schema_of(path) != before
