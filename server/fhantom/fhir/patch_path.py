"""FHIRPath Patch (FHIR fhirpatch 2.1.0.8): operations given as a Parameters resource."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Definitions, Key
from fhantom.definitions.primitives import VALUES
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.places import BadPath, Place, follow, key_of

Json = Any
Parts = dict[str, dict[str, Json]]

_CONVERTED = ("boolean", "date", "dateTime", "instant", "integer", "decimal")
"""Types of elements whose new values HAPI reads from text at once, and refuses without a number."""


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
    """An index. Refusal "patch index" if it is absent or of another type than a whole number."""
    part = parts.get(name, {})
    values = [value for key, value in part.items() if key in ("valueInteger", "valuePositiveInt", "valueUnsignedInt")]
    if not values:
        raise Refusal("patch index", name=name)
    return int(values[0])


@dataclass(frozen=True, slots=True)
class _Value:
    """What an operation is to put somewhere.

    Attributes:
        type: as the property's name gives it: `String`; empty for one made of parts, for a resource and for none.
        content: None for none.
        parts: what it is made of.
    """

    type: str = ""
    content: Json = None
    parts: tuple[dict[str, Json], ...] = ()


def _value(part: dict[str, Json] | None) -> _Value:
    """The value that a part holds. Refusal 1267 if there is no such part."""
    for key, value in (part or {}).items():
        if key.startswith("value"):
            return _Value(key[5:], value)
    if part and "resource" in part:
        return _Value("", part["resource"])
    return _Value("", None, tuple((part or {}).get("part", ())))


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
        value = _value(parts.get("value"))
        places = self.places(path)
        if not places:
            raise _refuse(f"nothing is at {path}, to which {name} could be added")
        for parent in places:
            holder = self.inside(parent, name)
            self.put(holder, parent.type if holder is parent.value else "Element", name, value)

    def inside(self, parent: Place, name: str) -> dict[str, Json]:
        """What holds the elements of a place; of a primitive that is what stands beside it (FHIR json 2.6.2.3)."""
        if isinstance(parent.value, dict):
            return parent.value
        if name not in ("id", "extension") or not isinstance(parent.holder, dict):
            raise _refuse(f"nothing can be added to the {parent.type}")
        beside: dict[str, Json] = parent.holder.setdefault(f"_{parent.key}", {})
        return beside

    def put(self, holder: dict[str, Json], type_path: str, name: str, value: _Value) -> None:
        """Give an element a value, one more if it repeats; no value takes away what is there."""
        key = self.key(type_path, name, value.type)
        _check_type(self.definitions, type_path, key, name, value)
        content = self.built(key.type, value.parts) if value.parts else value.content
        if key.element.is_list:
            if content is not None:
                holder.setdefault(key.name, []).append(content)
            return
        for other in key_of(self.definitions, type_path, key.element.name):
            holder.pop(other.name, None)  # a choice has one value
        holder.pop(f"_{key.name}", None)
        if content is not None:
            holder[key.name] = content

    def built(self, type_path: str, parts: Sequence[dict[str, Json]]) -> dict[str, Json]:
        """An object from parts that each name one of its elements; of repeated names the last counts, as in HAPI."""
        made: dict[str, Json] = {}
        for part in {str(part.get("name", "")): part for part in parts}.values():
            self.put(made, type_path, str(part.get("name", "")), _value(part))
        return made

    def insert(self, parts: Parts) -> None:
        path, index, value = _text(parts, "path"), _number(parts, "index"), _value(parts.get("value"))
        for parent, key, items in self.lists(path):
            if key is None:
                continue
            if not 0 <= index <= len(items):
                raise _refuse(f"{path} has no place {index}, only {len(items)} elements")
            _check_type(self.definitions, parent.type, key, key.name, value)
            content = self.built(key.type, value.parts) if value.parts else value.content
            if content is not None:
                parent.value[key.name] = [*items[:index], content, *items[index:]]

    def delete(self, parts: Parts) -> None:
        path = _text(parts, "path")
        places = [place for place in self.places(path) if place.holder is not None]
        several = "allowMultipleMatches" in parts and _text(parts, "allowMultipleMatches") == "True"
        if len(places) > 1 and not several:
            raise _refuse(f"several elements are at {path}")
        if not places and path == self.resource["resourceType"]:
            kept = ("resourceType", "id", "meta")
            self.resource = {name: value for name, value in self.resource.items() if name in kept}
        for place in reversed(places):  # from the end of a list, whose places move up
            del place.holder[place.key]  # type: ignore[union-attr, arg-type]  # the key is of the holder's kind
            if isinstance(place.holder, dict):
                place.holder.pop(f"_{place.key}", None)

    def replace(self, parts: Parts) -> None:
        path, value = _text(parts, "path"), _value(parts.get("value"))
        places = self.places(path)
        if not places:
            raise Refusal("2761", path=path)
        if len(places) > 1:
            raise Refusal("2704", path=path)
        (place,) = places
        if "value" not in parts:
            raise _refuse("a replace lacks its part 'value'")
        if place.holder is None:
            if isinstance(value.content, dict) and not value.type:
                return  # HAPI takes a resource for the whole one, and changes nothing
            raise Refusal("2719", path=path)
        if path.endswith("]") and not isinstance(place.value, dict):  # a primitive in a list, which HAPI cannot replace
            raise Refusal("2761" if place.key else "2719", path=path)
        if value.parts:
            place.holder[place.key] = {**place.value, **self.built(place.type, value.parts)}  # type: ignore[index]
        elif value.content is not None:
            self.exchange(place, value, path)

    def exchange(self, place: Place, value: _Value, path: str) -> None:
        """Put a value in the place of another, under the property of its type if the element is a choice."""
        key: str | int = place.key
        keys = self.definitions.type(place.owner).keys
        old = keys.get(key) if isinstance(key, str) else None
        if old is not None and old.element.is_choice:
            if isinstance(place.value, dict) != isinstance(value.content, dict):
                raise Refusal("2719", path=path)
            del place.holder[key]  # type: ignore[union-attr, arg-type]
            key = next((name for name in keys if name == old.element.name + value.type), key)
        elif place.type in VALUES and place.type in _CONVERTED and not isinstance(value.content, dict):
            try:
                VALUES[place.type](value.content)
            except ValueError as error:
                raise Refusal("patch value", words=str(error)) from None
        place.holder[key] = value.content  # type: ignore[index]  # the key is of the holder's kind

    def key(self, type_path: str, name: str, type_name: str = "") -> Key:
        """The property that an element's name means, of a choice the one for a type."""
        keys = key_of(self.definitions, type_path, name)
        if not keys:
            raise _refuse(f"{type_path} has no element '{name}'")
        return next((key for key in keys if key.name == name + type_name), keys[0])

    def move(self, parts: Parts) -> None:
        path = _text(parts, "path")
        source, destination = _number(parts, "source"), _number(parts, "destination")
        for parent, key, items in self.lists(path):
            if key is None:
                if destination:
                    raise Refusal("1269", index=destination, path=path, count=0)
                continue
            if not 0 <= source < len(items):
                raise Refusal("1268", index=source, path=path, count=len(items))
            if not 0 <= destination < len(items):
                raise Refusal("1269", index=destination, path=path, count=len(items) - 1)
            rest = [*items[:source], *items[source + 1 :]]
            parent.value[key.name] = [*rest[:destination], items[source], *rest[destination:]]

    def lists(self, path: str) -> Iterator[tuple[Place, Key | None, list[Json]]]:
        """The lists that a path means, empty ones too: whose they are, their property, None if none, their elements."""
        parent_path, dot, name = path.rpartition(".")
        if not dot:
            raise _refuse(f"{path} is no element that repeats")
        for parent in self.places(parent_path):
            if isinstance(parent.value, dict):
                key = self.key(parent.type, name)
                yield (parent, key, parent.value.get(key.name, [])) if key.element.is_list else (parent, None, [])


def _check_type(definitions: Definitions, type_path: str, key: Key, name: str, value: _Value) -> None:
    """Refuse (1831) a value of a type that the element does not have; text is taken for a code that is bound."""
    if not value.type:
        return
    types = {each.type[:1].upper() + each.type[1:] for each in key_of(definitions, type_path, key.element.name)}
    is_code = key.type == "code" and key.element.value_set is not None
    if value.type not in types and not (is_code and value.type == "String"):
        raise Refusal("1831", name=name, type=value.type)


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
