"""Byte ranges: what is cut, what is ignored, what is refused."""

from __future__ import annotations

import pytest

from fhantom.errors import RangeNotSatisfiable
from fhantom.wire.ranges import ByteRange, parse_range


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-", 0, 1000),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("Bytes = 990-5000", 990, 1000),
        ("bytes=-10", 990, 1000),
        ("bytes=-5000", 0, 1000),
    ],
)
def test_a_range_is_cut_to_the_body(header: str, start: int, stop: int) -> None:
    assert parse_range(header, 1000) == ByteRange(start, stop, 1000)


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "items=0-5", "bytes=a-b", "bytes=0-1,5-6", "bytes=9-5"]
)
def test_what_is_not_one_range_of_bytes_is_ignored(header: str | None) -> None:
    assert parse_range(header, 1000) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_a_range_outside_of_the_body_is_refused_with_its_size(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range(header, 1000)
    assert caught.value.size == 1000


def test_the_last_position_of_content_range_is_inclusive() -> None:
    assert ByteRange(0, 100, 1000).content_range == "bytes 0-99/1000"
    assert ByteRange(0, 100, 1000).length == 100
