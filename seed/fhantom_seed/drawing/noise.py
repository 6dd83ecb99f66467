"""Value noise: smooth, endless, and the same for the same coordinates on every run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]


def _hash(x: NDArray[np.int64], y: NDArray[np.int64], z: NDArray[np.int64], salt: int) -> Field:
    """A number in 0..1 for every lattice point, by integer mixing (no float rounding is involved)."""
    mixed = (x * 374761393 + y * 668265263 + z * 2147483647 + salt * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    mixed = (mixed ^ (mixed >> 16)) & 0xFFFF
    return (mixed / np.float32(65535)).astype(np.float32)


def _lattice(values: Field, cell: float) -> tuple[NDArray[np.int64], Field]:
    scaled = np.asarray(values, dtype=np.float32) / np.float32(cell)
    floor = np.floor(scaled)
    rest = scaled - floor
    return floor.astype(np.int64), rest * rest * (3 - 2 * rest)


def noise(x: Field, y: Field, z: Field, cell: float, salt: int = 0) -> Field:
    """Smooth noise in 0..1 whose features are about `cell` wide; the coordinates broadcast."""
    (ix, fx), (iy, fy), (iz, fz) = _lattice(x, cell), _lattice(y, cell), _lattice(z, cell)
    total: Field = np.zeros(np.broadcast_shapes(fx.shape, fy.shape, fz.shape), dtype=np.float32)
    for dx in (0, 1):
        for dy in (0, 1):
            for dz in (0, 1):
                weight = (fx if dx else 1 - fx) * (fy if dy else 1 - fy) * (fz if dz else 1 - fz)
                total += weight * _hash(ix + dx, iy + dy, iz + dz, salt)
    return total


def texture(x: Field, y: Field, z: Field, cell: float, salt: int = 0) -> Field:
    """Two octaves of noise, centred on 0, within -1..1."""
    coarse = noise(x, y, z, cell, salt)
    fine = noise(x, y, z, cell / 2, salt + 1)
    centred: Field = (coarse * 2 + fine) * np.float32(2 / 3) - 1
    return centred


def plane(height: int, width: int) -> tuple[Field, Field, Field]:
    """Pixel coordinates x, y and a zero z for two-dimensional pictures."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x, y, np.zeros((1, 1), dtype=np.float32)
