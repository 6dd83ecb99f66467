"""The organs of the phantom that are outlined for planning, as cuts and as masks over the CT series."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed.drawing.anatomy import ORGANS
from fhantom_seed.making.base import codes, item
from fhantom_seed.making.planes import Stack, masses, plane
from fhantom_seed.plan import PlannedInstance, PlannedStudy

# The SeriesNumber of the CT that is outlined
CT_SERIES = 2
CATEGORY_ORGAN = codes("123037004", "SCT", "Anatomical Structure")
CATEGORY_LESION = codes("49755003", "SCT", "Morphologically Abnormal Structure")
Ellipse = tuple[float, float, float, float]
Body = tuple[float, float, float, float, float, float]


class Structure(NamedTuple):
    """A region of interest: the ellipsoids that it is made of, its codes, colours, and role in planning."""

    name: str
    bodies: tuple[Body, ...]
    category: Sequence
    kind: Sequence
    cielab: tuple[int, int, int]
    rgb: tuple[int, int, int]
    role: str


def structures(study: PlannedStudy) -> tuple[Structure, ...]:
    """Liver, both kidneys and the treatment target, as the phantom draws them."""
    organs: dict[str, Body] = {organ.name: (*organ[1:4], *organ[4:7]) for organ in ORGANS}
    kidney = organs["kidney"]
    target = masses(study)[0]
    return (
        Structure(
            "Liver",
            (organs["liver"], organs["left lobe of liver"]),
            CATEGORY_ORGAN,
            codes("10200004", "SCT", "Liver"),
            (38000, 43000, 45000),
            (190, 110, 70),
            "ORGAN",
        ),
        Structure(
            "Kidneys",
            (kidney, (-kidney[0], *kidney[1:])),
            CATEGORY_ORGAN,
            codes("64033007", "SCT", "Kidney"),
            (42000, 24000, 36000),
            (90, 180, 90),
            "ORGAN",
        ),
        Structure(
            "Target",
            ((*target[:3], *target.radii),),
            CATEGORY_LESION,
            codes("4147007", "SCT", "Mass"),
            (34000, 56000, 48000),
            (240, 50, 40),
            "GTV",
        ),
    )


def ellipses(structure: Structure, height: float) -> list[Ellipse]:
    """Centre and radii of the cuts through a structure at one height."""
    cuts = []
    for x, y, z, radius_x, radius_y, radius_z in structure.bodies:
        share = 1 - ((height - z) / radius_z) ** 2
        if share > 0.02:
            cuts.append((x, y, radius_x * math.sqrt(share), radius_y * math.sqrt(share)))
    return cuts


def mask(stack: Stack, structure: Structure, height: float) -> NDArray[np.uint8]:
    """1 inside the structure, 0 outside, on the pixels of the CT image at one height."""
    points, _ = plane(stack, height, 1)
    inside = np.zeros((stack.matrix, stack.matrix), dtype=bool)
    for x, y, radius_x, radius_y in ellipses(structure, height):
        inside |= ((points.x - x) / radius_x) ** 2 + ((points.y - y) / radius_y) ** 2 <= 1
    return inside.astype(np.uint8)


def reference(instance: PlannedInstance) -> Dataset:
    """An item that names one image by class and instance (PS3.3 10.8)."""
    return item(ReferencedSOPClassUID=instance.sop_class_uid, ReferencedSOPInstanceUID=instance.uid)
