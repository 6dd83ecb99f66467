"""The files of a data set, on disk or still in a zip."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fhantom.datasets.job import Unusable
from fhantom.datasets.ledger import mark, mark_of_file


class Unfit(Exception):
    """A file that is not to be stored, with the reason."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file on disk, or a member of a zip.

    Attributes:
        name: as the report calls it.
        path: the file, or the zip.
        member: the name in the zip, empty for a file.
        size: bytes, unpacked.
        mark: the ledger's name for it.
        note: whatever its reader needs to know about it; part of the mark.
    """

    name: str
    path: Path
    member: str = ""
    size: int = 0
    mark: str = ""
    note: str = ""

    def noted(self, note: str) -> Piece:
        """The same file with a note."""
        return replace(self, note=note, mark=mark(self.mark, note))


def piece_of_file(path: Path, name: str) -> Piece:
    """A file on disk. Raises OSError."""
    return Piece(name, path, "", path.stat().st_size, mark_of_file(path))


def piece_of_member(archive: Path, member: zipfile.ZipInfo) -> Piece:
    """A member of a zip, known again by its checksum wherever the zip lies."""
    told = mark(member.filename, member.file_size, member.CRC)
    return Piece(f"{archive.name}/{member.filename}", archive, member.filename, member.file_size, told)


def pieces_of(source: Path) -> list[Piece]:
    """Every file below a folder, or every member of a zip, in the order of their names; hidden ones are left out.

    Raises:
        Unusable: it is neither a folder nor a zip.
    """
    if source.is_dir():
        return list(_files(source))
    if source.suffix.lower() != ".zip" and not zipfile.is_zipfile(source):
        raise Unusable(f"{source} is neither a folder nor a zip")
    return list(_members(source))


def _files(folder: Path) -> Iterator[Piece]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield piece_of_file(path, path.relative_to(folder).as_posix())


def _members(archive: Path) -> Iterator[Piece]:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = sorted(opened.infolist(), key=lambda member: member.filename)
    except (zipfile.BadZipFile, OSError) as error:
        raise Unusable(f"{archive} is no zip, or was not copied to its end: {error}") from None
    for member in members:
        parts = member.filename.split("/")
        # Finder adds what it knows of each file as __MACOSX/._name.
        if not member.is_dir() and parts[0] != "__MACOSX" and not any(part.startswith(".") for part in parts):
            yield piece_of_member(archive, member)


def read(piece: Piece) -> bytes:
    """The bytes of a piece. Raises Unfit."""
    try:
        if not piece.member:
            return piece.path.read_bytes()
        with zipfile.ZipFile(piece.path) as archive:
            return archive.read(piece.member)
    except OSError as error:
        raise Unfit(error.strerror or str(error)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError) as error:
        raise Unfit(f"it cannot be unpacked: {error}") from None
