"""Narrative XHTML: whether it is well formed, and in the form in which it is kept."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers.expat import ExpatError

from fhantom.definitions.primitives import text_of
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.xmlparser import DoctypeRefused, parser_for

NAMESPACE = "http://www.w3.org/1999/xhtml"
OPENING = f'<div xmlns="{NAMESPACE}">'
XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>\s*")
COMPOSED = re.compile(r'(?:[^<&>"]++|&(?:amp|lt|gt|quot);|<\w++(?: \w++="[^"<>&]*+")?/?>(?!</)|</\w++>)*+')
"""Text that composing would leave as it is: no tag has two attributes, no pair of tags is empty."""
TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def xhtml(value: Any) -> str | None:
    """The div of a narrative as it is kept: composed anew, with the namespace it needs; None for an empty one.

    Text that does not start with a tag is put into a div of its own. Raises ParseRefusal 1755 for what is not
    well formed or no div. Scripts and styles are kept: the reader of a page is protected where pages are made.
    """
    sent = text_of(value)
    if sent is None or not sent.strip():
        return None
    text = XML_DECLARATION.sub("", sent.strip(), count=1)
    if not text.startswith("<"):
        text = f"{OPENING}{text}</div>"
    if text.startswith(OPENING) and COMPOSED.fullmatch(text):
        check_well_formed(text)
        return None if text == f"{OPENING}</div>" else text
    return _composed(text)


def check_well_formed(text: str) -> None:
    """Raise ParseRefusal 1755 unless `text` is one well-formed element with the entities of XHTML."""
    body = text.encode("utf-8", "replace")
    try:
        parser_for(body).Parse(body, True)
    except (ExpatError, DoctypeRefused) as broken:
        raise ParseRefusal(1755, detail=str(broken), element="div", value=text) from None


def _composed(text: str) -> str | None:
    body = text.replace("\r", "&#13;").encode("utf-8", "replace")
    composer = _Composer(body)
    try:
        composer.parser.Parse(body, True)
    except (ExpatError, DoctypeRefused) as broken:
        raise ParseRefusal(1755, detail=str(broken), element="div", value=text) from None
    if composer.root != "div":
        raise ParseRefusal(1755, detail=f"<{composer.root}> in place of <div>", element="div", value=text)
    return None if len(composer.parts) == 1 else "".join(composer.parts)


class _Composer:
    """Writes the elements that a parser tells of the way HAPI's composer of XHTML does."""

    def __init__(self, body: bytes) -> None:
        self.parser = parser_for(body)
        self.parts: list[str] = []
        self.root = ""
        self._namespaces: dict[str, str] = {}
        self._is_empty = False
        self._in_cdata = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.CommentHandler = self._comment
        self.parser.ProcessingInstructionHandler = lambda target, data: self._comment(f"?{target} {data}?")
        self.parser.StartCdataSectionHandler = self._start_cdata
        self.parser.EndCdataSectionHandler = self._end_cdata

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        prefix, _, name = tag.rpartition(":")
        for key, value in attributes.items():
            if key.startswith("xmlns:"):
                self._namespaces[key[6:]] = value
        kept = {key: value for key, value in attributes.items() if not (key[:6] == "xmlns:" and value == NAMESPACE)}
        own = kept.pop("xmlns", "" if self.root else NAMESPACE)
        if prefix and self._namespaces.get(prefix) not in (None, NAMESPACE):
            own = self._namespaces[prefix]
        if own:
            kept["xmlns"] = own  # last, as a Java map keeps the order of coming within a bucket
        self.root = self.root or name
        told = "".join(f' {key}="{kept[key].translate(TEXT_ESCAPES)}"' for key in sorted(kept, key=_bucket))
        self._inner(f"<{name}{told}/>")
        self._is_empty = True

    def _end(self, tag: str) -> None:
        if not self._is_empty:
            self.parts.append(f"</{tag.rpartition(':')[2]}>")
        self._is_empty = False

    def _inner(self, text: str) -> None:
        if self._is_empty:
            self.parts[-1] = f"{self.parts[-1][:-2]}>"
            self._is_empty = False
        self.parts.append(text)

    def _text(self, text: str) -> None:
        if self.root:
            self._inner(text if self._in_cdata else text.translate(TEXT_ESCAPES))

    def _comment(self, text: str) -> None:
        if self.root:
            self._inner(f"  <!-- {text.strip()} -->")

    def _start_cdata(self) -> None:
        self._inner("  <![CDATA[")
        self._in_cdata = True

    def _end_cdata(self) -> None:
        self._in_cdata = False
        self.parts.append("]]>")


def _bucket(name: str) -> int:
    """Where a Java HashMap of up to twelve strings would list this one: attributes come in that order."""
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) & 15
