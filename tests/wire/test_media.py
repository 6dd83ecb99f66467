"""Accept headers as clients write them, and what is chosen for them."""

from __future__ import annotations

import pytest

from fhantom.wire.media import MediaType, Offer, negotiate, parse_accept, parse_media_type

EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"

OCTETS = Offer("application/octet-stream", True, (EXPLICIT, "1.2.840.10008.1.2"))
JPEG = Offer("image/jpeg", True, (JPEG_BASELINE,))
SINGLE_OCTETS = Offer("application/octet-stream", False, (EXPLICIT,))
JSON = Offer("application/dicom+json", False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text/plain", MediaType("text/plain")),
        ("Text/PLAIN ; Charset=UTF-8", MediaType("text/plain", (("charset", "UTF-8"),))),
        ('a/b; type="c/d; e=f"; g=h', MediaType("a/b", (("type", "c/d; e=f"), ("g", "h")))),
        (r'a/b; c="say \"hi\""', MediaType("a/b", (("c", 'say "hi"'),))),
        ("a/b; flag; c=", MediaType("a/b", (("c", ""),))),
        ('a/b; c="open', MediaType("a/b", (("c", "open"),))),
        ("ab", None),
        ("", None),
        ("a/b c", None),
        ("type=image/jpeg", None),
    ],
)
def test_a_media_type_is_read_in_all_its_spellings(text: str, expected: MediaType | None) -> None:
    assert parse_media_type(text) == expected


@pytest.mark.parametrize(
    "header",
    [
        'multipart/related; type="application/octet-stream"; transfer-syntax=*',
        "multipart/related; type=application/octet-stream; transfer-syntax=*",
        "multipart/related;transfer-syntax=*;type=application/octet-stream",
        'Multipart/Related; Type="Application/Octet-Stream; Transfer-Syntax=*"',
        'multipart/related; type="application/octet-stream"; transfer-syntax="*"; q=0.4',
        "nonsense, , multipart/related; type=application/octet-stream; transfer-syntax=*; transfer-syntax=*",
    ],
)
def test_one_meaning_has_many_spellings(header: str) -> None:
    [accepted] = parse_accept(header)
    assert accepted.media.name == "application/octet-stream"
    assert accepted.multipart is True
    assert accepted.transfer_syntax_uid == "*"


def test_entries_are_sorted_by_weight_and_then_by_place() -> None:
    names = [entry.media.name for entry in parse_accept("a/a;q=0.5, b/b, c/c;q=0, d/d;q=1.0, e/e;q=x")]
    assert names == ["b/b", "d/d", "e/e", "a/a"]


@pytest.mark.parametrize(
    ("header", "offers", "expected"),
    [
        pytest.param("*/*", [OCTETS, SINGLE_OCTETS], OCTETS, id="anything takes the server's first"),
        pytest.param("application/*", [OCTETS, SINGLE_OCTETS], SINGLE_OCTETS, id="a range is not multipart"),
        pytest.param("application/octet-stream", [OCTETS, SINGLE_OCTETS], SINGLE_OCTETS, id="single part"),
        pytest.param("multipart/related", [OCTETS, JPEG], OCTETS, id="multipart of any type"),
        pytest.param('multipart/related; type="image/*"', [OCTETS, JPEG], JPEG, id="multipart of a range"),
        pytest.param(
            f"multipart/related; type=image/jpeg; transfer-syntax={EXPLICIT}, multipart/related; q=0.1",
            [OCTETS, JPEG],
            OCTETS,
            id="a syntax that the first type cannot have",
        ),
        pytest.param("text/html, application/dicom+json;q=0.9", [JSON], JSON, id="skips what there is not"),
        pytest.param("text/html", [JSON, OCTETS], None, id="nothing suits"),
        pytest.param("", [JSON], None, id="an empty header takes nothing"),
    ],
)
def test_the_best_offer_is_chosen(header: str, offers: list[Offer], expected: Offer | None) -> None:
    choice = negotiate(parse_accept(header), offers)
    assert (choice.offer if choice else None) == expected


def test_a_header_of_64_kilobytes_is_read_in_part() -> None:
    assert len(parse_accept("a/b;q=0.1," * 6500)) == 200
    assert parse_accept('"' * 65536) == ()
    assert parse_accept('a/b; c="' + "\\" * 65536) != ()
