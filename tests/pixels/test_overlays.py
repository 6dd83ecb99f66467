"""Overlay planes are drawn where they are asked for, and nowhere else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from fhantom import dicom
from fhantom.dicom import DicomFile
from fhantom.pixels.errors import ImageTooLarge, UnreadablePixels
from fhantom.pixels.geometry import Region
from fhantom.pixels.presentation import Arrangement
from fhantom.pixels.rendering import Rendering, render
from pixels.pixel_samples import file_of

GREY = np.arange(100, dtype="u1").reshape(10, 10)
PLANE = np.eye(10, dtype="u1")
ASKED = Rendering("image/png", annotation=("overlay",), default_window="voi-or-range")


def plane(bits: np.ndarray, group: int = 0x6000, **elements: Any) -> dict[int, tuple[str, Any]]:
    """The elements of an overlay, by tag."""
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    base = group << 16
    return {
        base | 0x0010: ("US", bits.shape[-2]),
        base | 0x0011: ("US", bits.shape[-1]),
        base | 0x0040: ("CS", "G"),
        base | 0x0050: ("SS", elements.get("origin", [1, 1])),
        base | 0x0100: ("US", 1),
        base | 0x0102: ("US", 0),
        base | 0x3000: ("OW", packed + b"\0" * (len(packed) % 2)),
    }


def with_elements(file: DicomFile, elements: dict[int, tuple[str, Any]]) -> DicomFile:
    """The file with these elements added, or in place of its own."""
    made = pydicom.dcmread(io.BytesIO(bytes(file.dataset.buffer)))
    for tag, (vr, value) in elements.items():
        made.add_new(tag, vr, value)
    out = io.BytesIO()
    made.save_as(out)
    return dicom.read(out.getvalue())


def picture(file: DicomFile, wanted: Rendering, number: int = 1, limit: int = 1 << 20) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(render(file, number, wanted, limit))))


@pytest.fixture(scope="module")
def overlaid() -> DicomFile:
    return with_elements(file_of(GREY), plane(PLANE))


def test_no_overlay_is_drawn_unasked(overlaid: DicomFile) -> None:
    wanted = Rendering("image/png", default_window="voi-or-range")
    assert np.array_equal(picture(overlaid, wanted), picture(file_of(GREY), wanted))


def test_an_overlay_that_is_asked_for_is_white_and_the_rest_as_it_was(overlaid: DicomFile) -> None:
    shown, plain = picture(overlaid, ASKED), picture(file_of(GREY), ASKED)
    assert np.array_equal(shown, np.where(PLANE == 1, 255, plain))


@pytest.mark.parametrize("origin", [(3, 5), (-2, 1), (1, -3), (11, 1), (-20, 1)])
def test_an_overlay_begins_at_its_origin(origin: tuple[int, int]) -> None:
    full = np.ones((4, 4), "u1")
    file = with_elements(file_of(GREY), plane(full, origin=list(origin)))
    expected = np.zeros((40, 40), bool)
    expected[origin[0] + 19 : origin[0] + 23, origin[1] + 19 : origin[1] + 23] = True
    assert np.array_equal(picture(file, ASKED) == 255, expected[20:30, 20:30])


def test_an_overlay_lies_in_the_spare_bits_of_the_samples() -> None:
    stored = (GREY.astype("u2") | (PLANE.astype("u2") << 13)).astype("<u2")
    base = 0x6002 << 16
    elements = {base | 0x0100: ("US", 16), base | 0x0102: ("US", 13), base | 0x0040: ("CS", "G")}
    file = with_elements(file_of(stored, BitsStored=8, HighBit=7), elements)
    assert np.array_equal(picture(file, ASKED) == 255, PLANE == 1)


def test_frames_have_overlays_of_their_own() -> None:
    bits = np.stack([np.zeros((10, 10), "u1"), PLANE])
    elements = plane(bits) | {0x60000015: ("IS", "2"), 0x60000051: ("US", 2)}
    file = with_elements(file_of(GREY, GREY, GREY), elements)
    inked = [int((picture(file, ASKED, number) == 255).sum()) for number in (1, 2, 3)]
    assert inked == [0, 0, 10]


def test_an_overlay_is_cut_with_the_region(overlaid: DicomFile) -> None:
    cut = Rendering("image/png", annotation=("overlay",), region=Region(5, 5, 5, 5), default_window="voi-or-range")
    assert np.array_equal(picture(overlaid, cut), picture(overlaid, ASKED)[5:, 5:])


def test_a_presentation_state_activates_the_planes_that_it_names(overlaid: DicomFile) -> None:
    both = with_elements(overlaid, plane(PLANE[::-1], 0x6004))
    wanted = Rendering("image/png", arrangement=Arrangement(overlays=(0x6004,)), default_window="voi-or-range")
    assert np.array_equal(picture(both, wanted) == 255, PLANE[::-1] == 1)


@pytest.mark.parametrize(
    ("elements", "limit", "refusal"),
    [
        ({0x60000010: ("US", 65535), 0x60000011: ("US", 65535)}, 1 << 20, ImageTooLarge),
        ({0x60000010: ("US", 1000)}, 1 << 20, UnreadablePixels),
    ],
    ids=["a giant", "less data than it says"],
)
def test_an_overlay_that_lies_is_refused(
    overlaid: DicomFile, elements: dict[int, tuple[str, Any]], limit: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        picture(with_elements(overlaid, elements), ASKED, limit=limit)


def test_an_image_of_one_bit_is_not_taken_for_an_overlay_of_its_own() -> None:
    bits = np.packbits(PLANE.ravel(), bitorder="little")
    file = file_of(bits.reshape(1, -1), Rows=10, Columns=10, BitsAllocated=1, BitsStored=1, HighBit=0)
    assert np.array_equal(picture(file, ASKED), picture(file, Rendering("image/png", default_window="voi-or-range")))


def test_an_overlay_of_colours_is_white() -> None:
    file = with_elements(file_of(np.dstack([GREY] * 3)), plane(PLANE))
    assert np.array_equal((picture(file, ASKED) == 255).all(axis=2), PLANE == 1)
