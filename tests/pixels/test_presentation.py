"""Presentation states: every step of PS3.4 N.2, and for which images and frames."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom.dicom_samples import dataset, written
from fhantom import dicom
from fhantom.pixels.presentation import PresentationState, state_of
from fhantom.pixels.rendering import Rendering, render
from pixels.pixel_samples import Array, file_of, ramp

IMAGE, OTHER = "1.2.3.1", "1.2.3.2"
SAMPLES = ramp("u2", step=900)
WHOLE = 65535.0


def reference(uid: str, *frames: int) -> Dataset:
    made = Dataset()
    made.ReferencedSOPInstanceUID = uid
    if frames:
        made.ReferencedFrameNumber = list(frames)
    return made


def window(center: float, width: float, *images: Dataset) -> Dataset:
    made = Dataset()
    made.WindowCenter, made.WindowWidth = center, width
    if images:
        made.ReferencedImageSequence = Sequence(images)
    return made


def table(entries: Any, bits: int) -> Dataset:
    made = Dataset()
    made.add_new(0x00283002, "US", [len(entries), 0, bits])
    made.add_new(0x00283006, "OW", np.asarray(entries).astype("<u2").tobytes())
    return made


def holding(keyword: str, *items: Dataset) -> Dataset:
    made = Dataset()
    setattr(made, keyword, Sequence(items))
    return made


def state(**attributes: Any) -> PresentationState:
    made = dataset(PresentationLUTShape="IDENTITY")
    series = [holding("ReferencedImageSequence", reference(uid)) for uid in (IMAGE, OTHER)]
    made.ReferencedSeriesSequence = Sequence(series)
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    found = state_of(dicom.read(written(made)).dataset)
    assert found is not None
    return found


def shown(made: PresentationState, samples: Array = SAMPLES, uid: str = IMAGE, frame: int = 1, **changes: Any) -> Array:
    wanted = Rendering("image/png", arrangement=made.arrangement(uid, frame, 0))
    picture = render(file_of(*[samples] * frame, **changes), frame, wanted)
    return np.asarray(Image.open(io.BytesIO(picture))).astype(int)


def linear(values: Array, center: float, width: float) -> Array:
    share = (values.astype(float) - (center - 0.5)) / (width - 1) + 0.5
    return np.round(np.clip(share, 0, 1) * 255).astype(int)


WINDOWED = Sequence([window(9000, 8000)])


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({}, np.round(SAMPLES / WHOLE * 255), id="nothing, which shows all values that there can be"),
        pytest.param({"SoftcopyVOILUTSequence": WINDOWED}, linear(SAMPLES, 9000, 8000), id="a window"),
        pytest.param(
            {"SoftcopyVOILUTSequence": WINDOWED, "PresentationLUTShape": "INVERSE"},
            255 - linear(SAMPLES, 9000, 8000),
            id="a window, inverted",
        ),
        pytest.param(
            {
                "RescaleSlope": "0.5",
                "RescaleIntercept": "-1000",
                "SoftcopyVOILUTSequence": Sequence([window(2000, 5000)]),
            },
            linear(SAMPLES * 0.5 - 1000, 2000, 5000),
            id="a modality transformation of its own",
        ),
        pytest.param(
            {
                "ModalityLUTSequence": Sequence([table(np.arange(40000) // 2, 16)]),
                "SoftcopyVOILUTSequence": WINDOWED,
            },
            linear(np.minimum(SAMPLES, 39999) // 2, 9000, 8000),
            id="a modality LUT",
        ),
        pytest.param(
            {
                "SoftcopyVOILUTSequence": Sequence(
                    [holding("VOILUTSequence", table(65535 - np.minimum(np.arange(65535) * 2, 65535), 16))]
                )
            },
            np.round((65535 - np.minimum(SAMPLES.astype(int) * 2, 65535)) / WHOLE * 255),
            id="a VOI LUT",
        ),
        pytest.param(
            {
                "SoftcopyVOILUTSequence": WINDOWED,
                "PresentationLUTSequence": Sequence([table(np.arange(256) ** 2 // 255, 8)]),
            },
            linear(SAMPLES, 9000, 8000) ** 2 // 255,
            id="a presentation LUT",
        ),
    ],
)
def test_grey_levels_are_made_as_the_state_says(attributes: dict[str, Any], expected: Array) -> None:
    assert np.abs(shown(state(**attributes)) - expected).max() <= 2


def test_what_the_image_says_of_its_grey_levels_does_not_count() -> None:
    plain = shown(state(SoftcopyVOILUTSequence=WINDOWED))
    own = {"PhotometricInterpretation": "MONOCHROME1", "RescaleIntercept": "-500", "WindowCenter": 5, "WindowWidth": 9}
    assert (shown(state(SoftcopyVOILUTSequence=WINDOWED), **own) == plain).all()


@pytest.mark.parametrize(
    ("uid", "frame", "expected"),
    [
        pytest.param(OTHER, 1, (500, 100), id="another image"),
        pytest.param(IMAGE, 2, (700, 300), id="another frame"),
        pytest.param(IMAGE, 1, (9000, 8000), id="all else"),
    ],
)
def test_a_window_counts_for_the_images_and_frames_that_it_names(
    uid: str, frame: int, expected: tuple[float, float]
) -> None:
    windows = [window(500, 100, reference(OTHER)), window(700, 300, reference(IMAGE, 2, 3)), window(9000, 8000)]
    made = state(SoftcopyVOILUTSequence=Sequence(windows))
    assert np.abs(shown(made, uid=uid, frame=frame) - linear(SAMPLES, *expected)).max() <= 1


def test_the_displayed_area_is_what_is_seen_of_an_image() -> None:
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [30, 6], [11, 25]
    made = state(SoftcopyVOILUTSequence=WINDOWED, DisplayedAreaSelectionSequence=Sequence([area]), ImageRotation=90)
    assert (shown(made) == np.rot90(linear(SAMPLES, 9000, 8000)[5:25, 10:30], -1)).all()


def test_an_overlay_of_the_state_is_drawn_if_it_is_active() -> None:
    inked = np.zeros(SAMPLES.shape, "u1")
    inked[3:9, 5:7] = 1
    bits = np.packbits(inked.ravel(), bitorder="little").tobytes()
    made = dataset()
    made.ReferencedSeriesSequence = Sequence([holding("ReferencedImageSequence", reference(IMAGE))])
    for group, layer in ((0x6000, "LAYER"), (0x6002, "")):
        made.add_new(group << 16 | 0x10, "US", inked.shape[0])
        made.add_new(group << 16 | 0x11, "US", inked.shape[1])
        made.add_new(group << 16 | 0x50, "SS", [1, 1] if layer else [9, 9])
        made.add_new(group << 16 | 0x1001, "CS", layer)
        made.add_new(group << 16 | 0x3000, "OW", bits + b"\0" * (len(bits) % 2))
    found = state_of(dicom.read(written(made)).dataset)
    assert found is not None
    assert ((shown(found, SAMPLES // 4) == 255) == inked.astype(bool)).all()


def test_a_state_is_for_the_images_of_all_its_series() -> None:
    made = state()
    assert made.is_for(IMAGE) and made.is_for(OTHER) and not made.is_for("1.2.3.3")
    assert state_of(dicom.read(written(dataset())).dataset) is None
