"""What is counted of FHIR resources while they are written: shapes and tokens; those that are there are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_AT_ONCE = 5_000
_SEVERAL, _LONG, _LONGEST_DAY = 10, 20, 90_000_000
_TABLES = ("string", "token", "date", "number", "quantity", "uri", "reference")


def upgrade() -> None:
    op.add_column("fhir_resource", sa.Column("shape", sa.BigInteger, nullable=False, server_default="0"))
    present = sa.text("digest IS NOT NULL")
    op.create_table(
        "fhir_shape",
        _key("shape", sa.BigInteger),
        sa.Column("type", sa.Integer, nullable=False),
        sa.Column("present", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("fhir_shape_type", "fhir_shape", ["type"])
    op.create_table(
        "fhir_shape_parameter",
        _key("parameter", sa.Integer),
        _key("kind", sa.Integer),
        _key("shape", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fhir_tally",
        _key("parameter", sa.Integer),
        _key("system", sa.BigInteger),
        _key("code", sa.Text),
        sa.Column("present", sa.Integer, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    _count_tokens()
    _count_shapes()
    op.create_index("fhir_resource_shape", "fhir_resource", ["shape", "number"], sqlite_where=present)


def _key(name: str, type_: Any) -> sa.Column[object]:
    return sa.Column(name, type_, primary_key=True, autoincrement=False)


def _count_tokens() -> None:
    op.execute(
        "INSERT INTO fhir_tally SELECT t.parameter, t.system, t.code, count(*), sum(EXISTS (SELECT 1 FROM fhir_token o"
        " WHERE o.resource = t.resource AND o.parameter = t.parameter AND o.code = t.code AND o.system < t.system))"
        " FROM fhir_token t GROUP BY t.parameter, t.system, t.code"
    )


def _count_shapes() -> None:
    connection = op.get_bind()
    members: dict[tuple[int, int], list[tuple[int, int]]] = {}
    counts: Counter[tuple[int, int]] = Counter()
    last = 0
    while True:
        select = (
            "SELECT number, type FROM fhir_resource WHERE number > ? AND digest IS NOT NULL ORDER BY number LIMIT ?"
        )
        rows = connection.exec_driver_sql(select, (last, _AT_ONCE)).fetchall()
        if not rows:
            break
        found: dict[int, set[tuple[int, int]]] = {number: set() for number, _ in rows}
        for number, member in _members(connection, rows[0][0], rows[-1][0]):
            if number in found:
                found[number].add(member)
        shaped = []
        for number, type_ in rows:
            parameters = sorted(found[number])
            shape = _number(type_, parameters)
            members[type_, shape] = parameters
            counts[type_, shape] += 1
            shaped.append((shape, number))
        connection.exec_driver_sql("UPDATE fhir_resource SET shape = ? WHERE number = ?", shaped)
        last = rows[-1][0]
    for (type_, shape), present in counts.items():
        connection.exec_driver_sql("INSERT INTO fhir_shape VALUES (?, ?, ?)", (shape, type_, present))
        for parameter, kind in members[type_, shape]:
            insert = "INSERT OR IGNORE INTO fhir_shape_parameter VALUES (?, ?, ?)"
            connection.exec_driver_sql(insert, (parameter, kind, shape))


def _members(connection: sa.Connection, first: int, last: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Number of a resource, and what one of its parameters is like."""
    for kind, table in enumerate(_TABLES):
        longest = "max(high - low)" if table == "date" else "0"
        select = (
            f"SELECT resource, parameter, count(*), {longest} FROM fhir_{table} WHERE resource BETWEEN ? AND ?"
            " GROUP BY resource, parameter"
        )
        for number, parameter, count, length in connection.exec_driver_sql(select, (first, last)):
            yield number, (parameter, kind)
            if count > 1:
                yield number, (parameter, kind + _SEVERAL)
            if length > _LONGEST_DAY:
                yield number, (parameter, kind + _LONG)


def _number(type_: int, parameters: list[tuple[int, int]]) -> int:
    digest = blake2b(repr((type_, parameters)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
