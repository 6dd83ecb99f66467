"""Taking in a file that `packing` wrote, every piece checked by its digest."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tarfile
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import fhantom_migrations
from fhantom.errors import BadRequest
from fhantom.world.naming import UnknownTable, named_by
from fhantom.world.packing import BLOBS, FORMAT, MANIFEST, ROWS, TEXTS, Readable, hexes, pieces
from fhantom.world.worlds import Worlds

_MANIFEST_BYTES = 1 << 16
_TEXT_BYTES = 512 << 20  # of one text; what SQLite would refuse is more
_TOGETHER = 8 << 20  # bytes of texts that are made durable at once


class BadFile(BadRequest):
    """The file is no snapshot that can be taken in; nothing that was stored before has changed."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"file: {problem}")


def unpack(worlds: Worlds, stream: Readable, target: Path) -> None:
    """Read a packed state into the data folder and write its rows to `target`, which appears whole or not at all.

    Raises:
        BadFile: it is of another format, damaged or incomplete.
        StorageFull: there is no room for it.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            _Unpacking(worlds, archive, target).run()
    except (tarfile.TarError, EOFError) as error:
        raise BadFile(f"is not a whole snapshot: {error}") from None


class _Unpacking:
    def __init__(self, worlds: Worlds, archive: tarfile.TarFile, target: Path) -> None:
        self._worlds = worlds
        self._archive = archive
        self._target = target
        self._manifest: dict[str, Any] | None = None
        self._texts: list[bytes] = []
        self._waiting = 0

    def run(self) -> None:
        for member in self._archive:
            body = self._archive.extractfile(member)
            if body is None:
                raise BadFile(f"holds {member.name}, which is no plain file")
            if self._manifest is None:
                self._manifest = _checked_manifest(member, body)
            elif member.name == ROWS:
                self._flush()
                self._rows(body)
                return
            elif member.name.startswith(TEXTS):
                self._text(member, body)
            elif member.name.startswith(BLOBS):
                self._blob(member, body)
            else:
                raise BadFile(f"holds {member.name}, which no snapshot does")
        raise BadFile("ends before its rows" if self._manifest else "is empty")

    def _text(self, member: tarfile.TarInfo, body: Readable) -> None:
        if member.size > _TEXT_BYTES:
            raise BadFile(f"{member.name} is too long")
        text = body.read(member.size)
        if hashlib.sha256(text).hexdigest() != member.name.removeprefix(TEXTS):
            raise BadFile(f"{member.name} is damaged: its digest is another")
        self._texts.append(text)
        self._waiting += len(text)
        if self._waiting > _TOGETHER:
            self._flush()

    def _flush(self) -> None:
        self._worlds.texts.put_many(self._texts)
        self._texts.clear()
        self._waiting = 0

    def _blob(self, member: tarfile.TarInfo, body: Readable) -> None:
        with self._worlds.blobs.receive() as writer:
            for piece in pieces(body):
                writer.write(piece)
            if writer.digest.hex() != member.name.removeprefix(BLOBS):
                raise BadFile(f"{member.name} is damaged: its digest is another")
            writer.commit()

    def _rows(self, body: Readable) -> None:
        assert self._manifest is not None
        self._target.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._target.with_name(f".{self._target.name}.{uuid.uuid4().hex}")
        try:
            digest = hashlib.sha256()
            with open(temporary, "xb") as file:
                for piece in pieces(body):
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != self._manifest["rows"]:
                raise BadFile(f"{ROWS} is damaged: its digest is another")
            _check_rows(temporary)
            self._check_named(temporary)
            os.replace(temporary, self._target)
        finally:
            temporary.unlink(missing_ok=True)

    def _check_named(self, rows: Path) -> None:
        try:
            named = named_by(rows, frozen=True)
        except UnknownTable as error:
            raise BadFile(f"{ROWS} is not a world's: {error}") from None
        missing = self._worlds.texts.missing(named.texts) or self._worlds.blobs.missing(named.blobs)
        if missing:
            raise BadFile(f"lacks what its rows name: {hexes(missing)}")
        self._worlds.texts.settle()  # one that was there may be another's who waits for the disk


def _checked_manifest(member: tarfile.TarInfo, body: Readable) -> dict[str, Any]:
    try:
        if member.name != MANIFEST or member.size > _MANIFEST_BYTES:
            raise ValueError
        manifest: dict[str, Any] = json.loads(body.read(member.size))
        format, schema, _ = manifest["format"], manifest["schema"], str(manifest["rows"])
    except (ValueError, KeyError, TypeError):
        raise BadFile(f"does not begin with a snapshot's {MANIFEST}") from None
    if format != FORMAT:
        raise BadFile(f"has snapshot format {format}, written by {manifest.get('written_by')}; this reads {FORMAT}")
    if schema not in fhantom_migrations.revisions():
        raise BadFile(f"has schema revision {schema}, written by {manifest.get('written_by')}; this does not know it")
    return manifest


def _check_rows(rows: Path) -> None:
    """Refuse what is no world's file: it comes from elsewhere, and views and triggers would run here."""
    try:
        with closing(sqlite3.connect(f"{rows.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            listed = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
            state = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise BadFile(f"{ROWS} is not a world's: {error}") from None
    strange = [name for type, name in listed if type not in ("table", "index")]
    if strange or state != "ok" or revision is None or revision[0] not in fhantom_migrations.revisions():
        raise BadFile(f"{ROWS} is not a world's: {', '.join(strange) or state}")
