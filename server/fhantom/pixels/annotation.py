"""What is burned into a picture: who, how, and the overlays of the image (PS3.18 8.3.5.1.1, 9.1.2.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fhantom.dicom import Dataset

if TYPE_CHECKING:
    from PIL.Image import Image

# What each kind of annotation tells, a line a row; the tags of a line are joined.
_LINES: dict[str, tuple[tuple[int, ...], ...]] = {
    "patient": ((0x00100010,), (0x00100020,), (0x00100030, 0x00100040, 0x00101010)),
    "technique": (
        (0x00080060, 0x0008103E),
        (0x00080020, 0x00080030),
        (0x00080070, 0x00081090),
        (0x00180060, 0x00181151, 0x00180050, 0x00180080, 0x00180081),
    ),
}
OVERLAY = "overlay"
"""A keyword of our own, which the standard allows, for the planes of PS3.3 C.9.2; they are drawn, not written."""

KINDS = (*_LINES, OVERLAY)

_INK, _OUTLINE = 255, 0
_SMALLEST = 8


def parse(text: str) -> tuple[str, ...]:
    """The kinds that a parameter names; what is no kind has no effect."""
    return tuple(kind for kind in KINDS if kind in text.split(","))


def lines(dataset: Dataset, kinds: tuple[str, ...]) -> list[str]:
    """The texts for these kinds, without those that the data set says nothing of."""
    found = []
    for kind in kinds:
        for tags in _LINES.get(kind, ()):
            texts = (dataset.text(tag).replace("^", " ").strip() for tag in tags)
            found.append("  ".join(filter(None, texts)))
    return [line for line in found if line]


def burn(image: Image, texts: list[str]) -> Image:
    """The picture with the texts in its upper left corner, readable on light and dark."""
    from PIL import ImageDraw

    annotated = image.copy()
    pen = ImageDraw.Draw(annotated)
    size = max(image.height // 32, _SMALLEST)
    ink, outline = (_INK, _OUTLINE) if image.mode == "L" else ((_INK,) * 3, (_OUTLINE,) * 3)
    for number, text in enumerate(texts):
        # The font of Pillow has no glyphs beyond Latin; what it lacks is a box, not an error.
        pen.text((4, 2 + number * (size + 3)), text, ink, font_size=size, stroke_width=1, stroke_fill=outline)
    return annotated
