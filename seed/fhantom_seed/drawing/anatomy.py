"""The body phantom as tables: where each organ lies, how large it is, how bright on CT and PET.

Sizes are rough textbook values for an adult; nobody's anatomy was used.
"""

from __future__ import annotations

from typing import NamedTuple


class Organ(NamedTuple):
    """An ellipsoid, an upright column (radius_z is then half its length) or the shell of an ellipsoid.

    `contrast` is the Hounsfield value after contrast, `uptake` the SUV; `shell` is the thickness of the
    wall, 0 for a full body. `mirrored` draws it on the right side too.
    """

    name: str
    x: float
    y: float
    z: float
    radius_x: float
    radius_y: float
    radius_z: float
    hounsfield: float
    contrast: float
    uptake: float
    column: bool = False
    shell: float = 0
    mirrored: bool = False


class Capsule(NamedTuple):
    """A long thin part between two points (x, y, z), with round ends; drawn on both sides."""

    name: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    hounsfield: float
    uptake: float


# z, half width, half depth of the skin outline
TRUNK: tuple[tuple[float, float, float], ...] = (
    (-460, 165, 105),
    (-400, 172, 110),
    (-320, 178, 115),
    (-240, 165, 112),
    (-160, 152, 110),
    (-80, 156, 112),
    (0, 162, 115),
    (60, 166, 118),
    (120, 176, 115),
    (170, 200, 110),
    (205, 190, 95),
    (225, 140, 82),
    (245, 78, 66),
    (270, 62, 64),
    (290, 62, 78),
    (320, 68, 88),
    (360, 74, 95),
    (400, 77, 98),
    (440, 70, 88),
    (465, 46, 56),
    (480, 6, 8),
)

# z, half width, half depth of the thoracic cavity
CAGE: tuple[tuple[float, float, float], ...] = (
    (-120, 126, 86),
    (-60, 134, 91),
    (0, 137, 93),
    (50, 134, 92),
    (100, 128, 88),
    (150, 115, 78),
    (180, 95, 65),
    (205, 62, 48),
    (215, 30, 30),
)

# z, y of the spine's centre
SPINE: tuple[tuple[float, float], ...] = (
    (-340, 72),
    (-250, 46),
    (-150, 48),
    (0, 62),
    (100, 66),
    (200, 50),
    (250, 26),
    (290, 22),
    (330, 18),
)

