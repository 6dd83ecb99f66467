"""Ultrasound of a kidney and optical coherence tomography of a retina."""

from __future__ import annotations

import numpy as np

from fhantom_seed.drawing.noise import Field, plane, texture
from fhantom_seed.drawing.photographs import blend

# Retinal layers: where each ends between inner membrane (0) and pigment epithelium (1), and its brightness
LAYERS = (
    (0.16, 0.62),
    (0.34, 0.50),
    (0.46, 0.24),
    (0.56, 0.44),
    (0.80, 0.16),
    (0.86, 0.58),
    (0.93, 0.34),
    (1.0, 0.85),
)


def kidney_ultrasound(rows: int, columns: int, phase: float, *, doppler: bool) -> Field:
    """A sector with a kidney in it; with `doppler`, vessels light up red and blue as the heart beats."""
    x, y, z = plane(rows, columns)
    u, v = (x / columns - np.float32(0.5)) * 2, y / np.float32(rows)
    depth = np.sqrt((u * np.float32(0.9)) ** 2 + (v + np.float32(0.12)) ** 2)
    angle = np.arctan2(u * np.float32(0.9), v + np.float32(0.12))
    sector = np.clip((np.float32(0.72) - np.abs(angle)) * 60, 0, 1)
    sector = sector * np.clip((depth - np.float32(0.14)) * 80, 0, 1) * np.clip((np.float32(1.06) - depth) * 80, 0, 1)
    breath = np.float32(0.012 * np.sin(2 * np.pi * phase))
    a = (u * np.float32(0.97) + (v - 0.52) * np.float32(0.35)) / np.float32(0.56)
    b = ((v - np.float32(0.52) - breath) - u * np.float32(0.16)) / np.float32(0.21)
    kidney = np.sqrt(a * a + b * b) + texture(x, y, z, 60, 2) * np.float32(0.05)
    tone = np.full(kidney.shape, 0.44, dtype=np.float32)
    tone += (np.float32(0.26) - tone) * np.clip((1 - kidney) * 14, 0, 1)
    tone += (np.float32(0.78) - tone) * np.clip((np.float32(0.46) - kidney) * 6, 0, 1)
    tone += (np.float32(0.85) - tone) * np.clip(1 - np.abs(kidney - 1) * 34, 0, 1)
    speckle = np.random.default_rng(int(phase * 1000) + 7).rayleigh(0.62, kidney.shape).astype(np.float32)
    speckle = (speckle + np.roll(speckle, 1, 1) + np.roll(speckle, 1, 0) + np.roll(speckle, 2, 1)) / 4
    level = np.clip(tone * speckle * 1.25 * (1 - (depth - np.float32(0.6)) * np.float32(0.25)), 0, 1) * sector
    image = np.repeat((level * 235)[..., None], 3, axis=2)
    if doppler:
        _flow(image, a, b, sector, phase)
    _scale(image, x, y)
    return image


def _flow(image: Field, a: Field, b: Field, sector: Field, phase: float) -> None:
    beat = np.float32(0.35 + 0.65 * max(0.0, np.sin(2 * np.pi * phase * 2)) ** 2)
    for number, lean in enumerate((-0.9, -0.3, 0.4, 1.0)):
        line = np.abs(b - a * np.float32(lean) * np.float32(0.9))
        inside = (a * a + b * b < 0.62) & (a * a + b * b > 0.02)
        cover = np.clip((np.float32(0.075) - line) * 30, 0, 1) * inside * sector * beat
        blend(image, cover, (226, 60, 24) if number % 2 else (40, 80, 232))


def _scale(image: Field, x: Field, y: Field) -> None:
    """Depth marks at the right edge."""
    rows, columns = x.shape
    marks = (np.abs(y % (rows / 8)) < 2) & (x > columns - 14)
    blend(image, marks.astype(np.float32), (200, 200, 200))


def retina(rows: int, columns: int, slice_at: float, *, left_eye: bool, edema: bool) -> Field:
    """Brightness 0..1 of one B-scan; `slice_at` (-1..1) is its distance from the fovea."""
    x, y, z = plane(rows, columns)
    z = z + np.float32(slice_at * 60)
    u = (x / columns - np.float32(0.5)) * 2
    if left_eye:
        u = -u
    pit = np.exp(-(u * u * 26 + np.float32(slice_at) ** 2 * 20)).astype(np.float32)
    swelling = np.exp(-(u * u * 7 + np.float32(slice_at) ** 2 * 6)).astype(np.float32) if edema else 0 * u
    floor = rows * (np.float32(0.66) - u * u * np.float32(0.05) + u * np.float32(0.02))
    thick = rows * (np.float32(0.24) - pit * np.float32(0.09) + swelling * np.float32(0.14))
    share = (y - (floor - thick)) / thick
    image = np.full(share.shape, 0.06, dtype=np.float32)
    start = 0.0
    for end, tone in LAYERS:
        image = np.where((share >= start) & (share < end), np.float32(tone), image)
        start = end
    below = (y - floor) / np.float32(rows)
    image = np.where(below > 0, np.float32(0.52) * np.exp(-below * 8) + np.float32(0.05), image)
    if edema:
        for cx, cy, size in ((0.0, 0.50, 0.16), (0.19, 0.46, 0.09), (-0.20, 0.48, 0.08)):
            size *= max(0.0, 1 - abs(slice_at) * 1.6)
            cyst = ((u - cx) / (size + 1e-3)) ** 2 + ((share - cy) / (size * 2 + 1e-3)) ** 2
            image = np.where(cyst < 1, np.float32(0.05), image)
    grain = np.random.default_rng(int((slice_at + 2) * 1000)).rayleigh(0.72, share.shape).astype(np.float32)
    grain = (grain + np.roll(grain, 1, 1)) / 2
    shown: Field = np.clip(image * (np.float32(0.35) + grain * np.float32(0.62)), 0, 1)
    return shown
