"""Studies to which something was added, noted in the transaction that added it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.world import cursor_of


@dataclass(frozen=True, slots=True)
class Change:
    """A study, and when something of it was last stored, in milliseconds since 1970."""

    study_instance_uid: str
    moment: int


def note(cursor: sqlite3.Cursor, study_instance_uids: Iterable[str], moment: int) -> None:
    """Remember that something of these studies was stored."""
    cursor.executemany(
        "INSERT INTO changed_study (study_instance_uid, moment) VALUES (?, ?)"
        " ON CONFLICT (study_instance_uid) DO UPDATE SET moment = excluded.moment",
        [(uid, moment) for uid in study_instance_uids],
    )


def noted(connection: Connection, before: int) -> list[Change]:
    """What was noted up to a moment, oldest first."""
    select = "SELECT study_instance_uid, moment FROM changed_study WHERE moment <= ? ORDER BY moment"
    return [Change(*row) for row in cursor_of(connection).execute(select, (before,))]


def forget(connection: Connection, changes: Sequence[Change]) -> None:
    """Take these off, except studies to which more was added meanwhile."""
    cursor_of(connection).executemany(
        "DELETE FROM changed_study WHERE study_instance_uid = ? AND moment = ?",
        [(change.study_instance_uid, change.moment) for change in changes],
    )
