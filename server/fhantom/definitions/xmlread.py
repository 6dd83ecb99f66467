"""FHIR XML to the canonical resource, driven by the same tables as JSON.

The document becomes the JSON that says the same, which then goes through the canonicaliser; so both formats
have one set of rules for what is dropped and what is refused. Elements that a type does not have are skipped.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers.expat import ExpatError

from fhantom.definitions.canonical import Json, canonical
from fhantom.definitions.model import Key, Version
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.tables import Definitions, load
from fhantom.definitions.xmlparser import DoctypeRefused, parser_for

DEEPEST = 400
PREFIXED_TAG = re.compile(r"<(/?)[\w.-]+:")
PREFIX_DECLARATION = re.compile(r"\sxmlns:[\w.-]+=(\"[^\"]*\"|'[^']*')")


class _Open:
    """An element that has begun: the type it is read as and the JSON made of it so far."""

    __slots__ = ("data", "key", "path", "value")

    def __init__(self, path: str, key: Key | None, data: Json, value: str | None = None) -> None:
        self.path = path
        self.key = key
        self.data = data
        self.value = value


class _Reader:
    """Handlers of one document."""

    def __init__(self, definitions: Definitions, body: bytes) -> None:
        self._definitions = definitions
        self._body = body
        self._open: list[_Open] = []
        self._skipping = 0
        self._div_start: int | None = None
        self.root: Json | None = None
        self._parser = parser_for(body, " ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self) -> Json:
        try:
            self._parser.Parse(self._body, True)
        except (ExpatError, DoctypeRefused) as broken:
            raise ParseRefusal(1852, detail=str(broken)) from None
        assert self.root is not None
        return self.root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if self._skipping:
            self._skipping += 1
            return
        if len(self._open) > DEEPEST:
            raise ParseRefusal(1852, detail="nested too deeply")
        if not self._open:
            self.root = {"resourceType": local}
            self._open.append(_Open(local, None, self.root))
            return
        parent = self._open[-1]
        if parent.path == "Resource":
            parent.data["resourceType"] = local
            self._open.append(_Open(local, None, parent.data))
            return
        key = self._key(parent, local)
        if key is None:
            self._skipping = 1
            return
        if key.type == "xhtml":
            self._div_start = self._parser.CurrentByteIndex
            self._skipping = 1
        data: Json = {name: attributes[name] for name in ("id", "url") if name in attributes}
        path = "Element" if key.is_primitive else key.type
        self._open.append(_Open(path, key, data, attributes.get("value")))

    def _key(self, parent: _Open, local: str) -> Key | None:
        if not self._definitions.is_resource(parent.path.partition(".")[0]) and parent.key is None:
            return None
        return self._definitions.type(parent.path).keys.get(local)

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
            if self._skipping or self._div_start is None:
                return
        closed = self._open.pop()
        if closed.key is None:
            return
        value: Any = closed.data
        companion: Json | None = None
        if closed.key.is_primitive:
            value, companion = closed.value, closed.data or None
            if self._div_start is not None:
                value, companion = self._div(self._div_start), None
                self._div_start = None
        elif closed.key.type == "Resource" and "resourceType" not in closed.data:
            return  # an element that holds no resource
        self._keep(self._open[-1].data, closed.key, value, companion)

    def _keep(self, data: Json, key: Key, value: Any, companion: Json | None) -> None:
        """Append to the property, its companion list in step: nulls are what the canonicaliser expects."""
        held = data.setdefault(key.name, [])
        if companion is not None:
            beside = data.setdefault("_" + key.name, [])
            beside.extend([None] * (len(held) - len(beside)))
            beside.append(companion)
        held.append(value)

    def _div(self, start: int) -> str:
        """The narrative as it stands in the document, without namespace prefixes."""
        end = self._parser.CurrentByteIndex
        if self._body[end - 2 : end] != b"/>" or self._body.index(b">", start) + 1 != end:  # else an empty element
            end = self._body.index(b">", end) + 1
        text = self._body[start:end].decode("utf-8")
        if text.startswith("<div"):
            return text
        return PREFIX_DECLARATION.sub("", PREFIXED_TAG.sub(r"<\1", text))


def parse_xml(version: Version, body: bytes, expected: str | None = None) -> Json:
    """The canonical resource of an XML body in UTF-8 or UTF-16; raises ParseRefusal.

    1852 for what is not well formed or has a DOCTYPE, 1851 around what is wrong with the resource, such as 1814
    if `expected` names another type.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        body = re.sub(r"^<\?xml.*?\?>", "", body.decode("utf-16", "replace")).encode()
    text = body.decode("utf-8", "replace").encode()  # whatever encoding the document claims, as in HAPI
    document = _Reader(load(version), text).read()
    try:
        return canonical(version, document, expected)
    except ParseRefusal as refusal:
        raise refusal.within(1851) from None
