"""Presentation states: how an image is to be shown, kept apart from it (PS3.3 A.33, C.11.6, C.11.8, C.10.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fhantom.dicom import Dataset
from fhantom.pixels import overlays
from fhantom.pixels.grayscale import Lut, Window, window_of

if TYPE_CHECKING:
    from PIL.Image import Image

_REFERENCED_SERIES, _REFERENCED_IMAGES = 0x00081115, 0x00081140
_REFERENCED_SOP_INSTANCE_UID, _REFERENCED_FRAME_NUMBER = 0x00081155, 0x00081160
_SOFTCOPY_VOI_LUT, _PRESENTATION_LUT_SHAPE = 0x00283110, 0x20500020
_ACTIVATION_LAYER = 0x1001
_ROTATION, _HORIZONTAL_FLIP = 0x00700042, 0x00700041


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is done to the grey levels and their places.

    Attributes:
        inverted: light and dark change places.
        flipped: left and right change places, after the rotation (C.10.6.1.1).
        rotation: clockwise, in degrees: 0, 90, 180 or 270.
        overlays: groups of the image's overlay planes that are shown (C.11.7).
    """

    inverted: bool = False
    flipped: bool = False
    rotation: int = 0
    overlays: tuple[int, ...] = ()

    def apply(self, image: Image) -> Image:
        """The image so arranged."""
        from PIL import Image as Images
        from PIL import ImageOps

        if self.inverted:
            image = ImageOps.invert(image)
        if self.rotation:
            image = image.rotate(-self.rotation, expand=True)
        return image.transpose(Images.Transpose.FLIP_LEFT_RIGHT) if self.flipped else image


@dataclass(frozen=True, slots=True)
class PresentationState:
    """The first image that a state is for, and how that is shown."""

    sop_instance_uid: str
    frame: int
    window: Window | None
    arrangement: Arrangement


def state_of(dataset: Dataset) -> PresentationState | None:
    """The state that a data set describes; None if it names no image."""
    series = dataset.items_of(_REFERENCED_SERIES)[:1]
    images = [image for one in series for image in one.items_of(_REFERENCED_IMAGES)[:1]]
    if not images or not images[0].text(_REFERENCED_SOP_INSTANCE_UID):
        return None
    shown = next((window_of(item) for item in dataset.items_of(_SOFTCOPY_VOI_LUT)), None)
    rotation = dataset.integer(_ROTATION, 0) or 0
    return PresentationState(
        sop_instance_uid=images[0].text(_REFERENCED_SOP_INSTANCE_UID),
        frame=images[0].integer(_REFERENCED_FRAME_NUMBER, 1) or 1,
        window=None if isinstance(shown, Lut) else shown,
        arrangement=Arrangement(
            inverted=dataset.text(_PRESENTATION_LUT_SHAPE) == "INVERSE",
            flipped=dataset.text(_HORIZONTAL_FLIP) == "Y",
            rotation=rotation % 360 if rotation % 90 == 0 else 0,
            overlays=tuple(group for group in overlays.GROUPS if dataset.text(group << 16 | _ACTIVATION_LAYER)),
        ),
    )
