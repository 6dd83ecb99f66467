"""Texts that a world vouches for until their own file is durable, so that a write waits for one log and not for two.

A text is put where everybody sees it, but not waited for: the transaction that names it keeps a copy, and with that
the text is as durable as its name. Now and then the file of texts is waited for, and the copies go. Whoever opens a
world puts back what a loss of power took from the file of texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table

from fhantom.world.database import cursor_of
from fhantom.world.tables import metadata
from fhantom.world.texts import Texts

MOST_BYTES = 1 << 16
"""Of texts in one promise: to copy more costs more than to wait."""

MOST_KEPT = 16
"""Copies after which the file of texts is waited for."""

# The copies of texts that rows name and whose file is perhaps not durable yet.
promised_text = Table(
    "promised_text",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, info={"names": "text"}),
    Column("body", LargeBinary, nullable=False),
)

_INSERT = "INSERT INTO promised_text (digest, body) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class Promise:
    """Texts that are there, and those of them that the next transaction must vouch for.

    Attributes:
        digests: of all of them, in order.
        copies: digest and body of each that is not known to be durable.
    """

    digests: tuple[bytes, ...] = ()
    copies: tuple[tuple[bytes, bytes], ...] = ()


NOTHING = Promise()


def put(texts: Texts, bodies: Sequence[bytes]) -> Promise:
    """Keep texts; unless they are too large to be copied they become durable only with the rows that name them."""
    is_small = sum(map(len, bodies)) <= MOST_BYTES
    digests = tuple(texts.put_many(bodies, settled=not is_small))
    if is_small and texts.is_waited_for:
        return Promise(digests, tuple(zip(digests, bodies, strict=True)))
    return Promise(digests)


def vouch(connection: Connection, texts: Texts, promise: Promise) -> None:
    """Keep the copies of a promise in the transaction that names its texts."""
    cursor = cursor_of(connection)
    for copy in promise.copies:
        cursor.execute(_INSERT, copy)
    if promise.copies and cursor.lastrowid is not None and cursor.lastrowid >= MOST_KEPT:
        texts.settle()
        cursor.execute("DELETE FROM promised_text")  # numbers begin at 1 again


def lost(connection: Connection, texts: Texts) -> list[bytes]:
    """The bodies that a world vouches for and that the file of texts has not."""
    copies = dict(cursor_of(connection).execute("SELECT digest, body FROM promised_text"))
    return [copies[digest] for digest in texts.missing(copies)]
