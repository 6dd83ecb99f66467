"""Breasts: a mammogram in the plane of the detector, and a volume on the chest for MR."""

from __future__ import annotations

import numpy as np

from fhantom_seed.drawing.body import Points, draw_body
from fhantom_seed.drawing.noise import Field, plane, texture

# Hounsfield value of a tissue -> MR signal, fat suppressed with contrast, and STIR
T1_FAT_SATURATED = (
    (-1000, 8),
    (-700, 30),
    (-98, 150),
    (-40, 210),
    (30, 420),
    (60, 470),
    (190, 900),
    (500, 120),
)
STIR = ((-1000, 8), (-700, 40), (-98, 60), (-40, 130), (10, 760), (30, 420), (60, 330), (190, 260), (500, 90))


def mammogram(rows: int, columns: int, view: str, salt: int) -> Field:
    """Brightness 0..1 of one breast with the chest wall at the left edge; `view` is CC, MLO, ML or XCCL."""
    x, y, z = plane(rows, columns)
    u, v = x / np.float32(columns), (y / np.float32(rows) - np.float32(0.5)) * 2
    slope = np.float32(0.28) * v if view in {"MLO", "ML"} else np.float32(0)
    edge = u / np.float32(0.80) + slope * np.float32(0.35)
    radius = np.sqrt(edge * edge + (v / np.float32(0.86)) ** 2)
    inside = np.clip((1 - radius) * 90, 0, 1)
    thick = np.sqrt(np.clip(1 - radius**3, 0, 1))
    lobes = texture(x, y, z, 120, salt) + texture(x, y, z, 38, salt + 5) * np.float32(0.5)
    near = np.exp(-((u - np.float32(0.36)) ** 2 * 9 + v * v * 4)).astype(np.float32)
    glands = np.clip(lobes * np.float32(0.9) + near * np.float32(0.75) - np.float32(0.25), 0, 1)
    strands = np.clip(1 - np.abs(texture(x, y, z, 70, salt + 9)) * 14, 0, 1) * np.float32(0.10)
    image = inside * (thick * np.float32(0.26) + glands * np.float32(0.42) * thick + strands * thick)
    skin = np.clip(1 - np.abs(radius - np.float32(0.985)) * 90, 0, 1)
    image = image + skin * np.float32(0.12)
    if view in {"MLO", "ML"}:
        muscle = np.clip((np.float32(0.34) - u - (v + 1) * np.float32(0.24)) * 14, 0, 1)
        image = np.maximum(image, muscle * (np.float32(0.62) + texture(x, y, z, 25, 3) * np.float32(0.03)))
    shown: Field = image.astype(np.float32)
    return shown


def with_clips(image: Field, salt: int) -> Field:
    """The same with four surgical clips in the upper outer quadrant."""
    rows, columns = image.shape
    x, y, _ = plane(rows, columns)
    for number in range(4):
        cx = columns * (0.34 + 0.05 * ((number * 7 + salt) % 5))
        cy = rows * (0.28 + 0.035 * ((number * 3 + salt) % 4))
        near = (np.abs(x - cx) / 10) ** 4 + (np.abs(y - cy - (x - cx) * 0.5) / 2.5) ** 2
        image = np.maximum(image, np.clip(1.4 - near, 0, 1))
    return image


def specimen(rows: int, columns: int) -> Field:
    """A lump of tissue with a hooked wire and a clip in it."""
    x, y, z = plane(rows, columns)
    u = (x - columns * np.float32(0.5)) / np.float32(columns * 0.34)
    v = (y - rows * np.float32(0.5)) / np.float32(rows * 0.30)
    radius = np.sqrt(u * u + v * v) + texture(x, y, z, 90, 70) * np.float32(0.10)
    inside = np.clip((1 - radius) * 25, 0, 1)
    glands = np.clip(texture(x, y, z, 60, 71) + np.float32(0.35), 0, 1)
    image = inside * (np.float32(0.22) + glands * np.float32(0.38))
    bend = np.where(x < columns * 0.56, 0, (x - columns * 0.56) ** 2 * np.float32(0.012))
    wire = np.clip(2.6 - np.abs(y - rows * 0.44 - x * 0.06 + bend), 0, 1) * (x < columns * 0.62)
    clip = np.clip(3 - np.maximum(np.abs(x - columns * 0.43), np.abs(y - rows * 0.62) / 3), 0, 1)
    shown: Field = np.maximum(image, np.maximum(wire, clip)).astype(np.float32)
    return shown


def breast_mr(points: Points, table: tuple[tuple[float, float], ...]) -> Field:
    """Signal of an axial MR plane through chest and breasts; `table` turns density into signal."""
    picture = draw_body(points, contrast=True)
    for side in (1, -1):
        x = (points.x - side * 78) / np.float32(70)
        y = (points.y + 108) / np.float32(68)
        z = (points.z - 5) / np.float32(66)
        distance = np.sqrt(x * x + y * y + z * z)
        outside = picture.hounsfield < -900
        cover = np.clip((1 - distance) * 60, 0, 1) * (outside & (points.y < -60))
        glands = texture(points.x, points.y, points.z, 26, 80) + (1 - distance) * np.float32(0.5)
        tissue = np.where(glands > np.float32(0.12), 38, -98) + np.where(distance > 0.965, 140, 0)
        picture.paint(cover, tissue, 0.5)
    levels = np.interp(picture.hounsfield, [row[0] for row in table], [row[1] for row in table])
    coil = 1 + np.clip(-points.y, 0, 200) * np.float32(0.0022)
    grain = texture(points.x, points.y, points.z, 8, 81) * np.float32(3)
    signal: Field = np.clip(levels * coil + grain * (levels > 20), 0, None).astype(np.float32)
    return signal
