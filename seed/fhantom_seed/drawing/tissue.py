"""A stained section of tissue as a slide scanner sees it, at any place and magnification."""

from __future__ import annotations

import numpy as np

from fhantom_seed.drawing.noise import Field, noise, texture
from fhantom_seed.drawing.photographs import blend


def section(x: Field, y: Field, width: float, height: float, salt: int, pixel: float) -> Field:
    """RGB of points of a slide of `width` by `height` (pixels of the largest level), haematoxylin and eosin.

    `pixel` is how many of those one point stands for: nuclei fade into the mean where they are too small.
    """
    z = np.zeros((1, 1), dtype=np.float32)
    image = np.empty((*np.broadcast_shapes(x.shape, y.shape), 3), dtype=np.float32)
    image[...] = (243, 240, 244)
    u, v = (x / width - np.float32(0.5)) * 2, (y / height - np.float32(0.5)) * 2
    outline = np.sqrt((u / np.float32(0.80)) ** 2 + (v / np.float32(0.74)) ** 2)
    outline = outline + texture(x, y, z, width / 5, salt) * np.float32(0.22)
    tissue = np.clip((1 - outline) * width / 60, 0, 1)
    stroma = texture(x, y, z, 90, salt + 1)
    fibres = texture(x + stroma * 40, y * 3, z, 46, salt + 2)
    for tone, cover in (((229, 168, 196), 1.0), ((206, 120, 168), 0.6)):
        blend(image, tissue * np.clip(fibres + np.float32(cover), 0, 1) * np.float32(0.9), tone)
    _glands(image, x, y, tissue, salt)
    _nuclei(image, x, y, tissue, salt, pixel)
    return image


def _glands(image: Field, x: Field, y: Field, tissue: Field, salt: int) -> None:
    """Round glands: a white lumen in a ring of purple cells."""
    z = np.zeros((1, 1), dtype=np.float32)
    rim = noise(x, y, z, 210, salt + 7) + texture(x, y, z, 40, salt + 8) * np.float32(0.03)
    ring = np.clip(1 - np.abs(rim - np.float32(0.70)) * 22, 0, 1)
    blend(image, ring * tissue * np.float32(0.85), (142, 84, 156))
    blend(image, np.clip((rim - np.float32(0.74)) * 40, 0, 1) * tissue, (238, 232, 240))


def _nuclei(image: Field, x: Field, y: Field, tissue: Field, salt: int, pixel: float) -> None:
    """One nucleus in most cells of a bent lattice."""
    z = np.zeros((1, 1), dtype=np.float32)
    cell = np.float32(19)
    bend_x, bend_y = noise(x, y, z, 50, salt + 3) * 30, noise(x, y, z, 50, salt + 4) * 30
    cx, cy = (x + bend_x) / cell, (y + bend_y) / cell
    lone = noise(np.floor(cx) * 7, np.floor(cy) * 7, z, 5, salt + 5)
    dx, dy = cx % 1 - np.float32(0.5), cy % 1 - np.float32(0.5)
    size = np.float32(0.20) + lone * np.float32(0.14)
    body = np.clip((size - np.sqrt(dx * dx + dy * dy * np.float32(1.5))) * 9, 0, 1) * (lone > 0.38)
    sharp = np.float32(min(1.0, 2.5 / pixel))
    cover = body * sharp + np.float32(0.16) * (1 - sharp)
    lumen = (image.min(axis=2) < 225).astype(np.float32)
    blend(image, cover * tissue * lumen * np.float32(0.92), (78, 46, 122))
