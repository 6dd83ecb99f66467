"""The generator's own encoder, read back by a decoder that others wrote."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fhantom_seed.making.lossless_jpeg import encode

imagecodecs = pytest.importorskip("imagecodecs")


def _pictures(bits: int) -> dict[str, NDArray[np.int64]]:
    top = (1 << bits) - 1
    return {
        "noise": np.random.default_rng(bits).integers(0, top + 1, (37, 53)),
        "ramp": np.add.outer(np.arange(90), np.arange(64)) * 3 % (top + 1),
        "black": np.zeros((16, 16), dtype=np.int64),
        "stripes of extremes": np.tile([0, top], (8, 8)),
    }


@pytest.mark.parametrize("bits", [8, 12, 15])
@pytest.mark.parametrize("name", ["noise", "ramp", "black", "stripes of extremes"])
def test_a_decoder_finds_every_sample_again(bits: int, name: str) -> None:
    frame = _pictures(bits)[name].astype(np.uint8 if bits == 8 else np.uint16)
    assert np.array_equal(imagecodecs.ljpeg_decode(encode(frame, bits)), frame)


def test_the_scan_names_the_predictor_that_dicom_asks_for() -> None:
    coded = encode(np.zeros((4, 4), dtype=np.uint8), 8)
    scan = coded[coded.index(b"\xff\xda") :]
    assert scan[7] == 1
