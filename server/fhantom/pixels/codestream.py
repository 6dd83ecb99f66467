"""What the header of a compressed frame says of its size, read before a codec allocates memory for it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# ITU-T T.81 table B.1 and T.87: the frame headers of JPEG's processes, and that of JPEG-LS.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD9)) | {0x01}
_J2K_START = b"\xff\x4f\xff\x51"  # ISO/IEC 15444-1 A.4: SOC, SIZ
_SAMPLES_AS_LETTERS = ((82, 71, 66), (114, 103, 98))


@dataclass(frozen=True, slots=True)
class Codestream:
    """The header of a JPEG, JPEG-LS or JPEG 2000 frame.

    Attributes:
        precision: bits of a sample.
        component_ids: of JPEG; () for JPEG 2000.
        jfif, adobe: whether the application segments of that name are there.
    """

    rows: int
    columns: int
    samples_per_pixel: int
    precision: int
    component_ids: tuple[int, ...] = ()
    jfif: bool = False
    adobe: bool = False

    @property
    def says_rgb(self) -> bool:
        """Whether the components are named R, G and B."""
        return self.component_ids in _SAMPLES_AS_LETTERS


def parse(data: bytes) -> Codestream | None:
    """The header of a frame; None if the bytes are not of a known kind or end within it."""
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    start = data.find(_J2K_START, 0, 4096)
    if start < 0:
        return None
    try:
        width, height, left, top = struct.unpack_from(">4I", data, start + 8)
        samples, depth = struct.unpack_from(">HB", data, start + 40)
    except struct.error:
        return None
    return Codestream(height - top, width - left, samples, (depth & 0x7F) + 1)


def _jpeg(data: bytes) -> Codestream | None:
    at, jfif, adobe = 2, False, False
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAME_HEADERS:
            return _frame_header(data, at + 4, jfif, adobe)
        jfif = jfif or (marker == 0xE0 and data.startswith(b"JFIF", at + 4))
        adobe = adobe or (marker == 0xEE and data.startswith(b"Adobe", at + 4))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _frame_header(data: bytes, at: int, jfif: bool, adobe: bool) -> Codestream | None:
    try:
        precision, rows, columns, samples = struct.unpack_from(">BHHB", data, at)
    except struct.error:
        return None
    ids = tuple(data[at + 6 : at + 6 + 3 * samples : 3])
    return Codestream(rows, columns, samples, precision, ids, jfif, adobe)
