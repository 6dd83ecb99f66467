"""Presentation states: how an image is to be shown, kept apart from it (PS3.3 A.33, PS3.4 N.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fhantom.dicom import Dataset
from fhantom.pixels import grayscale, overlays
from fhantom.pixels.bands import in_bands
from fhantom.pixels.geometry import Region
from fhantom.pixels.grayscale import Lut, Modality, Window
from fhantom.pixels.overlays import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    Array = NDArray[Any]

_REFERENCED_SERIES, _REFERENCED_IMAGES = 0x00081115, 0x00081140
_REFERENCED_SOP_INSTANCE_UID, _REFERENCED_FRAME_NUMBER = 0x00081155, 0x00081160
_SOFTCOPY_VOI_LUT, _PRESENTATION_LUT, _PRESENTATION_LUT_SHAPE = 0x00283110, 0x20500010, 0x20500020
_DISPLAYED_AREAS, _TOP_LEFT, _BOTTOM_RIGHT = 0x0070005A, 0x00700052, 0x00700053
_ACTIVATION_LAYER = 0x1001
_ROTATION, _HORIZONTAL_FLIP = 0x00700042, 0x00700041
_ORIGIN_INTERPRETATION = 0x00480301


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a state makes of the values of one frame, and of their places.

    The image's own modality transformation, window and photometric interpretation do not count (PS3.4 N.2.1.4).

    Attributes:
        voi: None shows all values that the modality transformation can make.
        lut: of the grey levels after all that.
        inverted: light and dark change places.
        area: the part of the image that is shown.
        flipped: left and right change places, after the rotation (PS3.3 C.10.6.1.1).
        rotation: clockwise, in degrees: 0, 90, 180 or 270.
        overlays: groups of the image's overlay planes that are shown (C.11.7).
        planes: those that the state itself holds.
    """

    modality: Modality = field(default_factory=Modality)
    voi: Window | Lut | None = None
    lut: Lut | None = None
    inverted: bool = False
    area: Region | None = None
    flipped: bool = False
    rotation: int = 0
    overlays: tuple[int, ...] = ()
    planes: tuple[Plane, ...] = ()

    def grey(self, stored: Array, bits: int, window: Window | None) -> Array:
        """Grey levels of stored values.

        Args:
            bits: of a stored value.
            window: one that is to be taken instead of the state's.
        """
        chosen = window or self.voi
        if chosen is not None:
            levels = grayscale.shaded(stored, self.modality, chosen)
        elif stored.dtype.kind == "f":
            levels = grayscale.spread(stored, self.modality.apply)
        else:
            low, high = self.modality.span(bits, stored.dtype.kind == "i")
            levels = in_bands(stored, lambda band: grayscale.spread_over(self.modality.apply(band), low, high))
        if self.lut is not None:
            levels = in_bands(levels, self.lut.of_grey)
        return 255 - levels if self.inverted else levels

    def turned(self, image: Image) -> Image:
        """The image rotated and mirrored."""
        from PIL import Image as Images

        if self.rotation:
            image = image.rotate(-self.rotation, expand=True)
        return image.transpose(Images.Transpose.FLIP_LEFT_RIGHT) if self.flipped else image


@dataclass(frozen=True, slots=True)
class PresentationState:
    """A presentation state.

    Attributes:
        images: the images that it is for, and of each the first frame.
    """

    dataset: Dataset
    images: tuple[tuple[str, int], ...]

    def is_for(self, sop_instance_uid: str) -> bool:
        """Whether it is for that image."""
        return any(uid == sop_instance_uid for uid, _ in self.images)

    def arrangement(self, sop_instance_uid: str, frame: int, max_bytes: int) -> Arrangement:
        """What it makes of a frame (from 1) of an image.

        Raises:
            UnreadablePixels, ImageTooLarge: a table or an overlay in it is not in order.
        """
        dataset = self.dataset
        modality = grayscale.modality_in(dataset) or Modality()
        shown = next(_scoped(dataset, _SOFTCOPY_VOI_LUT, sop_instance_uid, frame), None)
        area = next(_scoped(dataset, _DISPLAYED_AREAS, sop_instance_uid, frame), None)
        active = [group for group in overlays.GROUPS if dataset.text(group << 16 | _ACTIVATION_LAYER)]
        own = [group for group in active if overlays.has_plane(dataset, group)]
        planes = (overlays.plane_of(dataset, group, frame, max_bytes) for group in own)
        rotation = dataset.integer(_ROTATION, 0) or 0
        return Arrangement(
            modality=modality,
            voi=grayscale.window_of(shown, signed=modality.intercept < 0) if shown is not None else None,
            lut=next((grayscale.lut_of(item) for item in dataset.items_of(_PRESENTATION_LUT)), None),
            inverted=dataset.text(_PRESENTATION_LUT_SHAPE) == "INVERSE",
            area=_area(area) if area is not None else None,
            flipped=dataset.text(_HORIZONTAL_FLIP) == "Y",
            rotation=rotation % 360 if rotation % 90 == 0 else 0,
            overlays=tuple(group for group in active if group not in own),
            planes=tuple(plane for plane in planes if plane is not None),
        )


def state_of(dataset: Dataset) -> PresentationState | None:
    """The state that a data set describes; None if it names no image."""
    images = [
        (image.text(_REFERENCED_SOP_INSTANCE_UID), image.integer(_REFERENCED_FRAME_NUMBER, 1) or 1)
        for series in dataset.items_of(_REFERENCED_SERIES)
        for image in series.items_of(_REFERENCED_IMAGES)
    ]
    named = tuple((uid, frame) for uid, frame in images if uid)
    return PresentationState(dataset, named) if named else None


def _scoped(dataset: Dataset, sequence: int, sop_instance_uid: str, frame: int) -> Iterator[Dataset]:
    """The items of a sequence that are for a frame: they name it or its image, or nothing and so all of them."""
    for item in dataset.items_of(sequence):
        images = item.items_of(_REFERENCED_IMAGES)
        for image in images:
            frames = image.numbers(_REFERENCED_FRAME_NUMBER)
            if image.text(_REFERENCED_SOP_INSTANCE_UID) == sop_instance_uid and (not frames or frame in frames):
                yield item
        if not images:
            yield item


def _area(item: Dataset) -> Region | None:
    """What lies between two corners, columns and rows from 1, which a rotation may have named the other way round."""
    corners = [item.numbers(tag) for tag in (_TOP_LEFT, _BOTTOM_RIGHT)]
    if any(len(corner) != 2 for corner in corners) or item.text(_ORIGIN_INTERPRETATION) == "VOLUME":
        return None
    (left, right), (top, bottom) = (sorted(map(int, ends)) for ends in zip(*corners, strict=True))
    left, top = max(left, 1), max(top, 1)
    return Region(left - 1, top - 1, max(right - left + 1, 0), max(bottom - top + 1, 0))
