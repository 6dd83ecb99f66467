"""What is encoded decodes to the same, or nearly; what is broken is refused, and quickly."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import openjpeg
import pytest

from fhantom.dicom import syntaxes
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels import encoders, isolation, jpeg_lossless, rle, toolkit
from fhantom.pixels.errors import ImageTooLarge, NoCodec, UnreadablePixels
from fhantom.pixels.frames import Frame, decode
from pixels.pixel_samples import Array, colours, layout_for, ramp

LOSSLESS = [
    syntaxes.JPEG_LOSSLESS,
    syntaxes.JPEG_LOSSLESS_SV1,
    syntaxes.JPEG_LS_LOSSLESS,
    syntaxes.JPEG_2000_LOSSLESS,
    syntaxes.RLE_LOSSLESS,
]
LOSSY = [syntaxes.JPEG_BASELINE, syntaxes.JPEG_EXTENDED, syntaxes.JPEG_LS_NEAR_LOSSLESS, syntaxes.JPEG_2000]
HTJ2K = [syntaxes.HTJ2K_LOSSLESS, syntaxes.HTJ2K_LOSSLESS_RPCL, syntaxes.HTJ2K]
SAMPLES = {
    "8 bit": (ramp("u1"), 8),
    "12 of 16 bit": (ramp("u2"), 12),
    "16 bit": (ramp("u2", step=900), 16),
    "signed 16 bit": (ramp("i2") - np.int16(200), 16),
    "colour": (colours(), 8),
}


def there_and_back(samples: Array, uid: str, bits_stored: int) -> Array:
    layout = layout_for(samples, bits_stored=bits_stored)
    frame = Frame(samples, layout.photometric_interpretation, bits_stored)
    coded = encoders.encode(frame, layout, uid)
    interpretation = encoders.encoded_interpretation(frame, uid)
    stored = replace(layout, transfer_syntax=transfer_syntax(uid), photometric_interpretation=interpretation)
    decoded = decode(stored, coded)
    assert decoded.photometric_interpretation == layout.photometric_interpretation
    return decoded.samples


@pytest.mark.parametrize("uid", LOSSLESS)
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_lossless_syntax_keeps_every_sample(kind: str, uid: str) -> None:
    samples, bits_stored = SAMPLES[kind]
    decoded = there_and_back(samples, uid, bits_stored)
    assert decoded.dtype == samples.dtype
    assert np.array_equal(decoded, samples)


@pytest.mark.parametrize("uid", LOSSY)
@pytest.mark.parametrize("samples", [colours()[..., 0], colours()], ids=["grey", "colour"])
def test_a_lossy_syntax_stays_near(samples: Array, uid: str) -> None:
    difference = there_and_back(samples, uid, 8).astype(int) - samples
    assert abs(difference).mean() <= 3


@pytest.mark.parametrize("uid", HTJ2K)
@pytest.mark.parametrize("kind", SAMPLES)
def test_htj2k_is_written_where_its_extra_is_installed(kind: str, uid: str) -> None:
    pytest.importorskip("imagecodecs", reason="needs the extra htj2k")
    samples, bits_stored = SAMPLES[kind]
    difference = there_and_back(samples, uid, bits_stored).astype(int) - samples
    assert abs(difference).max() <= (2 if uid == syntaxes.HTJ2K else 0)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (3, 1), (7, 7), (3, 5, 3)], ids=str)
@pytest.mark.parametrize("uid", [syntaxes.JPEG_LOSSLESS_SV1, syntaxes.RLE_LOSSLESS])
def test_odd_sizes_keep_every_sample(shape: tuple[int, ...], uid: str) -> None:
    samples = np.arange(int(np.prod(shape)), dtype="u1").reshape(shape)
    assert np.array_equal(there_and_back(samples, uid, 8), samples)


def test_noise_of_16_bits_survives_lossless_jpeg() -> None:
    noise = np.random.default_rng(5).integers(0, 1 << 16, (300, 300)).astype("u2")
    assert np.array_equal(there_and_back(noise, syntaxes.JPEG_LOSSLESS_SV1, 16), noise)


def test_the_longest_difference_of_lossless_jpeg_has_no_extra_bits() -> None:
    samples = np.array([[0, 32768, 0, 65535]], dtype="u2")
    assert np.array_equal(there_and_back(samples, syntaxes.JPEG_LOSSLESS_SV1, 16), samples)
    assert len(jpeg_lossless.encode(samples, 16)) % 2 == 0


@pytest.mark.parametrize(
    ("uid", "samples", "bits_stored"),
    [
        pytest.param(syntaxes.JPEG_BASELINE, ramp("u2"), 12, id="12 bits in baseline JPEG"),
        pytest.param(syntaxes.JPEG_LS_LOSSLESS, ramp("u4"), 32, id="32 bits in JPEG-LS"),
        pytest.param("1.2.840.10008.1.2.4.92", ramp("u1"), 8, id="JPEG 2000 part 2"),
        pytest.param("1.2.840.10008.1.2.4.102", ramp("u1"), 8, id="MPEG-4"),
    ],
)
def test_what_a_syntax_cannot_hold_is_refused(uid: str, samples: Array, bits_stored: int) -> None:
    layout = layout_for(samples, bits_stored=bits_stored)
    with pytest.raises(NoCodec):
        encoders.encode(Frame(samples, "MONOCHROME2", bits_stored), layout, uid)


def test_an_index_into_a_palette_is_not_written_lossily() -> None:
    layout = layout_for(ramp("u1"), photometric_interpretation="PALETTE COLOR")
    with pytest.raises(NoCodec):
        encoders.encoder_for(syntaxes.JPEG_BASELINE, layout)
    assert encoders.encoder_for(syntaxes.RLE_LOSSLESS, layout)


def test_one_thread_at_a_time_is_within_openjpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            inside.append(toolkit.PYLIBJPEG.locked())
            return original(*args, **options)

        return call

    monkeypatch.setattr("openjpeg.utils.encode_array", watched(openjpeg.utils.encode_array))
    monkeypatch.setattr("openjpeg.utils.encode_buffer", watched(openjpeg.utils.encode_buffer))
    monkeypatch.setattr("openjpeg.utils._openjpeg.decode", watched(openjpeg.utils._openjpeg.decode))
    assert np.array_equal(there_and_back(ramp("u1"), syntaxes.JPEG_2000_LOSSLESS, 8), ramp("u1"))
    assert len(inside) >= 2 and all(inside)


def test_only_the_limit_that_can_be_set_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_for(ramp("u1"), syntaxes.JPEG_BASELINE)
    encoded = encoders.encode(Frame(ramp("u1"), "MONOCHROME2", 8), layout, syntaxes.JPEG_BASELINE)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 100)  # Pillow's own, below which it would refuse
    assert decode(layout, encoded).samples.shape == ramp("u1").shape


def test_a_syntax_without_decoder_is_refused() -> None:
    layout = layout_for(ramp("u1"), "1.2.840.10008.1.2.4.92")
    with pytest.raises(NoCodec, match="no decoder"):
        decode(layout, b"\xff\x4f\xff\x51")


def test_a_codestream_of_another_size_is_refused_before_it_is_decoded() -> None:
    coded = encoders.encode(Frame(ramp("u1"), "MONOCHROME2", 8), layout_for(ramp("u1")), syntaxes.JPEG_BASELINE)
    small = layout_for(ramp("u1", 8, 8), syntaxes.JPEG_BASELINE)
    with pytest.raises(UnreadablePixels, match="another size"):
        decode(small, coded)


def test_a_frame_above_the_limit_is_refused_before_anything_is_allocated() -> None:
    huge = layout_for(ramp("u1"), rows=65535, columns=65535)
    with pytest.raises(ImageTooLarge):
        decode(huge, b"", max_bytes=1 << 20)
    with pytest.raises(UnreadablePixels):
        decode(layout_for(ramp("u1")), b"", max_bytes=0)


@pytest.mark.parametrize(
    "uid", [*LOSSLESS[1:2], syntaxes.JPEG_2000_LOSSLESS, syntaxes.JPEG_BASELINE, syntaxes.RLE_LOSSLESS]
)
def test_broken_frames_are_unreadable_and_nothing_worse(uid: str) -> None:
    samples = ramp("u1")
    coded = encoders.encode(Frame(samples, "MONOCHROME2", 8), layout_for(samples), uid)
    layout = layout_for(samples, uid)
    chance = random.Random(7)
    refused = 0
    for _ in range(40):
        broken = bytearray(coded)
        for _ in range(chance.choice((1, 5, 20))):
            broken[chance.randrange(2, len(broken))] = chance.randrange(256)
        try:
            assert decode(layout, bytes(broken[: chance.randrange(20, len(broken) + 1)])).samples.shape == (41, 36)
        except UnreadablePixels:
            refused += 1
    assert refused > 0


def test_a_codec_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = ramp("u1", 40, 50)
    layout = layout_for(samples)
    coded = encoders.encode(Frame(samples, "MONOCHROME2", 8), layout, syntaxes.JPEG_LS_LOSSLESS)
    stored = replace(layout, transfer_syntax=transfer_syntax(syntaxes.JPEG_LS_LOSSLESS))
    assert np.array_equal(decode(stored, coded).samples, samples)
    child = isolation.CODECS._running()
    child.kill()
    with pytest.raises(UnreadablePixels, match="gave up"):
        decode(stored, coded)
    assert np.array_equal(decode(stored, coded).samples, samples)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x02" + bytes(63), id="another number of segments"),
        pytest.param(b"\x01\0\0\0\x10" + bytes(59), id="a segment inside the header"),
        pytest.param(b"\x01\0\0\0\x40" + bytes(59) + b"\x05ab", id="ends within a run"),
    ],
)
def test_an_rle_frame_that_is_not_whole_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadablePixels):
        rle.decode(data, 4, 4, 1, 1)
