"""Large images are shaded a few rows at a time."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from fhantom.pixels import grayscale
from fhantom.pixels.bands import bands_of, in_bands
from fhantom.pixels.errors import ImageTooLarge
from fhantom.pixels.grayscale import Modality, Window
from fhantom.pixels.rendering import Rendering, render
from pixels.pixel_samples import file_of

TALL = np.arange(2500 * 1000, dtype="u4").reshape(2500, 1000)


def test_the_bands_of_an_image_are_all_of_its_rows() -> None:
    bands = list(bands_of(TALL))
    assert len(bands) > 1
    assert np.array_equal(np.concatenate(bands), TALL)


def test_what_is_shaded_in_bands_is_what_would_be_shaded_at_once() -> None:
    def shade(samples: np.ndarray) -> np.ndarray:
        return np.dstack([samples & 255] * 3).astype("u1")

    assert np.array_equal(in_bands(TALL, shade), shade(TALL))
    assert np.array_equal(in_bands(TALL[:3], shade), shade(TALL[:3]))


def test_values_are_spread_between_the_ends_of_all_bands() -> None:
    grey = grayscale.spread(TALL, Modality(slope=-1.0).rescaled)
    assert (grey[0, 0], grey[-1, -1]) == (255, 0)
    values = TALL.astype("f8")
    values[0, 0], values[1200, 7] = np.nan, np.inf
    grey = grayscale.spread(values, Modality().rescaled)
    assert (grey[0, 0], grey[1200, 7], grey[-1, -1]) == (0, 255, 255)


def test_a_window_takes_little_memory_beside_the_image() -> None:
    samples = np.zeros((4000, 4000), "u1")
    tracemalloc.start()
    try:
        grayscale.shaded(samples, Modality(intercept=-5.0), Window(3, 9, "sigmoid"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * samples.nbytes


def test_colours_of_a_palette_count_against_the_limit() -> None:
    file = file_of(np.zeros((40, 50), "u1"), PhotometricInterpretation="PALETTE COLOR")
    with pytest.raises(ImageTooLarge):
        render(file, 1, Rendering(), 5000)
