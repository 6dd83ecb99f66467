"""What a world knows about itself: short texts by name, such as `seed` (what it was filled from)."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from fhantom.world.tables import fact


def get(connection: Connection, name: str) -> str | None:
    """The fact of that name, or None."""
    value: str | None = connection.execute(select(fact.c.value).where(fact.c.name == name)).scalar()
    return value


def put(connection: Connection, name: str, value: str) -> None:
    """Note a fact, in place of what was noted before."""
    statement = insert(fact).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
