"""Projections of the body phantom: radiographs and bone scans as sums along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fhantom_seed.drawing.body import Mass, Picture, Points, draw_body
from fhantom_seed.drawing.noise import Field

WATER_PER_MM = 0.02
DEPTHS_MM = (-125.0, 125.0)
WIDTHS_MM = (-205.0, 205.0)


class Grid(NamedTuple):
    """A detector: rows and columns of `pixel` mm, the first row at height `top`."""

    rows: int
    columns: int
    pixel: float
    top: float

    def across(self) -> Field:
        along = (np.arange(self.columns, dtype=np.float32) - (self.columns - 1) / 2) * self.pixel
        return along.astype(np.float32)[None, :]

    def down(self) -> Field:
        return (self.top - np.arange(self.rows, dtype=np.float32) * np.float32(self.pixel))[:, None]


def _planes(grid: Grid, lateral: bool, step: float, masses: Sequence[Mass]) -> list[Picture]:
    low, high = WIDTHS_MM if lateral else DEPTHS_MM
    pictures = []
    for depth in np.arange(low + step / 2, high, step, dtype=np.float32):
        fixed = np.full((1, 1), depth, dtype=np.float32)
        x, y = (fixed, grid.across()) if lateral else (grid.across(), fixed)
        pictures.append(draw_body(Points(x, y, grid.down(), max(grid.pixel, 1.2)), masses=masses))
    return pictures


def radiograph(grid: Grid, *, lateral: bool = False, step: float = 5, masses: Sequence[Mass] = ()) -> Field:
    """The attenuation (natural logarithm) of rays from front to back, or from side to side."""
    total = np.zeros((grid.rows, grid.columns), dtype=np.float32)
    for picture in _planes(grid, lateral, step, masses):
        total += np.clip(picture.hounsfield + 1000, 0, 3000) * np.float32(WATER_PER_MM * step / 1000)
    return total


def bone_scan(grid: Grid, *, from_behind: bool) -> Field:
    """Expected counts of a gamma camera after a bone tracer, before or behind the patient."""
    planes = _planes(grid, False, 6, ())
    total = np.zeros((grid.rows, grid.columns), dtype=np.float32)
    shield = np.zeros_like(total)
    for picture in reversed(planes) if from_behind else planes:
        bone = np.clip((picture.hounsfield - 180) / np.float32(250), 0, 1)
        soft = np.clip((picture.hounsfield + 300) / np.float32(300), 0, 1)
        kidney = np.where((picture.uptake > 4) & (picture.uptake < 8) & (grid.down() < 0), 1.2, 0)
        bladder = np.where(picture.uptake > 10, 2.0, 0)
        total += (bone * 3 + soft * np.float32(0.16) + kidney + bladder) * np.exp(-shield)
        shield += soft * np.float32(0.05)
    return total[:, ::-1] if from_behind else total
