"""Narrative XHTML: whether it is well formed, and in the form in which it is kept."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers.expat import ExpatError

from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.xmlparser import DoctypeRefused, parser_for

NAMESPACE = "http://www.w3.org/1999/xhtml"
OPENING = f'<div xmlns="{NAMESPACE}">'
START_TAG = re.compile(r"<([A-Za-z][\w:.-]*)([^>]*)")
XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>\s*")


def xhtml(value: Any) -> str | None:
    """The div of a narrative as it is kept: as sent, with the namespace it needs; None for a blank one.

    Text that does not start with a tag is put into a div of its own. Raises ParseRefusal 1755 for what is not
    well formed. Scripts and styles are kept: the reader of a page is protected where pages are made.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    text = XML_DECLARATION.sub("", value.strip(), count=1)
    if not text.startswith("<"):
        text = f"{OPENING}{text}</div>"
    check_well_formed(text)
    start = START_TAG.match(text)
    if start is not None and "xmlns" not in start[2]:
        name = start[1]
        text = f'<{name} xmlns="{NAMESPACE}"{text[len(name) + 1 :]}'
    return text


def check_well_formed(text: str) -> None:
    """Raise ParseRefusal 1755 unless `text` is one well-formed element with the entities of XHTML."""
    body = text.encode("utf-8", "replace")
    try:
        parser_for(body).Parse(body, True)
    except (ExpatError, DoctypeRefused) as broken:
        raise ParseRefusal(1755, detail=str(broken), element="div", value=text) from None
