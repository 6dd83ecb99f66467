"""A canonical resource as FHIR XML, indented by three spaces as HAPI does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhantom.definitions.canonical import Json
from fhantom.definitions.model import Key, TypeDefinition, Version
from fhantom.definitions.tables import Definitions, load

NAMESPACE = "http://hl7.org/fhir"
ESCAPES = {ord(c): f"&{name};" for c, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"))}
ESCAPES |= {code: f"&#x{code:x};" for code in (9, 10, 13)}
ESCAPES |= {code: "?" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
"""What an attribute cannot hold; control characters have no form in XML 1.0 at all."""


class _Writer:
    """Writes elements of one version to a list of parts."""

    def __init__(self, definitions: Definitions, pretty: bool) -> None:
        self._definitions = definitions
        self._pretty = pretty
        self.parts: list[str] = []
        self._put: Callable[[str], None] = self.parts.append

    def resource(self, resource: Json, line: str) -> None:
        """A resource, which repeats the namespace wherever it stands, as HAPI does."""
        name = resource["resourceType"]
        self._element(name, f' xmlns="{NAMESPACE}"', self._definitions.type(name), resource, line)

    def _element(self, tag: str, attributes: str, type_: TypeDefinition, value: Json, line: str) -> None:
        """One element with the properties of `value` as children, in the order of the definition."""
        self._put(f"{line}<{tag}{attributes}")
        start = len(self.parts)
        self._put(">")
        inner = line + "   " if self._pretty else ""
        names = {name.lstrip("_") for name in value}
        as_attributes = ("id", "url") if type_.path == "Extension" else ("id",)
        for key in sorted((type_.keys[name] for name in names if name in type_.keys), key=_rank):
            if key.name not in as_attributes or type_.kind == "resource":
                self._property(key, value.get(key.name), value.get("_" + key.name), inner)
        if len(self.parts) == start + 1:
            self.parts[start] = "/>"
        else:
            self._put(f"{line}</{tag}>")

    def _property(self, key: Key, value: Any, companion: Any, line: str) -> None:
        values = value if isinstance(value, list) else [value]
        companions = companion if isinstance(companion, list) else [companion]
        for at in range(max(len(values), len(companions))):
            item = values[at] if at < len(values) else None
            beside = companions[at] if at < len(companions) else None
            if key.type == "xhtml":
                self._put(f"{line}{item}")
            elif key.is_primitive:
                self._primitive(key.name, item, beside or {}, line)
            elif item is None:
                continue
            elif key.type == "Resource":
                self._put(f"{line}<{key.name}>")
                self.resource(item, line + "   " if self._pretty else "")
                self._put(f"{line}</{key.name}>")
            else:
                type_ = self._definitions.type(key.type)
                self._element(key.name, _attributes(item, type_.path), type_, item, line)

    def _primitive(self, name: str, value: Any, companion: Json, line: str) -> None:
        attributes = _attributes(companion, "Element")
        if value is not None:
            attributes += f' value="{_text(value)}"'
        if "extension" in companion:
            only = {"extension": companion["extension"]}
            self._element(name, attributes, self._definitions.type("Element"), only, line)
        elif attributes:
            self._put(f"{line}<{name}{attributes}/>")


def _rank(key: Key) -> int:
    return key.rank


def _text(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return str(value).translate(ESCAPES)


def _attributes(value: Json, path: str) -> str:
    names = ("id", "url") if path == "Extension" else ("id",)
    return "".join(f' {name}="{_text(value[name])}"' for name in names if value.get(name) is not None)


def dump_xml(version: Version, resource: Json, pretty: bool = True) -> bytes:
    """The XML text of a resource; properties that its type does not have are left out.

    Narratives stand as they were sent: indenting inside of them would change what they say.
    """
    writer = _Writer(load(version), pretty)
    writer.resource(resource, "\n" if pretty else "")
    return "".join(writer.parts).lstrip("\n").encode("utf-8", "replace")
