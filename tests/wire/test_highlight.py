"""Texts cut into tokens: nothing is lost, and links are what they say."""

from __future__ import annotations

import pytest

from fhantom.wire.highlight import tokens

JSON = '{"a": "x\\"y", "b": [1.5e3, true, null], "c": {"reference": "Patient/1/_history/2"}}'
XML = '<a b="1"><!-- no --><url value="http://x.example/?a=1&amp;b=2"/>text &lt;</a>'


@pytest.mark.parametrize(("text", "is_json"), [(JSON, True), (XML, False), ("", True), ('"open', True), ("<a", False)])
def test_the_tokens_are_the_text(text: str, is_json: bool) -> None:
    assert "".join(token.text for token in tokens(text, is_json=is_json)) == text


def test_json_has_keys_strings_numbers_and_words() -> None:
    kinds = {token.text: token.kind for token in tokens(JSON, is_json=True)}
    assert (kinds['"a"'], kinds['"x\\"y"'], kinds["1.5e3"], kinds["true"]) == ("key", "string", "number", "word")


@pytest.mark.parametrize(
    ("text", "is_json", "link"),
    [
        ('"Patient/1"', True, "Patient/1"),
        ('"Patient/1/_history/2"', True, "Patient/1/_history/2"),
        ('"https://x.example/a?b=1&c=2"', True, "https://x.example/a?b=1&c=2"),
        ('"http://x.example/?a=1&amp;b=2"', False, "http://x.example/?a=1&b=2"),
        ('"javascript:alert(1)"', True, ""),
        ('"see https://x.example"', True, ""),
        ('"https://x.example/\\"onclick=1"', True, ""),
        ('"https://x.example/&quot;onclick=1"', False, ""),
    ],
)
def test_only_whole_addresses_and_references_are_links(text: str, is_json: bool, link: str) -> None:
    (token,) = tokens(text, is_json=is_json)
    assert token.link == link
