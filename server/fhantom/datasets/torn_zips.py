"""What is whole in a zip whose end is missing: its members, found one after the other by their own headers.

A zip keeps its table of contents at its end (APPNOTE 4.3.12), so that a download that broke off has none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_HEADER = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7, local file header
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _SIZES_FOLLOW, _UTF_8 = 0x1, 0x8, 0x800  # APPNOTE 4.4.4
_STORED, _DEFLATED = 0, 8
_ZIP64, _UNKNOWN = 0x0001, 0xFFFFFFFF  # APPNOTE 4.5.3
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A whole member: where its data lies, and the checksum that it must have."""

    name: str
    offset: int
    length: int
    method: int
    crc: int


def whole_members(path: Path) -> Iterator[Member]:
    """The members of a zip up to where it breaks off, or stops being a zip; folders are left out."""
    end = path.stat().st_size
    with open(path, "rb") as file:
        while (header := file.read(_HEADER.size)) and len(header) == _HEADER.size:
            signature, _, flags, method, _, _, crc, length, size, name_length, extra_length = _HEADER.unpack(header)
            if signature != _SIGNATURE or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
                return
            name, extra = file.read(name_length), file.read(extra_length)
            if _UNKNOWN in (length, size):
                length = _long_length(extra)
            offset = file.tell()
            if flags & _SIZES_FOLLOW:
                found = _followed(file, method)
                if found is None:
                    return
                length, crc = found
            if offset + length > end:
                return
            if not name.endswith(b"/"):
                text = name.decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
                yield Member(text, offset, length, method, crc)
            if not flags & _SIZES_FOLLOW:
                file.seek(offset + length)


def read_member(path: Path, member: Member) -> bytes:
    """The bytes of a member. Raises zlib.error where they are damaged."""
    with open(path, "rb") as file:
        file.seek(member.offset)
        content = file.read(member.length)
    if member.method == _DEFLATED:
        content = zlib.decompress(content, -zlib.MAX_WBITS)
    if zlib.crc32(content) != member.crc:
        raise zlib.error("its checksum is another")
    return content


def _long_length(extra: bytes) -> int:
    """The compressed length in the field for large files; 0 without one."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _ZIP64 and length >= 16:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + length :]
    return 0


def _followed(file: IO[bytes], method: int) -> tuple[int, int] | None:
    """Length and checksum of a member that tells them only after its data (APPNOTE 4.3.9); None if it breaks off."""
    if method != _DEFLATED:
        return None
    begin, inflater, crc = file.tell(), zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while not inflater.eof:
            chunk = file.read(_CHUNK)
            if not chunk:
                return None
            crc = zlib.crc32(inflater.decompress(chunk), crc)
    except zlib.error:
        return None
    length = file.tell() - len(inflater.unused_data) - begin
    file.seek(begin + length)
    descriptor = file.read(4)
    signed = descriptor == b"PK\x07\x08"
    rest = file.read(12 if signed else 8)
    # With Zip64 the two lengths have eight bytes each: the next header tells whether they had.
    if file.read(4)[:2] != b"PK":
        file.seek(8 - 4, 1)
    else:
        file.seek(-4, 1)
    return (length, crc) if len(rest) >= 8 else None
