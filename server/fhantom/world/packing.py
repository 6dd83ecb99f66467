"""A state as one file that another data folder takes in: a tar of its rows and of what they name.

`manifest.json` comes first and says the format; then each text and each DICOM object under its digest, by which it
is checked; the rows come last, so that a state is known only once it is whole.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tarfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import fhantom
import fhantom_migrations
from fhantom.world.naming import named_by
from fhantom.world.worlds import Worlds

FORMAT = 1  # raised when an older fhantom could no longer read the file
MANIFEST, TEXTS, BLOBS, ROWS = "manifest.json", "texts/", "blobs/", "rows.sqlite"

_CHUNK = 1 << 20
_AT_ONCE = 200  # texts read in one go


class Readable(Protocol):
    """Bytes that are read once, from front to end."""

    def read(self, size: int, /) -> bytes: ...


def pack(worlds: Worlds, rows: Path) -> Iterator[bytes]:
    """The file of the frozen state `rows`, piece by piece; memory stays small however much it names."""
    # Written anew, the rows leave out whatever was deleted; `incoming` is emptied at every start.
    copy = worlds.folder.incoming / f"pack-{uuid.uuid4().hex}"
    worlds.folder.incoming.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(f"{rows.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        yield from _members(worlds, copy)
    finally:
        copy.unlink(missing_ok=True)


def _members(worlds: Worlds, rows: Path) -> Iterator[bytes]:
    found = named_by(rows, frozen=True)
    texts, blobs = sorted(found.texts), sorted(found.blobs)
    yield from _member(MANIFEST, json.dumps(_manifest(rows, len(texts), len(blobs)), indent=2).encode())
    for at in range(0, len(texts), _AT_ONCE):
        some = texts[at : at + _AT_ONCE]
        for digest, text in zip(some, worlds.texts.get_many(some), strict=True):
            yield from _member(TEXTS + digest.hex(), text)
    for digest in blobs:
        with worlds.blobs.open(digest) as file:
            yield from _file(BLOBS + digest.hex(), file, worlds.blobs.size(digest))
    with open(rows, "rb") as file:
        yield from _file(ROWS, file, rows.stat().st_size)
    yield b"\0" * tarfile.BLOCKSIZE * 2


def _manifest(rows: Path, texts: int, blobs: int) -> dict[str, Any]:
    with open(rows, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "format": FORMAT,
        "written_by": f"fhantom {fhantom.__version__}",
        "schema": fhantom_migrations.head(),
        "rows": digest,
        "texts": texts,
        "blobs": blobs,
    }


def _member(name: str, body: bytes) -> Iterator[bytes]:
    yield _header(name, len(body))
    yield body + _padding(len(body))


def _file(name: str, file: BinaryIO, size: int) -> Iterator[bytes]:
    yield _header(name, size)
    yield from iter(lambda: file.read(_CHUNK), b"")
    yield _padding(size)


def _header(name: str, size: int) -> bytes:
    # No times and no owners: the same state makes the same file.
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)


def pieces(reader: Readable) -> Iterable[bytes]:
    """What is left to read, in pieces."""
    return iter(lambda: reader.read(_CHUNK), b"")


def hexes(digests: Sequence[bytes]) -> str:
    """Some digests as a refusal tells them."""
    shown = ", ".join(digest.hex()[:12] for digest in digests[:3])
    return f"{shown} and {len(digests) - 3} more" if len(digests) > 3 else shown
