"""Bringing a world's file to the present schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

import fhantom_migrations
from fhantom.world.folder import DataTooNew
from fhantom.world.locks import FileLock


def ensure(path: Path) -> None:
    """Make or upgrade the file unless it has the newest revision; several processes may ask at once."""
    if _revision(path) == fhantom_migrations.head():
        return
    with FileLock(path.with_suffix(".lock"))():
        found = _revision(path)
        if found is not None and found not in fhantom_migrations.revisions():
            raise DataTooNew(
                f"{path.name} has schema revision {found}; this fhantom knows up to "
                f"{fhantom_migrations.head()}. Nothing was changed."
            )
        fhantom_migrations.upgrade(path)


def is_newest(connection: Connection) -> bool:
    """Whether `ensure` would leave an open file as it is."""
    try:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except OperationalError:
        return False
    return bool(found == fhantom_migrations.head())


def _revision(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return None if row is None else str(row[0])
