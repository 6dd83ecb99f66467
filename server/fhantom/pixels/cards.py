"""Small cards for objects that are no images, so that a list of thumbnails has no holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_SIZE = 128
_PAPER, _EDGE, _INK = (245, 245, 245), (150, 150, 150), (60, 60, 60)


def draw(text: str) -> Image:
    """A sheet of paper with a short text in its middle."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_SIZE, _SIZE), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((16, 4, _SIZE - 16, _SIZE - 4), outline=_EDGE, width=2)
    pen.text((_SIZE // 2, _SIZE // 2), text[:12], _INK, anchor="mm", font_size=22)
    return image
