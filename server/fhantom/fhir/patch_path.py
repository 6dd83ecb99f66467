"""FHIRPath Patch (FHIR fhirpatch 2.1.0.8): operations given as a Parameters resource."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from fhantom.definitions import Definitions
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
    raise _refuse(f"an operation lacks its part '{name}'")


def _number(parts: Parts, name: str) -> int:
    text = _text(parts, name)
    if not text.isdecimal():
        raise _refuse(f"the part '{name}' is no index: {text}")
    return int(text)


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
        try:
            return follow(self.definitions, self.resource, path)
        except BadPath:
            raise Refusal("1270", path=path) from None

    def one(self, path: str) -> Place:
        places = self.places(path)
        if len(places) != 1:
            raise Refusal("1270", path=path)
        return places[0]

    def add(self, parts: Parts) -> None:
        parent, name = self.one(_text(parts, "path")), _text(parts, "name")
        type_name, value = _value(parts)
        if not isinstance(parent.value, dict):
            raise Refusal("1270", path=f"{_text(parts, 'path')}.{name}")
        keys = key_of(self.definitions, parent.type, name)
        if not keys:
            raise _refuse(f"{parent.type} has no element '{name}'")
        key = next((key for key in keys if key.name == name + type_name), keys[0])
        if key.element.is_list:
            parent.value.setdefault(key.name, []).append(value)
        else:
            parent.value[key.name] = value

    def insert(self, parts: Parts) -> None:
        items, index = self.list_at(_text(parts, "path")), _number(parts, "index")
        if index > len(items):
            raise _refuse(f"there is no place {index} in a list of {len(items)}")
        items.insert(index, _value(parts)[1])

    def delete(self, parts: Parts) -> None:
        places = self.places(_text(parts, "path"))
        if len(places) > 1:
            raise Refusal("1270", path=_text(parts, "path"))
        for place in places:
            if place.holder is None:
                raise Refusal("1270", path=_text(parts, "path"))
            del place.holder[place.key]  # type: ignore[arg-type]  # the key is of the holder's kind
            if isinstance(place.holder, dict):
                place.holder.pop(f"_{place.key}", None)

    def replace(self, parts: Parts) -> None:
        place = self.one(_text(parts, "path"))
        type_name, value = _value(parts)
        if place.holder is None:
            raise Refusal("1270", path=_text(parts, "path"))
        key = place.key
        if isinstance(place.holder, dict) and isinstance(key, str):
            key = self.renamed(place.holder, key, type_name)
        place.holder[key] = value  # type: ignore[index]  # the key is of the holder's kind

    def renamed(self, holder: dict[str, Json], key: str, type_name: str) -> str:
        """The property for a value of another type of a choice; the old property goes."""
        for owner in ("resourceType" in holder and holder["resourceType"], self.resource["resourceType"]):
            keys = self.definitions.type(str(owner)).keys if owner else {}
            if key in keys and keys[key].element.is_choice and keys[key].element.name + type_name in keys:
                del holder[key]
                return keys[key].element.name + type_name
        return key

    def move(self, parts: Parts) -> None:
        items = self.list_at(_text(parts, "path"))
        source, destination = _number(parts, "source"), _number(parts, "destination")
        if source >= len(items) or destination >= len(items):
            raise _refuse(f"{source} or {destination} is no place in a list of {len(items)}")
        items.insert(destination, items.pop(source))

    def list_at(self, path: str) -> list[Json]:
        places = self.places(path)
        if not places or not isinstance(places[0].holder, list):
            raise Refusal("1270", path=path)
        return places[0].holder


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
            continue
        parts = {str(part.get("name")): part for part in parameter.get("part", [])}
        kind = _text(parts, "type")
        if kind not in _OPERATIONS:
            raise _refuse(f"no operation of a patch: {kind}")
        _OPERATIONS[kind](work, parts)
    return work.resource
