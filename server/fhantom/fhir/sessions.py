"""Search sessions: what `_getpages` of a link stands for.

The real server keeps searches in its memory for an hour. Here the link itself carries the search, so that
any worker answers the next page and a read writes nothing; only a search too long for a link is put among
the texts.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import Pairs
from fhantom.resources.tables import session as kept
from fhantom.world import World

LIFETIME = 60 * 60 * 1000  # the real server's retention of searches, in milliseconds
_LONGEST = 1200  # characters; servers take request lines of 4,094
_UUID = 36


@dataclass(frozen=True, slots=True)
class Session:
    """One search that has further pages.

    Attributes:
        id: the UUID of its bundles.
        path: what was asked below the base: `Patient` or `Patient/1/$everything`.
        snapshot: the store's point in time that all pages show.
        started: milliseconds since 1970.
        after: the store's position at the end of the page before, by which the next one is found.
    """

    id: str
    path: str
    pairs: Pairs
    snapshot: int
    started: int
    after: tuple[int, int] | None = None


def token(world: World, session: Session) -> str:
    """The value of `_getpages` for a session; it begins with the session's id."""
    pairs = [list(pair) for pair in session.pairs]
    fields = [session.path, pairs, session.snapshot, session.started, session.after]
    text = json.dumps(fields, separators=(",", ":"))
    packed = base64.b32encode(zlib.compress(text.encode())).decode().rstrip("=").lower()
    if len(packed) <= _LONGEST:
        return f"{session.id}-{packed}"
    with world.writing() as connection:
        connection.execute(delete(kept).where(kept.c.opened < session.started - LIFETIME))
        row = {"id": session.id, "opened": session.started, "request": text}
        connection.execute(insert(kept).prefix_with("OR REPLACE").values(row))
    return session.id


def resumed(world: World, value: str, now: int) -> Session:
    """The session of a `_getpages` value. Refusal with number 0417 if it is none or has expired."""
    unknown = Refusal("0417", session=value)
    packed = value[_UUID + 1 :].upper()
    try:
        if packed:
            text = zlib.decompress(base64.b32decode(packed + "=" * (-len(packed) % 8))).decode()
        else:
            text = _row(world, value)
        path, pairs, snapshot, started, after = json.loads(text)
        session = Session(
            id=value[:_UUID],
            path=str(path),
            pairs=tuple((str(name), str(content)) for name, content in pairs),
            snapshot=int(snapshot),
            started=int(started),
            after=(int(after[0]), int(after[1])) if after else None,
        )
    except (ValueError, TypeError, binascii.Error, zlib.error):
        raise unknown from None
    if now - session.started > LIFETIME:
        raise unknown
    return session


def _row(world: World, id: str) -> str:
    with world.reading() as connection:
        found: str | None = connection.execute(select(kept.c.request).where(kept.c.id == id)).scalar()
    return found or ""
