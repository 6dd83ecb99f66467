"""Pictures in a colour space that the client names."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from fhantom.pixels.colour_spaces import ADOBE_RGB, ROMM_RGB, Space, profile_of
from fhantom.pixels.profiles import IccProfile
from fhantom.pixels.rendering import Rendering, render
from pixels.pixel_samples import colours, file_of

SPACES = [("adobergb", ADOBE_RGB), ("rommrgb", ROMM_RGB)]


@pytest.mark.parametrize("space", [ADOBE_RGB, ROMM_RGB], ids=lambda space: space.name)
def test_white_is_white_and_the_name_is_told(space: Space) -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_of(space)))
    assert ImageCms.getProfileName(profile).strip() == space.name
    white = Image.new("RGB", (1, 1), "white")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    assert ImageCms.profileToProfile(white, srgb, profile).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(("name", "space"), SPACES)
def test_a_picture_keeps_its_colours_in_another_space(name: IccProfile, space: Space) -> None:
    file = file_of(colours())
    plain, made = (
        Image.open(io.BytesIO(render(file, 1, Rendering("image/png", icc_profile=one)))) for one in ("no", name)
    )
    assert made.info["icc_profile"] == profile_of(space)
    assert not np.array_equal(np.asarray(made), np.asarray(plain))
    back = ImageCms.profileToProfile(
        made, ImageCms.ImageCmsProfile(io.BytesIO(profile_of(space))), ImageCms.createProfile("sRGB")
    )
    assert np.abs(np.asarray(back).astype(int) - np.asarray(plain)).mean() < 3


def test_what_srgb_shows_as_red_is_less_than_full_in_adobe_rgb() -> None:
    red = np.zeros((2, 2, 3), "u1")
    red[..., 0] = 255
    shown = Image.open(io.BytesIO(render(file_of(red), 1, Rendering("image/png", icc_profile="adobergb"))))
    assert np.abs(np.asarray(shown)[0, 0].astype(int) - (219, 0, 0)).max() <= 1  # the well-known value
