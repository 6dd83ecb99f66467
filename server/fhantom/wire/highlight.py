"""JSON and XML cut into tokens, for pages that show them in colours."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

# One alternative for each kind of token; what matches none of them is left as it is.
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>\btrue\b|\bfalse\b|\bnull\b)"
)
_MARKUP = re.compile(r'(?P<tag></?[\w:.-]+|/?>|<!--.*?-->)|(?P<string>"[^"]*")', re.DOTALL)

# A whole string that is an address, or a reference to a resource such as `Patient/1`, also of one version.
_LINK = re.compile(r'"(https?://[^\s"<>\\]+|[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}(?:/_history/\d{1,18})?)"')


class Token(NamedTuple):
    """A piece of a text.

    Attributes:
        kind: key, string, number, word or tag; empty for what is none of them.
        link: what a string refers to if it is an address or a reference, else empty.
    """

    kind: str
    text: str
    link: str = ""


def tokens(text: str, *, is_json: bool) -> Iterator[Token]:
    """All of the text, in order."""
    at = 0
    for found in (_JSON if is_json else _MARKUP).finditer(text):
        if found.start() > at:
            yield Token("", text[at : found.start()])
        kind = found.lastgroup or ""
        plain = found[0] if is_json or kind != "string" else f'"{html.unescape(found[0][1:-1])}"'
        link = _LINK.fullmatch(plain) if kind == "string" else None
        yield Token(kind, found[0], link[1] if link else "")
        at = found.end()
    if at < len(text):
        yield Token("", text[at:])
