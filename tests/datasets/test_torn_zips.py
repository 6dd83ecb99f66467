"""Zips without an end."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

import pytest

from fhantom.datasets.pieces import Unfit, pieces_of, read

FILES = {f"folder/{number}.txt": bytes([number]) * 5000 * number for number in range(1, 6)}


class Unseekable(io.RawIOBase):
    """A pipe: what is written to it cannot be gone back to, so that sizes follow the data."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._file.write(data)  # type: ignore[call-overload, no-any-return]


def archive(path: Path, method: int, *, piped: bool = False, large: bool = False) -> bytes:
    with open(path, "wb") as file, zipfile.ZipFile(Unseekable(file) if piped else file, "w", method) as made:
        for name, content in FILES.items():
            with made.open(zipfile.ZipInfo(name) if piped else name, "w", force_zip64=large) as member:
                member.write(content)
    return path.read_bytes()


FORMS = [
    pytest.param(zipfile.ZIP_DEFLATED, False, False, id="deflated"),
    pytest.param(zipfile.ZIP_STORED, False, False, id="stored"),
    pytest.param(zipfile.ZIP_DEFLATED, False, True, id="Zip64"),
]


@pytest.mark.parametrize(("method", "piped", "large"), FORMS)
@pytest.mark.parametrize("kept", [1.0, 0.9, 0.6, 0.3])
def test_what_is_whole_is_read(tmp_path: Path, method: int, piped: bool, large: bool, kept: float) -> None:
    path = tmp_path / "a.zip"
    content = archive(path, method, piped=piped, large=large)
    with zipfile.ZipFile(path) as opened:
        table = opened.start_dir
        whole = {
            one.filename
            for one, following in zip(opened.infolist(), [*opened.infolist()[1:], None], strict=True)
            if (following.header_offset if following else table) <= int(table * kept)
        }
    path.write_bytes(content[: int(table * kept)])
    told: list[tuple[str, str]] = []
    if not whole:
        return
    pieces = pieces_of(path, lambda name, reason: told.append((name, reason)))
    assert {piece.member for piece in pieces} == whole
    assert {piece.member: read(piece) for piece in pieces} == {name: FILES[name] for name in whole}
    assert told == [("a.zip", f"the zip breaks off; {len(whole)} files of it are whole and are taken")]


@pytest.mark.parametrize("large", [False, True], ids=["short", "Zip64"])
def test_members_that_tell_their_size_last_are_read(tmp_path: Path, large: bool) -> None:
    path = tmp_path / "a.zip"
    with open(path, "wb") as file, zipfile.ZipFile(Unseekable(file), "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]
        for name, content in FILES.items():
            with made.open(name, "w", force_zip64=large) as member:
                member.write(content)
        table = file.tell()
    path.write_bytes(path.read_bytes()[:table])
    pieces = pieces_of(path)
    assert {piece.member: read(piece) for piece in pieces} == FILES


def test_a_damaged_member_of_a_torn_zip_is_unfit(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    content = bytearray(archive(path, zipfile.ZIP_STORED))
    content[100] ^= 0xFF
    path.write_bytes(content[:-30])
    first, *others = pieces_of(path)
    with pytest.raises(Unfit, match="checksum"):
        read(first)
    assert [zlib.crc32(read(piece)) for piece in others] == [zlib.crc32(FILES[piece.member]) for piece in others]
