"""ICC profiles of the colour spaces that a client can name (PS3.18 8.3.5.1.5), made from their definitions."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)
_HEADER, _ENTRY = 128, 12


@dataclass(frozen=True, slots=True)
class Space:
    """An RGB space of three primaries and a power curve.

    Attributes:
        primaries: XYZ of red, green and blue, adapted to the white of profiles (D50).
    """

    name: str
    primaries: tuple[tuple[float, float, float], ...]
    gamma: float


ADOBE_RGB = Space(  # Adobe RGB (1998) 4.3.1 and 4.3.4; adapted by the Bradford method
    "Adobe RGB (1998)",
    ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    563 / 256,
)
ROMM_RGB = Space(  # ISO 22028-2, without the straight piece next to black
    "ROMM RGB",
    ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03135, 0.00008, 0.82521)),
    1.8,
)


@cache
def profile_of(space: Space) -> bytes:
    """The space as a display profile (ICC.1:2001-04)."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(space.gamma * 256))
    name = space.name.encode("ascii") + b"\0"
    described = b"desc" + struct.pack(">II", 0, len(name)) + name + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": described, b"cprt": b"text" + bytes(4) + b"no rights reserved\0", b"wtpt": _xyz(_D50)}
    for letter, primary in zip("rgb", space.primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = _xyz(primary)
        tags[f"{letter}TRC".encode()] = curve
    table, body = b"", b""
    start = _HEADER + 4 + _ENTRY * len(tags)
    for signature, data in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s", start + len(body), 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2001, 1, 1, 0, 0, 0) + b"acsp"
    head = head.ljust(68, b"\0") + b"".join(map(_fixed, _D50))
    return head.ljust(_HEADER, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
