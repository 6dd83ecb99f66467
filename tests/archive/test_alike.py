"""Files that are read by the pattern of another say what they say by themselves."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from fhantom.archive import alike
from fhantom.archive.accepting import Refusal, accept


@pytest.fixture(autouse=True)
def _nothing_was_read_before() -> Iterator[None]:
    alike._patterns.clear()
    yield
    alike._patterns.clear()


def _named(name: str) -> bytes:
    return Path(str(get_testdata_file(name, download=False))).read_bytes()


def _written(change: Callable[[Dataset], object] = lambda data: None) -> bytes:
    data = dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    change(data)
    buffer = io.BytesIO()
    data.save_as(buffer)
    return buffer.getvalue()


def _by_pattern_of(example: bytes, content: bytes) -> tuple[object, object]:
    """What is accepted of `content` after two files like the example, and of it alone."""
    alike._patterns.clear()
    alone = accept(content)
    alike._patterns.clear()
    for _ in range(2):
        accept(example)
    return accept(content), alone


def _is_pattern_made(example: bytes) -> bool:
    for _ in range(2):
        accept(example)
    return any(alike._patterns.values())


@pytest.mark.parametrize("name", ["CT_small", "MR_small_implicit", "MR_small_bigendian", "reportsi"])
def test_whatever_bytes_differ_it_is_as_if_the_file_was_the_first(name: str) -> None:
    example = _named(f"{name}.dcm")
    assert _is_pattern_made(example)
    chosen = random.Random(7)
    for _ in range(120):
        content = bytearray(example)
        for _ in range(chosen.choice((1, 1, 2, 8))):
            content[chosen.randrange(min(len(example), 7_000))] = chosen.randrange(256)
        found, alone = _by_pattern_of(example, bytes(content))
        assert found == alone


def test_the_next_slice_is_not_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    example = _written()
    for _ in range(2):
        accept(example)

    def number(data: Dataset) -> None:
        data.InstanceNumber = "7"
        data.PatientName = "Else^Body"[: len(str(data.PatientName))].ljust(len(str(data.PatientName)))

    content = _written(number)
    assert len(content) == len(example)
    alone = accept(content)
    monkeypatch.setattr(alike, "_anew", lambda buffer, inline: pytest.fail("it was read as a whole"))
    assert accept(content) == alone


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ISO_IR 100", b"ISO_IR 101"),
        (b"\x28\x00\x03\x01US\x02\x00\x01", b"\x28\x00\x03\x01US\x02\x00\x00"),
        (b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"),
        (b"GEMS_IDEN_01", b"GEMS_IDEN_02"),
    ],
    ids=["character set", "pixel representation", "transfer syntax", "private creator"],
)
def test_a_value_by_which_others_are_read_makes_it_another_kind_of_file(old: bytes, new: bytes) -> None:
    example = _named("CT_small.dcm")
    assert old in example
    found, alone = _by_pattern_of(example, example.replace(old, new, 1))
    assert found == alone


def test_values_within_sequences_are_read_anew() -> None:
    def item(uid: str) -> Callable[[Dataset], None]:
        inner = Dataset()
        inner.ReferencedSOPInstanceUID = uid
        return lambda data: setattr(data, "ReferencedImageSequence", [inner])

    example, content = _written(item("1.2.3.4")), _written(item("1.2.3.5"))
    found, alone = _by_pattern_of(example, content)
    assert found == alone
    assert b"1.2.3.5" in found.metadata  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content",
    [_named("CT_small.dcm")[132:], _named("image_dfl.dcm"), _named("JPEG2000.dcm")],
    ids=["without preamble", "deflated", "pixels in fragments"],
)
def test_a_file_whose_places_do_not_tell_makes_no_pattern(content: bytes) -> None:
    assert not isinstance(accept(content), Refusal)
    assert not _is_pattern_made(content)


def test_patterns_hold_no_pixels_and_are_few() -> None:
    for length in range(2, 120, 2):
        example = _written(lambda data, length=length: setattr(data, "ImageComments", "x" * length))  # type: ignore[misc]
        assert _is_pattern_made(example)
    assert len(alike._patterns) == alike._KEPT
    patterns = [pattern for pattern in alike._patterns.values() if pattern is not None]
    assert all(len(pattern.reading.file.dataset.buffer) < 10_000 for pattern in patterns)
