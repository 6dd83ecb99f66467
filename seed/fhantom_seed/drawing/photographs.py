"""Pictures in colour: skin under a dermatoscope, the back of the eye, a mouth. RGB as floats 0..255."""

from __future__ import annotations

import numpy as np

from fhantom_seed.drawing.noise import Field, plane, texture

Colour = tuple[float, float, float]


def blend(image: Field, cover: Field, colour: Colour) -> None:
    """Lay `colour` over the picture where `cover` says how much."""
    for channel, value in enumerate(colour):
        image[..., channel] += (value - image[..., channel]) * cover


def skin_lesion(rows: int, columns: int, salt: int, *, malignant: bool) -> Field:
    """Light skin with fine lines and a pigmented lesion; ragged and of many colours if it is malignant."""
    x, y, z = plane(rows, columns)
    image = np.empty((rows, columns, 3), dtype=np.float32)
    base = texture(x, y, z, 90, salt) * 9 + texture(x, y, z, 7, salt + 1) * 5
    for channel, value in enumerate((219.0, 172.0, 152.0)):
        image[..., channel] = value + base
    u = (x - columns * np.float32(0.5)) / np.float32(rows * (0.24 + 0.02 * (salt % 5)))
    v = (y - rows * np.float32(0.5)) / np.float32(rows * (0.22 + 0.03 * (salt % 3)))
    ragged = np.float32(0.34 if malignant else 0.10)
    radius = np.sqrt(u * u + v * v) + texture(x, y, z, 55, salt + 2) * ragged
    inside = np.clip((1 - radius) * 7, 0, 1)
    blend(image, inside, (150, 98, 70))
    spots = np.clip(texture(x, y, z, 34, salt + 3) * 2.2 + (0.5 if malignant else 0.1), 0, 1)
    blend(image, inside * spots * np.float32(0.85), (74, 44, 36) if malignant else (112, 66, 44))
    if malignant:
        veil = np.clip(texture(x, y, z, 60, salt + 4) * 2 - np.float32(0.3), 0, 1)
        blend(image, inside * veil * np.float32(0.7), (96, 98, 116))
    net = np.clip(1 - np.abs(texture(x, y, z, 13, salt + 6)) * 7, 0, 1)
    blend(image, inside * net * np.float32(0.35), (70, 42, 30))
    _hairs(image, x, y, salt)
    corner = np.sqrt(((x / columns - 0.5) ** 2 + (y / rows - 0.5) ** 2) * 2)
    image *= (1 - np.clip(corner - np.float32(0.55), 0, 1) * np.float32(0.9))[..., None]
    return image


def _hairs(image: Field, x: Field, y: Field, salt: int) -> None:
    rows, columns = x.shape
    for number in range(3):
        start = columns * (0.15 + 0.27 * ((number * 5 + salt) % 4))
        lean = 0.5 - 0.35 * ((number + salt) % 4)
        curve = start + lean * y + ((y - rows * 0.5) ** 2) * 0.0006 * (1 - 2 * (number % 2))
        blend(image, np.clip(1.5 - np.abs(x - curve), 0, 1) * np.float32(0.75), (58, 42, 36))


def fundus(size: int, *, left_eye: bool, infrared: bool = False) -> Field:
    """The back of an eye: disc on the nasal side, macula, arteries and veins that branch."""
    x, y, z = plane(size, size)
    u, v = (x / size - np.float32(0.5)) * 2, (y / size - np.float32(0.5)) * 2
    if left_eye:
        u = -u
    image = np.zeros((size, size, 3), dtype=np.float32)
    round_field = np.clip((np.float32(0.94) - np.sqrt(u * u + v * v)) * 40, 0, 1)
    glow = 1 - (u * u + v * v) * np.float32(0.38) + texture(x, y, z, 40, 11) * np.float32(0.06)
    for channel, value in enumerate((206.0, 98.0, 46.0)):
        image[..., channel] = value * glow
    macula = np.exp(-((u + 0.05) ** 2 + v * v) * 38).astype(np.float32)
    blend(image, macula * np.float32(0.55), (112, 42, 20))
    disc = (u - np.float32(0.50)) ** 2 / np.float32(0.013) + v * v / np.float32(0.017)
    _vessels(image, u, v)
    blend(image, np.clip((1 - disc) * 4, 0, 1) * np.float32(0.8), (250, 208, 150))
    blend(image, np.clip((np.float32(0.25) - disc) * 8, 0, 1) * np.float32(0.9), (255, 238, 205))
    image *= round_field[..., None]
    if infrared:
        grey = image[..., 0] * np.float32(0.35) + image[..., 1] * np.float32(0.65)
        return (grey * np.float32(1.5)).astype(np.float32)
    return image


def _vessels(image: Field, u: Field, v: Field) -> None:
    """Four arcades from the disc, each an artery and a vein, with side branches."""
    for up in (1, -1):
        for towards, bow in ((-1, 0.62), (1, 0.40)):
            reach = (u - np.float32(0.50)) * towards
            arch = up * (np.sqrt(np.clip(reach, 0, None) + 0.0004) * bow - reach * reach * np.float32(0.22))
            for shift, width, colour in ((0.0, 0.017, (128, 24, 22)), (0.045, 0.012, (168, 46, 34))):
                taper = width * (1 - np.clip(reach, 0, 1.4) * np.float32(0.5))
                wave = np.sin(u * 13 + shift * 40) * np.float32(0.012)
                line = np.abs(v - arch - wave - up * shift)
                shown = np.clip((taper - line) / np.float32(0.006), 0, 1) * (reach > -0.005)
                blend(image, shown * np.float32(0.85), colour)
                for branch in (0.25, 0.5, 0.8):
                    side = reach - branch
                    twig = up * (np.sqrt(np.float32(branch)) * bow - branch * branch * 0.22 + side * 0.9)
                    near = np.abs(v - twig - up * shift - np.sin(side * 17) * 0.02)
                    fine = np.clip((taper * 0.5 - near) / np.float32(0.006), 0, 1) * (side > 0) * (side < 0.45)
                    blend(image, fine * np.float32(0.7), colour)


def mouth(rows: int, columns: int, turn: float) -> Field:
    """Lower teeth between gum and lip; `turn` (0..1) moves the mirror along the arch."""
    x, y, z = plane(rows, columns)
    u = (x / columns - np.float32(0.5)) * 2 + np.float32((turn - 0.5) * 0.8)
    v = (y / rows - np.float32(0.5)) * 2
    image = np.empty((rows, columns, 3), dtype=np.float32)
    wet = texture(x + turn * 40, y, z, 26, 31) * 10
    for channel, value in enumerate((176.0, 86.0, 88.0)):
        image[..., channel] = value + wet - v * 22
    arch = v - u * u * np.float32(0.30) + np.float32(0.05)
    tooth = np.abs((u * np.float32(4.2)) % 1 - np.float32(0.5)) * 2
    crown = (np.abs(arch) / np.float32(0.42)) ** 4 + (tooth / np.float32(0.93)) ** 6
    blend(image, np.clip((1 - crown) * 5, 0, 1), (236, 226, 202))
    gloss = np.clip(1 - np.abs(arch + np.float32(0.16)) * 9, 0, 1) * np.clip(1 - tooth * 2.2, 0, 1)
    blend(image, gloss * np.clip(1 - crown, 0, 1), (255, 255, 250))
    blend(image, np.clip(np.abs(v) * 6 - 5, 0, 1) * np.float32(0.6), (96, 34, 40))
    return image
