"""The files of a data set, on disk or still in a zip."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO

from fhantom.datasets import torn_zips
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
        torn: where it lies in a zip that has lost its table of contents.
    """

    name: str
    path: Path
    member: str = ""
    size: int = 0
    mark: str = ""
    note: str = ""
    torn: torn_zips.Member | None = None

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


def _unsaid(name: str, reason: str) -> None:
    """What nobody wants to know."""


def pieces_of(source: Path, torn: Callable[[str, str], None] = _unsaid) -> list[Piece]:
    """Every file below a folder, or every member of a zip, in the order of their names; hidden ones are left out.

    Args:
        torn: told the name of a zip that breaks off, and that only what is whole of it is there.

    Raises:
        Unusable: it is neither a folder nor a zip.
    """
    if source.is_dir():
        return list(_files(source))
    try:
        return sorted(_members(source), key=lambda piece: piece.name)
    except (zipfile.BadZipFile, OSError):
        whole = sorted(_torn_members(source), key=lambda piece: piece.name)
    if not whole:
        raise Unusable(f"{source} is neither a folder nor a zip")
    torn(source.name, f"the zip breaks off; {len(whole)} files of it are whole and are taken")
    return whole


def _files(folder: Path) -> Iterator[Piece]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield piece_of_file(path, path.relative_to(folder).as_posix())


def _members(archive: Path) -> Iterator[Piece]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if not member.is_dir() and _is_shown(member.filename):
                yield piece_of_member(archive, member)


def _torn_members(archive: Path) -> Iterator[Piece]:
    try:
        for member in torn_zips.whole_members(archive):
            if _is_shown(member.name):
                told = mark(member.name, member.length, member.crc)
                yield Piece(f"{archive.name}/{member.name}", archive, member.name, member.length, told, "", member)
    except OSError as error:
        raise Unusable(f"{archive} cannot be read: {error.strerror or error}") from None


def _is_shown(name: str) -> bool:
    """Whether a member is no hidden file, and not what Finder adds of each file as __MACOSX/._name."""
    parts = name.split("/")
    return parts[0] != "__MACOSX" and not any(part.startswith(".") for part in parts)


@lru_cache(maxsize=4)
def _opened(process: int, archive: Path, changed: int) -> zipfile.ZipFile:
    """A zip opened once in a process: tables of contents are long, and forks must not share a place in a file."""
    return zipfile.ZipFile(archive)


def read(piece: Piece) -> bytes:
    """The bytes of a piece. Raises Unfit."""
    try:
        if piece.torn is not None:
            return torn_zips.read_member(piece.path, piece.torn)
        if not piece.member:
            return piece.path.read_bytes()
        return _opened(os.getpid(), piece.path, piece.path.stat().st_mtime_ns).read(piece.member)
    except OSError as error:
        raise Unfit(error.strerror or str(error)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError) as error:
        raise Unfit(f"it cannot be unpacked: {error}") from None


def stream(piece: Piece) -> IO[bytes]:
    """The bytes of a piece to be read a part at a time. Raises Unfit, and whatever reading a broken zip raises."""
    try:
        if piece.torn is None and not piece.member:
            return open(piece.path, "rb")
        if piece.torn is None:
            return _opened(os.getpid(), piece.path, piece.path.stat().st_mtime_ns).open(piece.member)
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError) as error:
        raise Unfit(f"it cannot be opened: {error}") from None
    return io.BytesIO(read(piece))
