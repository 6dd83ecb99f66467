"""Pictures: windows, regions, sizes, colours, types."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom.bounded import BoundedCache
from fhantom.dicom import DicomFile
from fhantom.errors import BadRequest
from fhantom.pixels import annotation
from fhantom.pixels.errors import NoSuchFrame, UnreadablePixels
from fhantom.pixels.geometry import Region, Viewport
from fhantom.pixels.grayscale import Window
from fhantom.pixels.profiles import IccProfile
from fhantom.pixels.rendering import ImageType, Rendering, render
from fhantom.pixels.renderings import Renderings
from pixels.pixel_samples import Array, colours, file_of, ramp

PNG = "image/png"


def picture(file: DicomFile, number: int = 1, **wanted: Any) -> Array:
    """The pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(render(file, number, Rendering(PNG, **wanted)))))


VALUES = np.arange(0, 200, dtype="i2").reshape(10, 20)


def test_without_a_window_values_are_spread_over_all_greys() -> None:
    file = file_of(VALUES - np.int16(77), RescaleSlope="2", RescaleIntercept="-1024", WindowCenter="9", WindowWidth="3")
    expected = np.round(VALUES / 199 * 255)
    assert abs(picture(file) - expected).max() <= 1


def test_a_negative_slope_turns_the_greys_round() -> None:
    file = file_of(VALUES, RescaleSlope="-1", RescaleIntercept="0")
    assert picture(file)[0, 0] == 255
    assert picture(file)[-1, -1] == 0


def test_values_that_are_all_the_same_are_black() -> None:
    assert picture(file_of(VALUES * 0 + np.int16(7))).max() == 0


def test_monochrome1_is_inverted() -> None:
    grey = picture(file_of(VALUES))
    assert np.array_equal(picture(file_of(VALUES, PhotometricInterpretation="MONOCHROME1")), 255 - grey)


@pytest.mark.parametrize(
    ("window", "formula"),
    [
        (Window(100, 50, "linear"), lambda x: (x - 99.5) / 49 + 0.5),
        (Window(100, 50, "linear-exact"), lambda x: (x - 100) / 50 + 0.5),
        (Window(100, 50, "sigmoid"), lambda x: 1 / (1 + np.exp(-4 * (x - 100) / 50))),
        (Window(100, 1, "linear"), lambda x: x > 99.5),
    ],
    ids=["linear", "linear-exact", "sigmoid", "as narrow as can be"],
)
def test_the_three_functions_follow_their_formulas(window: Window, formula: Any) -> None:
    expected = np.clip(formula(VALUES.astype(float)), 0, 1) * 255
    assert abs(picture(file_of(VALUES), window=window) - expected).max() <= 1


def test_a_window_counts_in_the_values_of_the_modality() -> None:
    file = file_of(VALUES, RescaleSlope="2", RescaleIntercept="-100")
    plain = picture(file_of(VALUES), window=Window(100, 50))
    assert abs(picture(file, window=Window(100, 100, "linear")).astype(int) - plain).max() <= 3


def test_the_files_own_window_counts_where_the_setting_says_so() -> None:
    file = file_of(VALUES, WindowCenter=["100", "5"], WindowWidth=["50", "5"], VOILUTFunction="SIGMOID")
    expected = picture(file, window=Window(100, 50, "sigmoid"))
    assert np.array_equal(picture(file, default_window="voi"), expected)
    assert not np.array_equal(picture(file), expected)


def _lut(first: int, entries: list[int], bits: int) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", [len(entries), first, bits])
    item.add_new(0x00283006, "OW", np.array(entries, "<u2").tobytes())
    return item


