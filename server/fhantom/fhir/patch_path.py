"""FHIRPath Patch (FHIR fhirpatch 2.1.0.8): operations given as a Parameters resource."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from fhantom.definitions import Definitions, Key
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.places import BadPath, Place, follow, key_of

Json = Any
Parts = dict[str, dict[str, Json]]


def _refuse(words: str) -> Refusal:
    return Refusal("1267", words=words)


def _text(parts: Parts, name: str) -> str:
    for key, value in parts.get(name, {}).items():
        if key.startswith("value"):
            return str(value)
    if name == "path":
        raise Refusal("2726", path="")
    raise _refuse(f"an operation lacks its part '{name}'")


def _number(parts: Parts, name: str) -> int:
    if name not in parts:
        raise Refusal("patch index", name=name)
    text = _text(parts, name)
    return int(text) if text.isdecimal() else -1


def _value(parts: Parts) -> tuple[str, Json]:
    """The value of an operation and the type that its property names, empty for one made of parts."""
    part = parts.get("value")
    if part is None:
        raise _refuse("an operation lacks its part 'value'")
    for key, value in part.items():
        if key.startswith("value"):
            return key[5:], value
    if "resource" in part:
        return "", part["resource"]
    return "", _built(part.get("part", []))


def _built(parts: list[dict[str, Json]]) -> dict[str, Json]:
    """An object from parts that each name one of its elements; repeated names make a list."""
    made: dict[str, Json] = {}
    for part in parts:
        values = [value for key, value in part.items() if key.startswith("value")]
        value = values[0] if values else _built(part.get("part", []))
        name = str(part.get("name", ""))
        if name in made:
            earlier = made[name] if isinstance(made[name], list) else [made[name]]
            made[name] = [*earlier, value]
        else:
            made[name] = value
    return made


class _Patch:
    def __init__(self, definitions: Definitions, resource: dict[str, Json]) -> None:
        self.definitions = definitions
        self.resource = resource

    def places(self, path: str) -> list[Place]:
        if path.endswith("."):
            raise Refusal("2726", path=path)
        try:
            return follow(self.definitions, self.resource, path)
        except BadPath:
            raise Refusal("2726", path=path) from None

    def add(self, parts: Parts) -> None:
        path, name = _text(parts, "path"), _text(parts, "name")
        parents = [place for place in self.places(path) if isinstance(place.value, dict)]
        if not parents:
            raise _refuse(f"nothing is at {path}, to which {name} could be added")
        for parent in parents:
            type_name, value = _value(parts)
            key = self.key(parent, name, type_name)
            if key.element.is_list:
                parent.value.setdefault(key.name, []).append(value)
            else:
                parent.value[key.name] = value

    def insert(self, parts: Parts) -> None:
        path, index = _text(parts, "path"), _number(parts, "index")
        for holder, name, items in self.lists(path):
            if not 0 <= index <= len(items):
                raise _refuse(f"{path} has no place {index}, only {len(items)} elements")
            holder[name] = [*items[:index], _value(parts)[1], *items[index:]]

    def delete(self, parts: Parts) -> None:
        path = _text(parts, "path")
        places = [place for place in self.places(path) if place.holder is not None]
        several = "allowMultipleMatches" in parts and _text(parts, "allowMultipleMatches") == "True"
        if len(places) > 1 and not several:
            raise _refuse(f"several elements are at {path}")
        if not places and path == self.resource["resourceType"]:
            raise _refuse("a patch cannot delete the whole resource")
        for place in reversed(places):  # from the end of a list, whose places move up
            del place.holder[place.key]  # type: ignore[union-attr, arg-type]  # the key is of the holder's kind
            if isinstance(place.holder, dict):
                place.holder.pop(f"_{place.key}", None)

    def replace(self, parts: Parts) -> None:
        path = _text(parts, "path")
        places = self.places(path)
        if not places:
            raise Refusal("2761", path=path)
        if len(places) > 1:
            raise Refusal("2704", path=path)
        (place,) = places
        type_name, value = _value(parts)
        if place.holder is None:
            raise Refusal("2719", path=path)
        key = place.key
        if isinstance(place.holder, dict) and isinstance(key, str):
            key = self.renamed(place.holder, key, type_name)
        place.holder[key] = value  # type: ignore[index]  # the key is of the holder's kind

    def key(self, parent: Place, name: str, type_name: str = "") -> Key:
        """The property that an element's name means, of a choice the one for a type."""
        keys = key_of(self.definitions, parent.type, name)
        if not keys:
            raise _refuse(f"{parent.type} has no element '{name}'")
        return next((key for key in keys if key.name == name + type_name), keys[0])

    def renamed(self, holder: dict[str, Json], key: str, type_name: str) -> str:
        """The property for a value of another type of a choice; the old property goes."""
        for owner in ("resourceType" in holder and holder["resourceType"], self.resource["resourceType"]):
            keys = self.definitions.type(str(owner)).keys if owner else {}
            if key in keys and keys[key].element.is_choice and keys[key].element.name + type_name in keys:
                del holder[key]
                return keys[key].element.name + type_name
        return key

    def move(self, parts: Parts) -> None:
        path = _text(parts, "path")
        source, destination = _number(parts, "source"), _number(parts, "destination")
        for holder, name, items in self.lists(path):
            if not 0 <= source < len(items):
                raise Refusal("1268", index=source, path=path, count=len(items))
            if not 0 <= destination < len(items):
                raise Refusal("1269", index=destination, path=path, count=len(items) - 1)
            rest = [*items[:source], *items[source + 1 :]]
            holder[name] = [*rest[:destination], items[source], *rest[destination:]]

    def lists(self, path: str) -> Iterator[tuple[dict[str, Json], str, list[Json]]]:
        """The lists that a path means, empty ones too: what holds each, its property, its elements."""
        parent_path, dot, name = path.rpartition(".")
        if not dot:
            raise _refuse(f"{path} is no element that repeats")
        for parent in self.places(parent_path):
            if isinstance(parent.value, dict):
                key = self.key(parent, name)
                if not key.element.is_list:
                    raise _refuse(f"{path} is no element that repeats")
                yield parent.value, key.name, parent.value.get(key.name, [])


_OPERATIONS: dict[str, Callable[[_Patch, Parts], None]] = {
    "add": _Patch.add,
    "insert": _Patch.insert,
    "delete": _Patch.delete,
    "replace": _Patch.replace,
    "move": _Patch.move,
}


def apply(definitions: Definitions, resource: dict[str, Json], patch: dict[str, Json]) -> dict[str, Json]:
    """A patched copy of `resource`. Refusal if an operation cannot be done; then none is."""
    work = _Patch(definitions, copy.deepcopy(resource))
    for parameter in patch.get("parameter", []):
        if parameter.get("name") != "operation":
            raise _refuse(f"no parameter of a patch: {parameter.get('name')}")
        parts = {str(part.get("name")): part for part in parameter.get("part", [])}
        kind = _text(parts, "type")
        if kind not in _OPERATIONS:
            raise _refuse(f"no operation of a patch: {kind}")
        _OPERATIONS[kind](work, parts)
    return work.resource
