"""The form of a resource's JSON: properties that are known, lists where lists belong, and nothing empty (FHIR json)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhantom.definitions import Definitions, Key, UnknownType
from fhantom.definitions.jsontext import DecimalText

Json = Any

_EMPTY_TEXT = "Type_Specific_Checks_DT_Primitive_NotEmpty"
_ELEMENT = "http://hl7.org/fhir/StructureDefinition/Element#ele-1"
_NUMBERS = frozenset({"integer", "positiveInt", "unsignedInt", "decimal"})


@dataclass(frozen=True, slots=True)
class Misform:
    """One thing that is wrong with the form.

    Attributes:
        code: names the kind of finding; empty if it has no name.
        path: where, as FHIRPath.
    """

    words: str
    code: str
    path: str


def misforms(definitions: Definitions, value: Json, type_path: str, path: str) -> Iterator[Misform]:
    """What is wrong with the form of an object of a type, and of all within, in the order of the properties."""
    try:
        definition = definitions.type(type_path)
    except UnknownType:
        return
    if not value:
        yield Misform("an object needs some content", "", path)
    for name, item in value.items():
        if name == "resourceType" and definition.kind == "resource":
            continue
        key = definition.keys.get(name.removeprefix("_"))
        if key is None:
            yield Misform(f"there is no property '{name}'", "", path)
        elif not name.startswith("_"):
            where = f"{path}.{key.element.name}"
            yield from _property(definitions, key, item, where, f"_{name}" in value)


def _property(definitions: Definitions, key: Key, value: Json, path: str, has_more: bool) -> Iterator[Misform]:
    if not key.element.is_list:
        yield from _item(definitions, key, value, path)
        return
    if isinstance(value, list):
        if not value:
            yield Misform("a list needs an item; without one, the property is left out", "", path)
        for at, item in enumerate(value):
            if item is not None or not has_more:  # null stands where the other property has an item
                yield from _item(definitions, key, item, f"{path}[{at}]")
        return
    yield Misform(f"the property {key.name} is a list", "", path)
    yield from _item(definitions, key, value, path)


def _item(definitions: Definitions, key: Key, value: Json, path: str) -> Iterator[Misform]:
    if key.is_primitive:
        yield from _primitive(key, value, path)
    elif not isinstance(value, dict):
        yield Misform(f"the property {key.name} is an object", "", path)
    else:
        type_path = str(value.get("resourceType")) if key.type == "Resource" else key.type
        yield from misforms(definitions, value, type_path, path)


def _primitive(key: Key, value: Json, path: str) -> Iterator[Misform]:
    if value == "":
        yield Misform("an element has a value or children (ele-1)", _ELEMENT, path)
        yield Misform("a value is not empty", _EMPTY_TEXT, path)
    elif not _is_of(key.type, value):
        yield Misform(f"the property {key.name} is a simple value of type {key.type}", "", path)


def _is_of(type_: str, value: Json) -> bool:
    if type_ == "boolean":
        return isinstance(value, bool)
    if type_ in _NUMBERS:
        return isinstance(value, int | float | Decimal | DecimalText) and not isinstance(value, bool)
    return isinstance(value, str) and not isinstance(value, DecimalText)


def pruned(value: Json) -> Json:
    """An object without properties that are empty; an empty item of a list stays, as it takes a place."""
    if isinstance(value, dict):
        kept = ((name, pruned(item)) for name, item in value.items())
        return {name: item for name, item in kept if item is not None and item not in ({}, [], "")}
    return [pruned(item) for item in value] if isinstance(value, list) else value