ORGANS: tuple[Organ, ...] = (
    Organ("scapula", 118, 72, 150, 50, 9, 62, 420, 420, 1.0, shell=5, mirrored=True),
    Organ("humeral head", 168, 2, 196, 22, 22, 24, 380, 380, 1.0, mirrored=True),
    Organ("pericardium", 24, -36, 16, 64, 53, 66, -40, -40, 0.6),
    Organ("heart", 25, -35, 15, 60, 49, 63, 48, 125, 3.2),
    Organ("left ventricle", 40, -30, 8, 27, 22, 38, 42, 185, 1.8),
    Organ("right ventricle", 5, -55, 8, 26, 18, 34, 42, 170, 1.6),
    Organ("left atrium", 12, 2, 40, 30, 16, 20, 42, 180, 1.6),
    Organ("pulmonary trunk", 20, -30, 72, 15, 16, 28, 42, 190, 1.5),
    Organ("pulmonary arteries", 2, -6, 70, 52, 9, 10, 42, 190, 1.5),
    Organ("ascending aorta", -14, -26, 68, 16, 16, 40, 42, 185, 1.6, column=True),
    Organ("aortic arch", 6, -2, 112, 17, 40, 13, 42, 185, 1.6),
    Organ("descending aorta", 24, 34, -30, 12, 12, 140, 42, 185, 1.6, column=True),
    Organ("superior vena cava", -32, -14, 100, 9, 9, 60, 42, 230, 1.6, column=True),
    Organ("inferior vena cava", -22, 28, -90, 12, 10, 110, 42, 130, 1.6, column=True),
    Organ("oesophagus", 7, 22, 110, 6, 6, 140, 35, 45, 1.4, column=True),
    Organ("trachea", 0, 2, 168, 9, 9, 88, -1000, -1000, 0.2, column=True),
    Organ("sternum", 0, -90, 90, 17, 6, 72, 280, 280, 1.0),
    Organ("diaphragm", -62, -6, -42, 92, 84, 74, 50, 60, 1.0),
    Organ("liver", -62, -8, -46, 86, 79, 70, 58, 112, 2.3),
    Organ("left lobe of liver", 14, -48, -32, 58, 36, 36, 58, 112, 2.3),
    Organ("spleen", 92, 38, -38, 30, 42, 46, 50, 122, 1.9),
    Organ("stomach", 58, -34, -52, 46, 38, 42, 25, 35, 1.5),
    Organ("stomach gas", 58, -60, -48, 28, 10, 26, -960, -960, 0.2),
    Organ("gallbladder", -50, -52, -88, 16, 16, 24, 8, 8, 0.5),
    Organ("pancreas", 18, -2, -98, 55, 11, 13, 40, 95, 1.5),
    Organ("kidney", 64, 44, -128, 26, 24, 54, 32, 182, 4.5, mirrored=True),
    Organ("renal sinus", 52, 40, -128, 9, 9, 24, -30, 60, 7.0, mirrored=True),
    Organ("transverse colon", 0, -76, -132, 96, 18, 18, 15, 20, 1.2),
    Organ("transverse colon gas", 14, -80, -130, 60, 11, 12, -900, -900, 0.2),
    Organ("ascending colon", -106, -4, -190, 22, 22, 72, 20, 25, 1.3),
    Organ("descending colon", 108, 6, -190, 18, 20, 80, 20, 25, 1.3),
    Organ("ascending colon gas", -106, -12, -180, 12, 10, 40, -900, -900, 0.2),
    Organ("jejunum", 42, -44, -178, 38, 22, 26, 30, 70, 1.6),
    Organ("ileum", -36, -46, -222, 40, 24, 26, 30, 70, 1.6),
    Organ("small bowel", 20, -42, -250, 36, 22, 22, 30, 70, 1.6),
    Organ("small bowel gas", -30, -56, -226, 18, 7, 12, -880, -880, 0.2),
    Organ("bladder", 0, -30, -325, 44, 36, 30, 6, 10, 14.0),
    Organ("prostate", 0, 0, -366, 23, 18, 18, 42, 60, 1.8),
    Organ("rectum", 0, 48, -340, 18, 18, 50, 10, 15, 1.2),
    Organ("iliac wing", 84, 22, -262, 48, 62, 70, 420, 420, 1.0, shell=8, mirrored=True),
    Organ("sacrum", 0, 66, -290, 46, 19, 56, 260, 260, 1.0),
    Organ("femoral head", 94, 2, -352, 24, 24, 24, 420, 420, 1.0, mirrored=True),
    Organ("thyroid", 17, -14, 228, 9, 10, 22, 95, 170, 1.6, mirrored=True),
    Organ("carotid artery", 25, 0, 272, 4, 4, 55, 42, 210, 1.6, column=True, mirrored=True),
    Organ("jugular vein", 34, 2, 272, 7, 6, 55, 42, 180, 1.6, column=True, mirrored=True),
    Organ("sternomastoid", 44, -4, 270, 9, 14, 40, 60, 72, 0.8, column=True, mirrored=True),
    Organ("hyoid", 0, -36, 276, 22, 10, 4, 420, 420, 1.0, shell=3),
    Organ("tongue", 0, -48, 312, 27, 34, 20, 58, 78, 1.8),
    Organ("soft palate", 0, -10, 330, 16, 14, 8, 50, 70, 1.6),
    Organ("pharynx", 0, -4, 292, 13, 7, 46, -990, -990, 0.2),
    Organ("parotid", 50, -4, 322, 12, 18, 24, -20, 20, 2.0, mirrored=True),
    Organ("skull", 0, 0, 396, 72, 92, 80, 1100, 1100, 1.0),
    Organ("brain", 0, 0, 398, 66, 86, 74, 36, 42, 8.5),
    Organ("ventricle", 12, 6, 404, 7, 27, 13, 6, 6, 1.0, mirrored=True),
    Organ("cerebellum", 0, 52, 352, 42, 26, 24, 36, 42, 7.0),
    Organ("maxilla", 0, -62, 340, 36, 22, 26, 420, 420, 1.0),
    Organ("maxillary sinus", 22, -60, 348, 14, 14, 16, -990, -990, 0.2, mirrored=True),
    Organ("nasal cavity", 0, -66, 346, 6, 20, 22, -940, -940, 0.2),
    Organ("orbit", 33, -72, 374, 15, 15, 14, 10, 14, 1.0, mirrored=True),
)

CAPSULES: tuple[Capsule, ...] = (
    Capsule("clavicle", (16, -62, 198), (150, -8, 212), 7, 520, 1.0),
    Capsule("main bronchus", (0, 2, 82), (46, 12, 44), 6, -1000, 0.2),
    Capsule("hilar artery", (34, -4, 66), (66, 2, 30), 7, 60, 1.4),
    Capsule("lower lobe artery", (58, 6, 40), (74, 36, -10), 4, 50, 1.2),
    Capsule("upper lobe artery", (40, -4, 78), (66, -18, 150), 4, 50, 1.2),
    Capsule("femur", (98, 4, -360), (116, 0, -470), 15, 700, 1.0),
    Capsule("ramus of mandible", (50, -12, 300), (54, 6, 352), 6, 800, 1.0),
)
