"""What is counted while it is written, so that no search has to: shapes and tokens of what is there now."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from fhantom.resources.numbers import type_number
from fhantom.resources.records import Draft, Row
from fhantom.resources.shapes import members

_TOKEN_ROWS = "SELECT parameter, code, system FROM fhir_token WHERE resource = ?"
_SHAPE = "SELECT shape FROM fhir_resource WHERE number = ? AND digest IS NOT NULL"
_COUNT_SHAPE = "UPDATE fhir_shape SET present = present + ? WHERE shape = ?"
_ADD_SHAPE = "INSERT INTO fhir_shape (type, shape, present) VALUES (?, ?, ?)"
_ADD_MEMBER = "INSERT OR IGNORE INTO fhir_shape_parameter (shape, parameter, kind) VALUES (?, ?, ?)"
_ON_CONFLICT = (
    " ON CONFLICT (parameter, system, code) DO UPDATE"
    " SET present = present + excluded.present, repeats = repeats + excluded.repeats"
)
_ADD_TOKEN = f"INSERT INTO fhir_tally (parameter, code, system, present, repeats) VALUES (?, ?, ?, ?, ?){_ON_CONFLICT}"
_REMOVE_TOKENS = (
    "INSERT INTO fhir_tally SELECT t.parameter, t.system, t.code, -count(*), -sum(EXISTS (SELECT 1 FROM fhir_token o"
    " WHERE o.resource = t.resource AND o.parameter = t.parameter AND o.code = t.code AND o.system < t.system))"
    " FROM fhir_token t WHERE t.resource IN ({resources}) GROUP BY t.parameter, t.system, t.code"
    f"{_ON_CONFLICT}"
)
_REMOVE_SHAPES = (
    "INSERT INTO fhir_shape SELECT shape, type, -count(*) FROM fhir_resource"
    " WHERE number IN ({resources}) AND digest IS NOT NULL GROUP BY type, shape"
    " ON CONFLICT (shape) DO UPDATE SET present = present + excluded.present"
)


class Tally:
    """What the writes of one transaction change: `leave` before rows are taken out, `come`, then `write`."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._shapes: dict[int, int] = {}
        self._examples: dict[int, Draft] = {}
        self._come: list[Row] = []
        self._leave: list[Row] = []
        self._repeats: Counter[Row] = Counter()

    def leave(self, number: int) -> None:
        """A resource, if it is there, goes or gets other values."""
        for (shape,) in self._cursor.execute(_SHAPE, (number,)).fetchall():
            self._shapes[shape] = self._shapes.get(shape, 0) - 1
            rows = self._cursor.execute(_TOKEN_ROWS, (number,)).fetchall()
            self._leave += rows
            self._repeats.subtract(_repeats(rows))

    def come(self, draft: Draft) -> None:
        """A resource is there with the values of the draft."""
        self._shapes[draft.shape] = self._shapes.get(draft.shape, 0) + 1
        self._examples[draft.shape] = draft
        rows = draft.index.get("token", ())
        self._come += rows
        if len(rows) != len({row[:2] for row in rows}):
            self._repeats.update(_repeats(rows))

    def write(self) -> None:
        """Put the changes into the tables."""
        shapes = [(count, shape) for shape, count in self._shapes.items() if count]
        for count, shape in shapes:
            if self._cursor.execute(_COUNT_SHAPE, (count, shape)).rowcount == 0:
                draft = self._examples[shape]
                self._cursor.execute(_ADD_SHAPE, (type_number(draft.release, draft.type), shape, count))
                self._cursor.executemany(_ADD_MEMBER, [(shape, *member) for member in members(draft.index)])
        tokens = Counter(self._come)
        if self._leave:
            tokens.subtract(self._leave)
        repeats = self._repeats
        rows = [(*row, count, repeats[row]) for row, count in tokens.items() if count or (repeats and repeats[row])]
        self._cursor.executemany(_ADD_TOKEN, rows)


def _repeats(rows: Sequence[Row]) -> list[Row]:
    """Of rows with one code in several systems, which one resource has, all but one."""
    seen: set[Row] = set()
    found: list[Row] = []
    for row in sorted(rows):
        if row[:2] in seen:
            found.append(row)
        seen.add(row[:2])
    return found


def remove(cursor: sqlite3.Cursor, resources: str, values: tuple[object, ...]) -> None:
    """Take out what the SELECT of numbers `resources` finds, before its rows go."""
    cursor.execute(_REMOVE_TOKENS.format(resources=resources), values)
    cursor.execute(_REMOVE_SHAPES.format(resources=resources), values)