def test_look_up_tables_count_where_the_setting_says_so() -> None:
    file = file_of(
        VALUES,
        ModalityLUTSequence=Sequence([_lut(0, list(range(0, 400, 2)), 16)]),
        VOILUTSequence=Sequence([_lut(0, [value // 2 for value in range(400)], 8)]),
    )
    assert np.array_equal(picture(file, default_window="voi"), VALUES)


def test_a_table_after_rescaling_may_begin_below_zero() -> None:
    table = _lut(0, list(range(200))[::-1], 8)
    table["LUTDescriptor"].value[1] = 0x10000 - 100  # as in implicit VR, where nothing tells that it is signed
    file = file_of(VALUES, RescaleIntercept="-100", RescaleSlope="1", VOILUTSequence=Sequence([table]))
    assert np.array_equal(picture(file, default_window="voi"), 199 - VALUES)


def test_the_functional_groups_of_a_frame_count_before_the_data_set() -> None:
    groups = []
    for center in ("50", "150"):
        voi, group = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = center, "50"
        group.FrameVOILUTSequence = Sequence([voi])
        groups.append(group)
    file = file_of(VALUES, VALUES, PerFrameFunctionalGroupsSequence=Sequence(groups), WindowCenter="7")
    first, second = (picture(file, number, default_window="voi") for number in (1, 2))
    assert np.array_equal(first, picture(file, window=Window(50, 50)))
    assert np.array_equal(second, picture(file, window=Window(150, 50)))


def test_a_region_is_cut_before_its_values_are_spread() -> None:
    cut = picture(file_of(VALUES), region=Region(4, 2, 5, 3))
    part = VALUES[2:5, 4:9].astype(float)
    assert abs(cut - np.round((part - part.min()) / (part.max() - part.min()) * 255)).max() <= 1


def test_negative_sides_of_a_region_mirror_it() -> None:
    whole = picture(file_of(VALUES))
    assert np.array_equal(picture(file_of(VALUES), region=Region(0, 0, -20, 10)), whole[:, ::-1])
    assert np.array_equal(picture(file_of(VALUES), region=Region(0, 0, 20, -10)), whole[::-1])


def test_bits_beside_a_value_are_spread_with_it_only_as_orthanc_does() -> None:
    noisy = VALUES.copy()
    noisy[::2] |= 0x7000
    file = file_of(noisy, BitsStored=12, HighBit=11)
    whole = picture(file, default_window="orthanc")
    assert np.array_equal(whole, picture(file_of(noisy, BitsStored=16, HighBit=15), default_window="orthanc"))
    masked = picture(file_of(VALUES, BitsStored=12, HighBit=11), window=Window(100, 200))
    assert np.array_equal(picture(file, default_window="orthanc", window=Window(100, 200)), masked)


@pytest.mark.parametrize("region", [Region(20, 0, 5, 5), Region(99, 99), Region(0, 0, 0, 5)], ids=str)
def test_a_region_outside_of_the_image_is_black(region: Region) -> None:
    black = picture(file_of(VALUES, PhotometricInterpretation="MONOCHROME1"), region=region, viewport=Viewport(4, 3))
    assert black.shape == (3, 4)
    assert not black.any()


@pytest.mark.parametrize(
    ("viewport", "size"),
    [
        (Viewport(100, 30), (30, 100)),
        (Viewport(40, 20), (20, 40)),
        (Viewport(10, 10, padded=False), (5, 10)),
        (Viewport(None, 5, padded=False), (5, 10)),
        (Viewport(40, None, padded=False), (20, 40)),
    ],
    ids=["padded", "exact", "within", "rows alone", "columns alone"],
)
def test_the_aspect_is_kept_in_every_viewport(viewport: Viewport, size: tuple[int, int]) -> None:
    assert picture(file_of(VALUES), viewport=viewport).shape == size


def test_a_padded_picture_stands_in_the_middle_on_black() -> None:
    padded = picture(file_of(VALUES + np.int16(1)), viewport=Viewport(100, 10))
    assert np.array_equal(padded[:, 40:60], picture(file_of(VALUES + np.int16(1))))
    assert padded[:, :40].max() == padded[:, 60:].max() == 0


@pytest.mark.parametrize("side", [0, -5, 1_000_000])
def test_an_impossible_viewport_is_refused(side: int) -> None:
    with pytest.raises(BadRequest):
        Viewport(side, 10)


def test_a_viewport_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(BadRequest):
        Viewport(16384, 16384)
    with pytest.raises(BadRequest):
        picture(file_of(VALUES), viewport=Viewport(None, 16000, padded=False))


def test_rgb_is_shown_as_it_is_and_ybr_is_converted() -> None:
    assert np.array_equal(picture(file_of(colours())), colours())
    ybr = np.asarray(Image.fromarray(colours()).convert("YCbCr"))
    converted = picture(file_of(ybr, PhotometricInterpretation="YBR_FULL"))
    assert abs(converted.astype(int) - colours()).max() <= 3


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_gives_its_colours(bits: int) -> None:
    attributes: dict[str, Any] = {}
    for channel, colour in enumerate(("Red", "Green", "Blue")):
        attributes[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        entries = (np.arange(256) + channel) % 256
        table = entries.astype("u1") if bits == 8 else (entries << 8).astype("<u2")
        attributes[f"{colour}PaletteColorLookupTableData"] = table.tobytes()
    file = file_of(ramp("u1"), PhotometricInterpretation="PALETTE COLOR", **attributes)
    index = ramp("u1").astype(int)
    assert np.array_equal(picture(file), np.dstack([(index + channel) % 256 for channel in range(3)]))


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param([0, 2, 7, 9, 1, 3, 3], [7, 9, 7, 5, 3], id="discrete and linear"),
        pytest.param([0, 2, 7, 9, 1, 2, 5, 2, 2, 0, 0], [7, 9, 7, 5, 7, 9, 7, 5], id="the same again"),
        pytest.param([0, 2, 7, 9, 1, 2, 5, 2, 1, 8, 0], [7, 9, 7, 5, 5, 5], id="again from a number of bytes on"),
    ],
)
def test_a_palette_may_come_in_segments(segments: list[int], expected: list[int]) -> None:
    attributes: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        attributes[f"{colour}PaletteColorLookupTableDescriptor"] = [len(expected), 0, 16]
        attributes[f"Segmented{colour}PaletteColorLookupTableData"] = (np.array(segments, "<u2")).tobytes()
    index = np.arange(len(expected), dtype="u1").reshape(1, -1)
    shown = picture(file_of(index, PhotometricInterpretation="PALETTE COLOR", **attributes))
    assert shown[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    "segments", [[1, 3, 3], [2, 1, 0, 0], [0, 2, 7, 9, 2, 1, 99, 0], [0, 2, 7, 9, 3, 1, 1], [0, 1, 5, 2, 9, 6, 0, 0]]
)
def test_a_palette_whose_segments_lead_nowhere_is_refused(segments: list[int]) -> None:
    attributes: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        attributes[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        attributes[f"Segmented{colour}PaletteColorLookupTableData"] = (np.array(segments, "<u2")).tobytes()
    with pytest.raises(UnreadablePixels):
        picture(file_of(ramp("u1"), PhotometricInterpretation="PALETTE COLOR", **attributes))


@pytest.mark.parametrize("number", [0, 3])
def test_a_frame_that_does_not_exist_is_refused(number: int) -> None:
    with pytest.raises(NoSuchFrame):
        picture(file_of(VALUES, VALUES), number)


def test_quality_makes_a_jpeg_larger() -> None:
    file = file_of(colours())
    small, large = (len(render(file, 1, Rendering(quality=quality))) for quality in (10, 95))
    assert small < large


@pytest.mark.parametrize(
    ("speed", "milliseconds"),
    [
        pytest.param({"FrameTime": "40", "CineRate": 10}, 40, id="time"),
        pytest.param({"CineRate": 8}, 120, id="rate, in hundredths of a second as GIF has it"),
        pytest.param({"RecommendedDisplayFrameRate": 5, "CineRate": 8}, 200, id="recommended rate"),
        pytest.param({"FrameTime": "0"}, 100, id="none"),
        pytest.param({"FrameTime": "0.1"}, 20, id="too fast"),
    ],
)
def test_all_frames_become_one_animation_at_the_files_speed(speed: dict[str, Any], milliseconds: int) -> None:
    renderings = Renderings.bounded(1 << 20, 0)
    file = file_of(VALUES, VALUES[::-1].copy(), **speed)
    gif = Image.open(io.BytesIO(renderings.animation(b"digest", lambda: file, (), Rendering("image/gif"))))
    assert (gif.n_frames, gif.info["duration"]) == (2, milliseconds)


def test_a_picture_is_made_once_as_long_as_the_cache_has_room() -> None:
    opened: list[int] = []

    def open_file() -> DicomFile:
        opened.append(1)
        return file_of(VALUES)

    renderings = Renderings.bounded(1 << 20, 0)
    first = renderings.frame(b"digest", open_file, 1, Rendering(PNG))
    assert renderings.frame(b"digest", open_file, 1, Rendering(PNG)) is first
    assert renderings.frame(b"digest", open_file, 1, Rendering(PNG, window=Window(1, 2))) != first
    assert len(opened) == 2


def test_a_cache_lets_go_of_what_was_used_longest_ago() -> None:
    cache: BoundedCache[bytes] = BoundedCache(10, len)
    cache.put("a", b"1234")
    cache.put("b", b"1234")
    assert cache.get("a") == b"1234"
    cache.put("c", b"1234")
    cache.put("too heavy", b"12345678901")
    assert [cache.get(key) for key in ("a", "b", "c", "too heavy")] == [b"1234", None, b"1234", None]
    cache.put("a", b"1")
    assert cache.weight == 5


def test_who_and_how_are_burned_in_on_request() -> None:
    said = {"PatientName": "Doe^Jane", "PatientID": "P1", "Modality": "CT", "SeriesDescription": "Axial"}
    file = file_of(ramp("u1", 200, 200), **said)
    plain = picture(file)
    patient, both = (picture(file, annotation=kinds) for kinds in (("patient",), ("patient", "technique")))
    assert not np.array_equal(patient, plain)
    assert np.array_equal(patient[100:], plain[100:])
    assert not np.array_equal(both, patient)


def test_annotations_that_say_nothing_change_nothing() -> None:
    file = file_of(ramp("u1", 200, 200))
    assert np.array_equal(picture(file, annotation=("patient",)), picture(file))
    assert annotation.parse("patient,nonsense,technique") == ("patient", "technique")


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
def test_a_colour_picture_says_its_profile_on_request(media_type: ImageType) -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile, without = file_of(colours(), ICCProfile=own + b"\0" * (len(own) % 2)), file_of(colours())

    def embedded(file: DicomFile, wanted: IccProfile) -> bytes | None:
        found = Image.open(io.BytesIO(render(file, 1, Rendering(media_type, icc_profile=wanted))))
        profile: bytes | None = found.info.get("icc_profile")
        return profile

    assert embedded(with_profile, "no") is None
    assert (embedded(with_profile, "yes") or b"").startswith(own)
    assert embedded(without, "yes") and embedded(with_profile, "srgb") and embedded(without, "srgb")
    assert embedded(file_of(VALUES), "srgb") is None


def test_a_broken_profile_is_unreadable_only_where_it_is_needed() -> None:
    file = file_of(colours(), ICCProfile=b"no profile")
    assert picture(file).shape == colours().shape
    with pytest.raises(UnreadablePixels):
        picture(file, icc_profile="srgb")


def test_a_window_over_an_image_of_one_bit_takes_its_ones_for_white() -> None:
    bits = np.packbits(np.eye(8, dtype="u1").ravel(), bitorder="little").reshape(1, -1)
    file = file_of(bits, Rows=8, Columns=8, BitsAllocated=1, BitsStored=1, HighBit=0)
    shown = picture(file, window=Window(127.5, 255))
    assert np.array_equal(shown, np.eye(8, dtype="u1") * 255)
