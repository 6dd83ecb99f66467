"""References between the entries of a bundle, put into effect before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fhantom.definitions import Definitions, UnknownType
from fhantom.fhir.outcomes import Refusal

Json = Any

_URIS = frozenset({"uri", "url", "canonical", "oid", "uuid"})


def replaced(definitions: Definitions, resource: dict[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """A copy of `resource` whose references and uris name what is stored (FHIR http 3.2.0.11.2).

    Refusal 0541 for a `urn:` reference that is the name of no entry. Narratives stay as they are.
    """
    return _Walk(definitions, names, resource["resourceType"]).object(resource, resource["resourceType"], "")


class _Walk:
    def __init__(self, definitions: Definitions, names: Mapping[str, str], root: str) -> None:
        self.definitions = definitions
        self.names = names
        self.root = root

    def object(self, value: dict[str, Json], type_path: str, element: str) -> dict[str, Json]:
        if "resourceType" in value:
            type_path = value["resourceType"]
        try:
            keys = self.definitions.type(type_path).keys
        except UnknownType:
            return value
        made = {}
        for name, item in value.items():
            key = keys.get(name)
            if key is None:
                made[name] = item
            elif isinstance(item, dict):
                made[name] = self.object(item, key.type, name)
            elif isinstance(item, list):
                made[name] = [self.item(each, key.type, name) for each in item]
            elif name == "reference" and isinstance(item, str):
                made[name] = self.reference(item, element)
            elif key.type in _URIS and isinstance(item, str):
                made[name] = self.names.get(item, item)
            else:
                made[name] = item
        return made

    def item(self, value: Json, type_path: str, element: str) -> Json:
        if isinstance(value, dict):
            return self.object(value, type_path, element)
        if type_path in _URIS and isinstance(value, str):
            return self.names.get(value, value)
        return value

    def reference(self, text: str, element: str) -> str:
        found = self.names.get(text)
        if found is None and text.startswith("urn:"):
            raise Refusal("0541", id=text, element=element, type=self.root)
        return found if found is not None else text


def in_condition(text: str, names: Mapping[str, str]) -> str:
    """A match URL with placeholders replaced, also where they are percent-encoded."""
    if "urn" not in text:
        return text
    for name, reference in names.items():
        if name.startswith("urn:"):
            text = text.replace(name, reference).replace(quote(name, safe=""), reference)
    return text
