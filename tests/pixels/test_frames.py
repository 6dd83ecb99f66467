"""Uncompressed frames as arrays, whatever their bits, order and planes."""

from __future__ import annotations

import numpy as np
import pytest

from dicom.dicom_samples import BIG_ENDIAN, IMPLICIT
from fhantom.dicom.pixel_layout import frame_bytes, of
from fhantom.pixels.errors import UnreadablePixels
from fhantom.pixels.frames import decode, little_endian, stored_values
from pixels.pixel_samples import colours, file_of, layout_for, ramp


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_samples_of_every_width_are_read(dtype: str, order: str) -> None:
    samples = ramp(dtype)
    vr = "OB" if samples.dtype.itemsize == 1 else "OW"
    layout = layout_for(samples, little_endian=order == "<", vr=vr)
    data = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    decoded = decode(layout, data).samples
    assert np.array_equal(decoded, samples)
    assert decoded.dtype == samples.dtype
    assert little_endian(layout, data) == samples.astype(samples.dtype.newbyteorder("<")).tobytes()


def test_bytes_in_words_of_big_endian_change_places() -> None:
    samples = ramp("u1", 4, 4)
    data = samples.reshape(-1, 2)[:, ::-1].tobytes()
    assert np.array_equal(decode(layout_for(samples, little_endian=False), data).samples, samples)


def test_planes_become_pixels() -> None:
    samples = colours()
    data = np.ascontiguousarray(samples.transpose(2, 0, 1)).tobytes()
    assert np.array_equal(decode(layout_for(samples, planar_configuration=1), data).samples, samples)


def test_bits_are_unpacked_from_the_least_significant_one() -> None:
    layout = layout_for(ramp("u1", 2, 5), bits_allocated=1, bits_stored=1)
    assert decode(layout, bytes([0b00001_010, 0b10])).samples.tolist() == [[0, 1, 0, 1, 0], [0, 0, 0, 0, 1]]


def test_shared_colours_are_spread_over_their_pixels() -> None:
    layout = layout_for(colours(1, 2), photometric_interpretation="YBR_FULL_422")
    assert decode(layout, bytes([10, 20, 30, 40])).samples.tolist() == [[[10, 30, 40], [20, 30, 40]]]


def test_colours_of_a_part_of_the_range_fill_all_of_it() -> None:
    layout = layout_for(colours(1, 2), photometric_interpretation="YBR_PARTIAL_422")
    frame = decode(layout, bytes([16, 235, 128, 240]))
    assert frame.photometric_interpretation == "YBR_FULL"
    assert frame.samples.tolist() == [[[0, 128, 255], [255, 128, 255]]]


@pytest.mark.parametrize(("tag", "kind"), [(0x7FE00008, "f4"), (0x7FE00009, "f8")])
def test_float_pixel_data_is_read(tag: int, kind: str) -> None:
    samples = np.linspace(-1, 1, 20, dtype=kind).reshape(4, 5)
    layout = layout_for(samples, tag=tag, bits_allocated=samples.dtype.itemsize * 8)
    assert np.array_equal(decode(layout, samples.tobytes()).samples, samples)


@pytest.mark.parametrize(
    "changes",
    [{"rows": 0}, {"samples_per_pixel": 2}, {"bits_allocated": 12}, {"rows": 99}],
    ids=["no rows", "two samples", "12 bits allocated", "too few bytes"],
)
def test_a_layout_that_makes_no_image_is_refused(changes: dict[str, int]) -> None:
    with pytest.raises(UnreadablePixels):
        decode(layout_for(ramp("u1"), **changes), ramp("u1").tobytes())


def test_bits_that_are_not_stored_are_masked_and_signs_extended() -> None:
    samples = np.array([[0xF001, 0x0FFF]], dtype="u2")
    unsigned = layout_for(samples, bits_stored=12)
    assert stored_values(decode(unsigned, samples.tobytes()), unsigned).samples.tolist() == [[1, 0xFFF]]
    signed = layout_for(samples.view("i2"), bits_stored=12)
    assert stored_values(decode(signed, samples.tobytes()), signed).samples.tolist() == [[1, -1]]


def test_a_high_bit_above_the_stored_ones_moves_them_down() -> None:
    samples = np.array([[0xABC0]], dtype="u2")
    layout = layout_for(samples, bits_stored=12, high_bit=15)
    assert stored_values(decode(layout, samples.tobytes()), layout).samples.tolist() == [[0xABC]]


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG_ENDIAN])
def test_a_frame_of_a_file_decodes_to_what_was_written(syntax: str) -> None:
    first, second = ramp("u2"), ramp("u2", step=11)
    file = file_of(*(a.astype(">u2") if syntax == BIG_ENDIAN else a for a in (first, second)), syntax=syntax)
    layout = of(file)
    assert layout is not None
    assert np.array_equal(decode(layout, frame_bytes(file.dataset, layout, 2)).samples, second)
