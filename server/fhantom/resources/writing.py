"""Creating, updating and deleting resources with their versions, counts and index rows, all in one go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.resources.numbers import RELEASE, resource_key, type_number
from fhantom.resources.reading import COLUMNS, read, stored
from fhantom.resources.records import CHANGES, Change, Draft, Stored, Written
from fhantom.resources.refusal import VersionConflict
from fhantom.resources.tallies import Tally
from fhantom.world import cursor_of

FIRST_ID = 1000
"""The first id that the server assigns, as the real one does."""

INDEX_ROWS = {
    "string": "INSERT INTO fhir_string (parameter, folded, exact, resource) VALUES (?, ?, ?, ?)",
    "token": "INSERT INTO fhir_token (parameter, code, system, resource) VALUES (?, ?, ?, ?)",
    "date": ("INSERT INTO fhir_date (parameter, low, high, low_day, high_day, resource) VALUES (?, ?, ?, ?, ?, ?)"),
    "number": "INSERT INTO fhir_number (parameter, value, resource) VALUES (?, ?, ?)",
    "quantity": "INSERT INTO fhir_quantity (parameter, value, system, code, resource) VALUES (?, ?, ?, ?, ?)",
    "uri": "INSERT INTO fhir_uri (parameter, uri, resource) VALUES (?, ?, ?)",
    "reference": "INSERT INTO fhir_reference (target, parameter, resource) VALUES (?, ?, ?)",
}
_INSERT_SYSTEM = "INSERT OR IGNORE INTO fhir_system (number, text) VALUES (?, ?)"
_INSERT_RESOURCE = (
    "INSERT INTO fhir_resource (number, key, type, id, version, updated, change, digest, shape)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE_RESOURCE = (
    "UPDATE fhir_resource SET version = ?, updated = ?, change = ?, digest = ?, shape = ? WHERE number = ?"
)
_INSERT_VERSION = (
    "INSERT INTO fhir_version (resource, version, release, type, updated, change, digest) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
ADD_TO_COUNT = (
    "INSERT INTO fhir_count (type, present, versions) VALUES (?, ?, ?) ON CONFLICT (type) DO UPDATE"
    " SET present = present + excluded.present, versions = versions + excluded.versions"
)


def assign_ids(connection: Connection, release: Version, count: int) -> list[str]:
    """Fresh ids, numbers from 1000 on for each FHIR version; handed out once if the transaction succeeds."""
    cursor = cursor_of(connection)
    first = _first_id(cursor, release)
    advance = (
        "INSERT INTO fhir_sequence (release, next) VALUES (?, ?)"
        " ON CONFLICT (release) DO UPDATE SET next = excluded.next"
    )
    cursor.execute(advance, (RELEASE[release], first + count))
    return [str(number) for number in range(first, first + count)]


def reserve_ids(connection: Connection, release: Version, highest: int) -> None:
    """Never assign `highest` nor a number below it: somebody else has given them to resources."""
    cursor = cursor_of(connection)
    advance = (
        "INSERT INTO fhir_sequence (release, next) VALUES (?, ?)"
        " ON CONFLICT (release) DO UPDATE SET next = max(next, excluded.next)"
    )
    cursor.execute(advance, (RELEASE[release], max(FIRST_ID, highest + 1)))


def _first_id(cursor: sqlite3.Cursor, release: Version) -> int:
    row = cursor.execute("SELECT next FROM fhir_sequence WHERE release = ?", (RELEASE[release],)).fetchone()
    return FIRST_ID if row is None else int(row[0])


def create(connection: Connection, draft: Draft, now: int) -> Written:
    """Store a new resource at `now` (milliseconds since 1970); `draft.id` None gets an id of the sequence."""
    return put(connection, draft, now)


def put(connection: Connection, draft: Draft, now: int, expected: int | None = None) -> Written:
    """Create or update the resource that `draft` names; the same content makes no version.

    `change` is "create" for a new resource and for one that was deleted. With `expected`, VersionConflict
    unless that is the present version (0: there is none); pass it too if `body` was made from an earlier one.
    """
    return put_many(connection, [draft], now, [expected])[0]


def put_many(
    connection: Connection, drafts: Sequence[Draft], now: int, expected: Sequence[int | None] = ()
) -> list[Written]:
    """`put` for many at once, in order; where one resource comes twice, the later draft finds the earlier."""
    cursor = cursor_of(connection)
    written: list[Written] = []
    for batch in _without_repeats(drafts):
        wanted = expected[len(written) : len(written) + len(batch)] or [None] * len(batch)
        written += _put_batch(connection, cursor, batch, now, wanted)
    return written


def _without_repeats(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    batch: list[Draft] = []
    names: set[tuple[str, str]] = set()
    for draft in drafts:
        name = (draft.type, draft.id or "")
        if draft.id is not None and name in names:
            yield batch
            batch, names = [], set()
        batch.append(draft)
        names.add(name)
    if batch:
        yield batch


def _put_batch(
    connection: Connection,
    cursor: sqlite3.Cursor,
    drafts: list[Draft],
    now: int,
    expected: Sequence[int | None],
) -> list[Written]:
    unnamed = [draft for draft in drafts if draft.id is None]
    ids = iter(assign_ids(connection, drafts[0].release, len(unnamed))) if unnamed else iter(())
    last = int(cursor.execute("SELECT coalesce(max(number), 0) FROM fhir_resource").fetchone()[0])
    written: list[Written] = []
    for draft, version in zip(drafts, expected, strict=True):
        id = draft.id or next(ids)
        key = resource_key(draft.release, draft.type, id)
        row = cursor.execute(f"SELECT {COLUMNS} FROM fhir_resource r WHERE r.key = ?", (key,)).fetchone()
        present = None if row is None else stored(row)
        _check(present, version)
        if present is None:
            last += 1
            new = Stored(draft.release, draft.type, id, 1, now, "create", draft.digest, key, last)
            written.append(Written(new, "create"))
        elif present.digest == draft.digest:
            written.append(Written(present, None))
        else:
            change: Change = "create" if present.digest is None else "update"
            new = _following(present, now, change, draft.digest)
            written.append(Written(new, change))
    _keep(cursor, drafts, written)
    return written


def _check(present: Stored | None, expected: int | None) -> None:
    current = 0 if present is None or present.digest is None else present.version
    if expected is not None and expected != current:
        raise VersionConflict(current)


def _following(present: Stored, now: int, change: Change, digest: bytes | None) -> Stored:
    return Stored(
        present.release,
        present.type,
        present.id,
        present.version + 1,
        now,
        change,
        digest,
        present.key,
        present.number,
    )


def _keep(cursor: sqlite3.Cursor, drafts: list[Draft], written: list[Written]) -> None:
    changed = [(draft, done.stored) for draft, done in zip(drafts, written, strict=True) if done.change]
    news = [(draft, record) for draft, record in changed if record.version == 1]
    updates = [(draft, record) for draft, record in changed if record.version > 1]
    cursor.executemany(
        _INSERT_RESOURCE,
        [(r.number, r.key, type_number(r.release, r.type), r.id, 1, r.updated, 0, r.digest, d.shape) for d, r in news],
    )
    tally = Tally(cursor)
    _replace(cursor, tally, [(record, draft.shape) for draft, record in updates])
    for draft, _ in changed:
        tally.come(draft)
    tally.write()
    _add_versions(cursor, [record for _, record in changed])
    rows: dict[str, list[tuple[object, ...]]] = {}
    for draft, record in changed:
        own = (record.number,)
        for table, found in draft.index.items():
            rows.setdefault(table, []).extend(found if table == "system" else [row + own for row in found])
    for table, found_rows in rows.items():
        if table == "system":
            cursor.executemany(_INSERT_SYSTEM, set(found_rows))
        else:
            cursor.executemany(INDEX_ROWS[table], found_rows)


def _replace(cursor: sqlite3.Cursor, tally: Tally, records: list[tuple[Stored, int]]) -> None:
    """Point resources at their new version, which has a shape, and take their index rows out."""
    for record, _ in records:
        tally.leave(record.number)
    cursor.executemany(
        _UPDATE_RESOURCE,
        [(r.version, r.updated, CHANGES.index(r.change), r.digest, shape, r.number) for r, shape in records],
    )
    numbers = [(record.number,) for record, _ in records]
    for table in INDEX_ROWS:
        cursor.executemany(f"DELETE FROM fhir_{table} WHERE resource = ?", numbers)


def _add_versions(cursor: sqlite3.Cursor, records: list[Stored]) -> None:
    types = [type_number(record.release, record.type) for record in records]
    cursor.executemany(
        _INSERT_VERSION,
        [
            (r.number, r.version, RELEASE[r.release], type_, r.updated, CHANGES.index(r.change), r.digest)
            for r, type_ in zip(records, types, strict=True)
        ],
    )
    counts: dict[int, list[int]] = {}
    for record, type_ in zip(records, types, strict=True):
        count = counts.setdefault(type_, [0, 0])
        count[0] += {"create": 1, "update": 0, "delete": -1}[record.change]
        count[1] += 1
    cursor.executemany(ADD_TO_COUNT, [(type_, *count) for type_, count in counts.items()])


def delete(connection: Connection, release: Version, resource_type: str, id: str, now: int) -> Written | None:
    """Make a deletion the present version; `change` None if it was one, None if there never was one."""
    present = read(connection, release, resource_type, id)
    if present is None:
        return None
    if present.digest is None:
        return Written(present, None)
    gone = _following(present, now, "delete", None)
    cursor = cursor_of(connection)
    tally = Tally(cursor)
    _replace(cursor, tally, [(gone, 0)])
    tally.write()
    _add_versions(cursor, [gone])
    return Written(gone, "delete")


def reindex(connection: Connection, draft: Draft, record: Stored) -> None:
    """Write the index rows of a present resource anew, as `draft` has them; no version is made."""
    cursor = cursor_of(connection)
    tally = Tally(cursor)
    tally.leave(record.number)
    tally.come(draft)
    tally.write()
    cursor.execute("UPDATE fhir_resource SET shape = ? WHERE number = ?", (draft.shape, record.number))
    for table in INDEX_ROWS:
        cursor.execute(f"DELETE FROM fhir_{table} WHERE resource = ?", (record.number,))
    for table, rows in draft.index.items():
        if table == "system":
            cursor.executemany(_INSERT_SYSTEM, rows)
        else:
            cursor.executemany(INDEX_ROWS[table], [(*row, record.number) for row in rows])
