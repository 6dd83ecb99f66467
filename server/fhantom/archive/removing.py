"""Taking objects out: their rows, and those of series and studies that are left without any.

Bytes and DICOM JSON stay: other worlds, snapshots and the seed may name them too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from fhantom.archive.storing import set_modalities
from fhantom.world import World, cursor_of, facts

REMOVED = "archive:removed"
"""The fact that counts removals, for those that remember which rows there are."""


def remove(world: World, instances: Iterable[int]) -> None:
    """Take out the instances with these row ids, in one transaction; those that are gone already are passed over."""
    with world.writing() as connection:
        cursor = cursor_of(connection)
        touched = {series for id_ in instances for series in _taken_out(cursor, id_)}
        for series in touched:
            _settle_series(cursor, series)
        facts.put(connection, REMOVED, str(int(facts.get(connection, REMOVED) or 0) + 1))


def _taken_out(cursor: sqlite3.Cursor, id_: int) -> list[int]:
    """The row id of the series that the instance was in, if it was there."""
    return [series for (series,) in cursor.execute("DELETE FROM instance WHERE id = ? RETURNING series_id", (id_,))]


def _settle_series(cursor: sqlite3.Cursor, series: int) -> None:
    (study,) = cursor.execute("SELECT study_id FROM series WHERE id = ?", (series,)).fetchone()
    (left,) = cursor.execute("SELECT count(*) FROM instance WHERE series_id = ?", (series,)).fetchone()
    if left:
        cursor.execute("UPDATE series SET number_of_instances = ? WHERE id = ?", (left, series))
    else:
        cursor.execute("DELETE FROM series WHERE id = ?", (series,))
    count = "SELECT count(*), coalesce(sum(number_of_instances), 0) FROM series WHERE study_id = ?"
    of_series, of_instances = cursor.execute(count, (study,)).fetchone()
    if of_series:
        update = "UPDATE study SET number_of_series = ?, number_of_instances = ? WHERE id = ?"
        cursor.execute(update, (of_series, of_instances, study))
        set_modalities(cursor, study)
    else:
        cursor.execute("DELETE FROM study WHERE id = ?", (study,))
