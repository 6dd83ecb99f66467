"""Which part of an image is shown, and how large (PS3.18 8.3.5.1.3, 9.1.2.2.4 to 9.1.2.2.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fhantom.errors import BadRequest

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    Array = NDArray[Any]

MAX_SIDE = 16384
MAX_PIXELS = 1 << 26


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the source image in pixels; a negative width or height mirrors it."""

    left: int = 0
    top: int = 0
    width: int | None = None
    height: int | None = None

    def cut(self, samples: Array) -> Array:
        """That part of the samples; none of them if it lies outside of the image."""
        rows, columns = samples.shape[:2]
        width = max(columns - self.left, 0) if self.width is None else self.width
        height = max(rows - self.top, 0) if self.height is None else self.height
        part = samples[self.top : self.top + abs(height), self.left : self.left + abs(width)]
        part = part[::-1] if height < 0 else part
        return part[:, ::-1] if width < 0 else part


@dataclass(frozen=True, slots=True)
class Viewport:
    """The size of the image that is made.

    Attributes:
        columns, rows: None leaves that side to the source if it is padded, else to the aspect.
        padded: the image has exactly that size, its content centred on black; else it has the content's size.
    """

    columns: int | None = None
    rows: int | None = None
    padded: bool = True

    def __post_init__(self) -> None:
        for side in (self.columns, self.rows):
            if side is not None and not 0 < side <= MAX_SIDE:
                raise BadRequest(f"a side of the viewport must be 1 to {MAX_SIDE} pixels")
        if (self.columns or 1) * (self.rows or 1) > MAX_PIXELS:
            raise BadRequest(f"the viewport must have at most {MAX_PIXELS} pixels")

    def over(self, columns: int, rows: int) -> Viewport:
        """It with the sides that it leaves to a source of that size (PS3.18 8.3.5.1.3)."""
        return replace(self, columns=self.columns or columns, rows=self.rows or rows) if self.padded else self

    def fit(self, image: Image) -> Image:
        """The image at its largest size within the viewport, its aspect kept."""
        from PIL import Image as Images

        wide, high = image.size
        if self.columns is None and self.rows is None:
            return image
        columns = self.columns if self.columns is not None else (self.rows or high) * MAX_SIDE
        rows = self.rows if self.rows is not None else (self.columns or wide) * MAX_SIDE
        ratio = min(columns / wide, rows / high)
        size = (max(round(wide * ratio), 1), max(round(high * ratio), 1))
        if size[0] * size[1] > MAX_PIXELS:
            raise BadRequest(f"the image would have more than {MAX_PIXELS} pixels")
        scaled = _nearest(image, size) if size != image.size else image
        if not self.padded or None in (self.columns, self.rows) or scaled.size == (columns, rows):
            return scaled
        canvas = Images.new(image.mode, (columns, rows))
        canvas.paste(scaled, ((columns - size[0]) // 2, (rows - size[1]) // 2))
        return canvas


def _nearest(image: Image, size: tuple[int, int]) -> Image:
    """The image in another size, of its own samples as Orthanc picks them: no grey level is made up.

    In whole numbers, since Pillow's rounding takes the sample before where a centre falls between two of them.
    """
    import numpy as np
    from PIL import Image as Images

    columns, rows = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, image.size, strict=True))
    return Images.fromarray(np.ascontiguousarray(np.asarray(image)[rows][:, columns]))
