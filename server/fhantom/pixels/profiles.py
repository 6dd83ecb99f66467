"""ICC profiles of colour pictures (PS3.18 8.3.5.1.5, PS3.3 C.11.15)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

from fhantom.dicom import Dataset
from fhantom.pixels.colour_spaces import ADOBE_RGB, ROMM_RGB, Space, profile_of
from fhantom.pixels.errors import UnreadablePixels

if TYPE_CHECKING:
    from PIL.Image import Image

IccProfile = Literal["no", "yes", "srgb", "adobergb", "rommrgb"]

_SPACES: dict[str, Space] = {"adobergb": ADOBE_RGB, "rommrgb": ROMM_RGB}
_ICC_PROFILE, _OPTICAL_PATHS = 0x00282000, 0x00480105


def stored(dataset: Dataset) -> bytes:
    """The profile of an image, or of its first optical path; empty if it has none."""
    for holder in (dataset, *dataset.items_of(_OPTICAL_PATHS)[:1]):
        if profile := bytes(holder.raw(_ICC_PROFILE)):
            return profile
    return b""


def apply(image: Image, dataset: Dataset, wanted: IccProfile) -> tuple[Image, bytes]:
    """A colour picture in the space that is wanted, and the profile to be embedded in it.

    A picture without a profile of its own is taken for sRGB.

    Raises:
        UnreadablePixels: the image's profile is broken.
    """
    from PIL import ImageCms

    if wanted == "no" or image.mode != "RGB":
        return image, b""
    own = stored(dataset)
    if wanted == "yes" and own:
        return image, own
    srgb: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    target = profile_of(_SPACES[wanted]) if wanted in _SPACES else srgb
    if (own or srgb) != target:
        try:
            source, destination = (ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (own or srgb, target))
            image = ImageCms.profileToProfile(image, source, destination) or image
        except (OSError, ImageCms.PyCMSError) as error:
            raise UnreadablePixels(f"the ICC profile cannot be used: {error}") from error
    return image, target
