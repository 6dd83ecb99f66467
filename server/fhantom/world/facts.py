"""What a world knows about itself: short texts by name, such as `seed` (what it was filled from)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from fhantom.world.database import cursor_of
from fhantom.world.tables import fact

_AT_ONCE = 500  # names in one statement


def get(connection: Connection, name: str) -> str | None:
    """The fact of that name, or None."""
    row = cursor_of(connection).execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def put(connection: Connection, name: str, value: str) -> None:
    """Note a fact, in place of what was noted before."""
    put_many(connection, {name: value}.items())


def put_many(connection: Connection, facts: Iterable[tuple[str, str]]) -> None:
    """`put` for many at once."""
    rows = [{"name": name, "value": value} for name, value in facts]
    if rows:
        statement = insert(fact)
        replacing = statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        connection.execute(replacing, rows)


def beginning(connection: Connection, prefix: str) -> dict[str, str]:
    """The facts whose names begin so, by name in order."""
    rows = connection.execute(
        select(fact.c.name, fact.c.value).where(fact.c.name.startswith(prefix, autoescape=True)).order_by(fact.c.name)
    )
    return {row.name: row.value for row in rows}


def known(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of the names under which there is a fact."""
    found: set[str] = set()
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        found.update(connection.execute(select(fact.c.name).where(fact.c.name.in_(some))).scalars())
    return found


def forget(connection: Connection, names: Sequence[str]) -> None:
    """Take facts out again."""
    for at in range(0, len(names), _AT_ONCE):
        connection.execute(delete(fact).where(fact.c.name.in_(names[at : at + _AT_ONCE])))
