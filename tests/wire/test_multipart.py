"""The multipart codec: any chunking gives the same parts, limits hold, nothing is joined."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhantom.wire.multipart import Decoder, Encoder, MultipartError, Part, PartBegin, PartData, PartEnd

BOUNDARY = "b0undary"


def parts_of(body: bytes, step: int | None = None, **limits: int) -> list[tuple[dict[str, str], bytes]]:
    """Decode `body`, fed `step` bytes at a time."""
    decoder = Decoder(BOUNDARY, **limits)
    parts: list[tuple[dict[str, str], bytes]] = []
    headers: dict[str, str] = {}
    content = b""
    for at in range(0, len(body), step or max(len(body), 1)):
        for event in decoder.feed(body[at : at + (step or len(body))]):
            match event:
                case PartBegin():
                    headers, content = dict(event.headers), b""
                case PartData():
                    content += event.data
                case PartEnd():
                    parts.append((headers, content))
    decoder.finish()
    return parts


TWO_PARTS = (
    b"--b0undary\r\nContent-Type: application/dicom\r\n\r\nfirst\r\n--b0undar\r\ny"
    b"\r\n--b0undary\r\nContent-Type: image/jpeg\r\nX: 1\r\n\r\n\r\nsecond\r\n\r\n--b0undary--\r\n"
)
WANTED = [
    ({"content-type": "application/dicom"}, b"first\r\n--b0undar\r\ny"),
    ({"content-type": "image/jpeg", "x": "1"}, b"\r\nsecond\r\n"),
]


@pytest.mark.parametrize("step", range(1, 40))
def test_chunk_boundaries_may_fall_anywhere(step: int) -> None:
    assert parts_of(TWO_PARTS, step) == WANTED


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a preamble\r\n" + TWO_PARTS, id="preamble"),
        pytest.param(b"\r\n" + TWO_PARTS, id="empty line first"),
        pytest.param(TWO_PARTS + b"an epilogue\r\n--b0undary\r\n\r\nno part\r\n", id="epilogue"),
        pytest.param(TWO_PARTS[:-2], id="no CRLF at the end"),
        pytest.param(TWO_PARTS.replace(b"b0undary\r\n", b"b0undary \t \r\n"), id="transport padding"),
        pytest.param(b"--b0undaryX\r\n\r\nx\r\n" + TWO_PARTS, id="longer boundary in the preamble"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, None])
def test_what_surrounds_the_parts_is_dropped(body: bytes, step: int | None) -> None:
    assert parts_of(body, step) == WANTED


@pytest.mark.parametrize("follows", [b"X", b"-", b"-X", b"\rX", b" X", b" " * 300 + b"\r\n"])
def test_a_boundary_that_only_begins_a_line_is_content(follows: bytes) -> None:
    content = b"before\r\n--b0undary" + follows + b"after"
    body = b"--b0undary\r\n\r\n" + content + b"\r\n--b0undary--"
    assert parts_of(body) == parts_of(body, 1) == [({}, content)]


@pytest.mark.parametrize(
    ("body", "content"),
    [
        pytest.param(b"--b0undary\r\nA: b\r\n\r\n\r\n--b0undary--\r\n", [({"a": "b"}, b"")], id="empty content"),
        pytest.param(b"--b0undary\r\nA: b\r\n\r\n--b0undary--\r\n", [({"a": "b"}, b"")], id="no content"),
        pytest.param(b"--b0undary\r\n\r\nx\r\n--b0undary--\r\n", [({}, b"x")], id="no headers"),
        pytest.param(b"--b0undary--\r\n", [], id="no parts"),
    ],
)
@pytest.mark.parametrize("step", [1, None])
def test_empty_things_are_parts_too(body: bytes, content: list[tuple[dict[str, str], bytes]], step: int | None) -> None:
    assert parts_of(body, step) == content


def test_a_part_of_form_data_keeps_its_disposition() -> None:
    body = (
        b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="x.dcm"\r\n'
        b"Content-Type: application/dicom\r\n\r\nDICM\r\n--b0undary--\r\n"
    )
    [(headers, content)] = parts_of(body)
    assert headers["content-disposition"] == 'form-data; name="file"; filename="x.dcm"'
    assert content == b"DICM"


def test_a_folded_header_is_one_header() -> None:
    body = b"--b0undary\r\nContent-Type: a/b;\r\n\tc=d\r\n\r\nx\r\n--b0undary--"
    assert parts_of(body)[0][0] == {"content-type": "a/b; c=d"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(b"", "does not hold the boundary", id="empty"),
        pytest.param(b"--other\r\n\r\nx\r\n--other--", "does not hold the boundary", id="wrong boundary"),
        pytest.param(TWO_PARTS.replace(b"\r\n", b"\n"), "does not hold the boundary", id="LF only"),
        pytest.param(TWO_PARTS[:-4], "without its closing boundary", id="cut in the closing boundary"),
        pytest.param(b"--b0undary\r\nA: b", "without its closing boundary", id="cut in the headers"),
        pytest.param(b"--b0undary\r\nno colon\r\n\r\nx\r\n--b0undary--", "without a name", id="no header name"),
    ],
)
@pytest.mark.parametrize("step", [1, None])
def test_a_body_that_is_not_whole_is_refused(body: bytes, says: str, step: int | None) -> None:
    with pytest.raises(MultipartError, match=says):
        parts_of(body, step)


def test_a_header_block_that_never_ends_is_refused_before_it_fills_memory() -> None:
    with pytest.raises(MultipartError, match="more than 100 bytes of headers"):
        parts_of(b"--b0undary\r\n" + b"A: b\r\n" * 1000, max_header_bytes=100)


def test_a_header_block_just_within_the_limit_is_taken() -> None:
    block = b"A: " + b"b" * 97
    body = b"--b0undary\r\n" + block + b"\r\n\r\nx\r\n--b0undary--"
    assert parts_of(body, max_header_bytes=100)[0][1] == parts_of(body, 1, max_header_bytes=100)[0][1] == b"x"


def test_more_parts_than_the_limit_are_refused() -> None:
    with pytest.raises(MultipartError, match="more than 10 parts"):
        parts_of(b"--b0undary\r\n\r\n\r\n" * 1_000_000, step=65536, max_parts=10)


@pytest.mark.parametrize("boundary", ["", "x" * 300, "é"])
def test_an_impossible_boundary_is_refused(boundary: str) -> None:
    with pytest.raises(MultipartError, match="boundary"):
        Decoder(boundary)


def test_a_large_part_passes_through_a_small_buffer() -> None:
    decoder = Decoder(BOUNDARY)
    held = 0
    received = 0
    chunk = b"\r\n--b0undar" * 6000
    chunks = itertools.chain([b"--b0undary\r\n\r\n"], [chunk] * 100, [b"\r\n--b0undary--"])
    for piece in chunks:
        for event in decoder.feed(piece):
            received += len(event.data) if isinstance(event, PartData) else 0
        held = max(held, len(decoder._buffer))
    decoder.finish()
    assert received == 100 * len(chunk)
    assert held < 100


@given(bodies=st.lists(st.binary(max_size=60)), step=st.integers(1, 80))
def test_what_is_encoded_decodes_to_the_same(bodies: list[bytes], step: int) -> None:
    parts = [Part.of((("Content-Type", "a/b"),), body) for body in bodies]
    encoder = Encoder(BOUNDARY)
    encoded = b"".join(encoder.encode(parts))
    assert len(encoded) == encoder.size(parts)
    assert parts_of(encoded, step) == [
        ({"content-type": "a/b", "content-length": str(len(body))}, body) for body in bodies
    ]


def test_the_bytes_on_the_wire_are_these() -> None:
    parts = [Part((("Content-Type", "application/dicom"),), [b"a", b"b"], 2), Part((), [b"c"])]
    assert b"".join(Encoder("x").encode(parts)) == (
        b"--x\r\nContent-Type: application/dicom\r\nContent-Length: 2\r\n\r\nab\r\n--x\r\n\r\nc\r\n--x--\r\n"
    )


def test_a_body_is_passed_on_without_a_copy() -> None:
    piece = b"x" * 100
    assert any(sent is piece for sent in Encoder().encode([Part((), [piece])]))


def test_the_size_is_unknown_when_that_of_a_part_is() -> None:
    assert Encoder().size([Part.of((), b""), Part((), [])]) is None
