"""The body phantom: what a scanner would measure at given points of the patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fhantom_seed.drawing.anatomy import CAGE, CAPSULES, ORGANS, SPINE, TRUNK, Organ
from fhantom_seed.drawing.noise import Field, noise, texture

AIR, FAT, MUSCLE, SKIN = -1000, -98, 52, 30


class Mass(NamedTuple):
    """A lesion at its place in the body; `cavity` is the radius of the air in it as a part of the whole."""

    x: float
    y: float
    z: float
    radii: tuple[float, float, float]
    hounsfield: float
    uptake: float
    cavity: float


class Points(NamedTuple):
    """Coordinates in mm that broadcast to the shape of the picture, and how soft edges are (mm)."""

    x: Field
    y: Field
    z: Field
    edge: float

    def within(self, low: float, high: float) -> bool:
        """Whether any point has a z between the two."""
        return bool(self.z.max() >= low and self.z.min() <= high)


class Picture:
    """CT density and PET uptake of a set of points, painted organ over organ."""

    def __init__(self, points: Points) -> None:
        shape = np.broadcast_shapes(points.x.shape, points.y.shape, points.z.shape)
        self.points = points
        self.hounsfield: Field = np.full(shape, AIR, dtype=np.float32)
        self.uptake: Field = np.zeros(shape, dtype=np.float32)

    def paint(self, cover: Field, hounsfield: float | Field, uptake: float | Field) -> None:
        """Lay a tissue over what is there; `cover` is 1 inside, 0 outside, between at the edge."""
        self.hounsfield += (np.float32(1) * hounsfield - self.hounsfield) * cover
        self.uptake += (np.float32(1) * uptake - self.uptake) * cover


def draw_body(points: Points, *, contrast: bool = False, masses: Sequence[Mass] = ()) -> Picture:
    """The phantom at `points`: skin, muscle, cage, lungs, spine, organs, then the masses."""
    picture = Picture(points)
    _outline(picture)
    _cage(picture)
    _mediastinum(picture)
    _organs(picture, contrast)
    _capsules(picture)
    _spine(picture)
    _jaws(picture)
    for mass in masses:
        _mass(picture, mass)
    return picture


def _profile(z: Field, table: Sequence[tuple[float, ...]], column: int) -> Field:
    heights = [row[0] for row in table]
    return np.interp(z, heights, [row[column] for row in table]).astype(np.float32)


def _cover(distance: Field, radius: float | Field, edge: float) -> Field:
    """Coverage from a distance that is 1 at the border; `radius` turns it into millimetres."""
    cover: Field = np.clip((1 - distance) * radius / np.float32(edge) + np.float32(0.5), 0, 1)
    return cover


def _ellipse(points: Points, table: Sequence[tuple[float, ...]], power: float) -> Field:
    """How far out of the outline `table` each point lies: 1 on it, less inside."""
    width, depth = _profile(points.z, table, 1), _profile(points.z, table, 2)
    distance: Field = (np.abs(points.x / width) ** power + np.abs(points.y / depth) ** power) ** (1 / power)
    return distance


def _outline(picture: Picture) -> None:
    points = picture.points
    outside = _ellipse(points, TRUNK, 2.3) + np.clip((points.z - 470) / np.float32(10), 0, 1)
    depth = _profile(points.z, TRUNK, 2)
    picture.paint(_cover(outside, depth, points.edge), SKIN, 0.4)
    picture.paint(_cover(outside * depth / (depth - 2), depth, points.edge), FAT, 0.3)
    fat = np.where(points.z > 230, np.float32(6), np.float32(15))
    inner = _cover(outside * depth / (depth - fat), depth, points.edge)
    fibres = texture(points.x, points.y, points.z, 22, 5) * np.float32(6)
    picture.paint(inner, MUSCLE + fibres, 0.7)
    if points.within(-460, -70):
        abdomen = _cover(outside * depth / (depth - 30), depth, points.edge)
        below = np.clip((-70 - points.z) / np.float32(10), 0, 1)
        picture.paint(abdomen * below, -95 + fibres, 0.4)


def _cage(picture: Picture) -> None:
    points = picture.points
    if not points.within(-110, 216):
        return
    top = np.clip((214 - points.z) / np.float32(4), 0, 1)
    outside = _ellipse(points, CAGE, 2.2)
    wall = _cover(np.abs(outside - np.float32(1.05)) / np.float32(0.05), 4, points.edge)
    wave = np.abs(((points.z - np.float32(0.34) * points.y) / np.float32(25)) % 1 - np.float32(0.5))
    stripe = np.clip((np.float32(0.23) - wave) * 25 / np.float32(points.edge) + np.float32(0.5), 0, 1)
    bone = np.where(points.y < -62, np.float32(110), np.float32(480))
    above = np.clip((points.z + 100) / np.float32(8), 0, 1)
    picture.paint(wall * stripe * top * above, bone, 0.9)
    right, left = (points.x + 66) / np.float32(70), (points.x - 70) / np.float32(70)
    near = np.where(points.x < 0, right * right, left * left)
    dome = np.where(points.x < 0, 18, 8) - near * 44 - (points.y / np.float32(80)) ** 2 * 46
    inside = _cover(outside, 90, points.edge) * top
    lung = inside * np.clip((points.z - dome) / np.float32(points.edge) + np.float32(0.5), 0, 1)
    grain = texture(points.x, points.y, points.z, 22, 9) * 12
    picture.paint(lung, -872 + points.y * np.float32(0.35) + grain, 0.35)
    picture.paint(lung * _vessels(points), 30, 0.6)


def _vessels(points: Points) -> Field:
    """Tubes where two noises cross their middle, denser and thicker towards the hila."""
    a = np.abs(noise(points.x, points.y, points.z, 27, 21) - np.float32(0.5))
    b = np.abs(noise(points.x, points.y, points.z, 27, 22) - np.float32(0.5))
    span = np.abs(np.abs(points.x) - 48) + np.abs(points.y) + np.abs(points.z - 55) * np.float32(0.6)
    width = np.clip(0.078 - span * np.float32(0.00032), 0.02, 0.075)
    tubes: Field = np.clip((width - np.sqrt(a * a + b * b)) * 40, 0, 1).astype(np.float32)
    return tubes


def _mediastinum(picture: Picture) -> None:
    points = picture.points
    if not points.within(-20, 216):
        return
    width = np.clip(38 - (points.z - 60) * np.float32(0.06), 24, 42)
    outside = np.sqrt((points.x / width) ** 2 + ((points.y - 4) / np.float32(80)) ** 2)
    inside = _cover(_ellipse(points, CAGE, 2.2), 90, points.edge)
    ends = np.clip((points.z + 14) / np.float32(6), 0, 1) * np.clip((214 - points.z) / np.float32(4), 0, 1)
    picture.paint(_cover(outside, width, points.edge) * inside * ends, -82, 0.6)


def _organs(picture: Picture, contrast: bool) -> None:
    for organ in ORGANS:
        if not picture.points.within(organ.z - organ.radius_z - 4, organ.z + organ.radius_z + 4):
            continue
        value = organ.contrast if contrast else organ.hounsfield
        for side in (1, -1) if organ.mirrored else (1,):
            _organ(picture, organ, side, value)


def _organ(picture: Picture, organ: Organ, side: int, hounsfield: float) -> None:
    points = picture.points
    x = (points.x - side * organ.x) / np.float32(organ.radius_x)
    y = (points.y - organ.y) / np.float32(organ.radius_y)
    z = (points.z - organ.z) / np.float32(organ.radius_z)
    smallest = min(organ.radius_x, organ.radius_y)
    flat = np.sqrt(x * x + y * y) if organ.column else np.sqrt(x * x + y * y + z * z)
    cover = _cover(flat, smallest, points.edge)
    if organ.column:
        cover = cover * np.clip((1 - np.abs(z)) * organ.radius_z / np.float32(points.edge), 0, 1)
    value: float | Field = hounsfield
    if organ.shell:
        inner = _cover(flat * smallest / (smallest - organ.shell), smallest - organ.shell, points.edge)
        cover = cover * (1 - inner * np.float32(0.55))
    elif 0 < hounsfield < 300:
        value = hounsfield + texture(points.x, points.y, points.z, 20, 3) * 5
    picture.paint(cover, value, organ.uptake)


def _capsules(picture: Picture) -> None:
    points = picture.points
    for _name, start, end, radius, hounsfield, uptake in CAPSULES:
        low, high = min(start[2], end[2]) - radius, max(start[2], end[2]) + radius
        if not points.within(low, high):
            continue
        for side in (1, -1):
            ax, bx = start[0] * side, end[0] * side
            line = np.array([bx - ax, end[1] - start[1], end[2] - start[2]], dtype=np.float32)
            dx, dy, dz = points.x - ax, points.y - start[1], points.z - start[2]
            share = np.clip((dx * line[0] + dy * line[1] + dz * line[2]) / (line @ line), 0, 1)
            away = (dx - share * line[0]) ** 2 + (dy - share * line[1]) ** 2 + (dz - share * line[2]) ** 2
            picture.paint(_cover(np.sqrt(away) / np.float32(radius), radius, points.edge), hounsfield, uptake)


def _spine(picture: Picture) -> None:
    points = picture.points
    if not points.within(-345, 330):
        return
    ends = np.clip((330 - points.z) / np.float32(6), 0, 1) * np.clip((points.z + 250) / np.float32(6), 0, 1)
    y = points.y - _profile(points.z, SPINE, 1)
    size = np.clip(1.08 - (points.z + 150) * np.float32(0.0011), 0.55, 1.15)
    disc = np.clip((np.float32(0.13) - np.abs((points.z / 32) % 1 - np.float32(0.5))) * 20, 0, 1)

    def part(cx: float, cy: float, rx: float, ry: float) -> Field:
        distance = np.sqrt(((points.x - cx) / (rx * size)) ** 2 + ((y - cy * size) / (ry * size)) ** 2)
        cover: Field = _cover(distance, min(rx, ry) * size, points.edge) * ends
        return cover

    picture.paint(part(0, 30, 5, 15) * (1 - disc), 380, 1.0)
    picture.paint(part(0, 20, 36, 5) * (1 - disc), 340, 1.0)
    picture.paint(part(0, 20, 16, 14), 420, 1.0)
    picture.paint(part(0, 0, 21, 17), 520 - disc * 430, 1.2)
    picture.paint(part(0, 0, 18.5, 14.5), 210 - disc * 115, 1.4)
    picture.paint(part(0, 20, 9, 8), 28, 0.8)


def _jaws(picture: Picture) -> None:
    """Mandible as half a ring, and two rows of teeth along the same arch."""
    points = picture.points
    if not points.within(282, 340):
        return
    out = np.sqrt((points.x / np.float32(44)) ** 2 + ((points.y + 28) / np.float32(54)) ** 2)
    front = np.clip((6 - points.y) / np.float32(4), 0, 1)
    arch = _cover(np.abs(out - 1) / np.float32(0.13), 6, points.edge) * front
    lower = np.clip((np.float32(14) - np.abs(points.z - 296)) / np.float32(2), 0, 1)
    picture.paint(arch * lower, 780, 1.0)
    angle = np.arctan2(points.x / 44, -(points.y + 28) / 54)
    gap = np.clip(np.abs((angle * np.float32(5.6)) % 1 - np.float32(0.5)) * -12 + np.float32(5.4), 0, 1)
    rows = np.clip((np.float32(15) - np.abs(points.z - 316)) / np.float32(2), 0, 1)
    bite = np.clip((np.abs(points.z - 316) - np.float32(0.8)) / np.float32(1.2), 0, 1)
    teeth = _cover(np.abs(out - np.float32(0.99)) / np.float32(0.085), 4, points.edge)
    picture.paint(teeth * front * gap * rows * bite, 1900, 0.3)


def _mass(picture: Picture, mass: Mass) -> None:
    points = picture.points
    if not points.within(mass.z - mass.radii[2] - 4, mass.z + mass.radii[2] + 4):
        return
    rough = texture(points.x, points.y, points.z, 9, 40) * np.float32(0.07)
    x, y, z = (
        (axis - centre) / np.float32(radius)
        for axis, centre, radius in zip(points[:3], mass[:3], mass.radii, strict=True)
    )
    distance = np.sqrt(x * x + y * y + z * z) + rough
    smallest = min(mass.radii)
    picture.paint(_cover(distance, smallest, points.edge), mass.hounsfield, mass.uptake)
    if mass.cavity:
        hole = _cover(distance / np.float32(mass.cavity), smallest * mass.cavity, points.edge)
        picture.paint(hole, -930, mass.uptake / 4)
