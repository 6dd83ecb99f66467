"""Series of which only a record is here: what fetches their bytes, so that whoever asks for these is told.

Such a series has records under UIDs of our own, one for each instance that it is said to have, until its objects come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from fhantom.world import facts

_PREFIX = "pixels:"


def note(connection: Connection, commands: Mapping[str, str]) -> None:
    """Remember by Series Instance UID how the bytes of a series are fetched."""
    facts.put_many(connection, [(_PREFIX + uid, command) for uid, command in commands.items()])


def command_for(connection: Connection, series_instance_uid: str) -> str | None:
    """What fetches the bytes of the series, None if nobody has said."""
    return facts.get(connection, _PREFIX + series_instance_uid)


def all_commands(connection: Connection) -> dict[str, str]:
    """What fetches the bytes of every series that is not here, by Series Instance UID."""
    found = facts.beginning(connection, _PREFIX)
    return {name.removeprefix(_PREFIX): command for name, command in found.items()}


def forget(connection: Connection, series_instance_uids: Iterable[str]) -> None:
    """These series are here now."""
    facts.forget(connection, [_PREFIX + uid for uid in series_instance_uids])
