"""Resources made from the definitions themselves, so that every element of every type is tried."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import DecimalText, Definitions, Key

VALUES: dict[str, Any] = {
    "base64Binary": "aGVsbG8=",
    "boolean": True,
    "date": "2020-02-29",
    "dateTime": "2020-02-29T10:00:00+01:00",
    "decimal": DecimalText("1.00"),
    "instant": "2020-02-29T10:00:00.123Z",
    "integer": -3,
    "integer64": 9007199254740993,
    "positiveInt": 7,
    "time": "10:00:00",
    "unsignedInt": 0,
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">a &amp; b &lt; <b>c</b>\xa0</div>',
}
DEEPEST = 2


def primitive(definitions: Definitions, key: Key) -> Any:
    """A value that the element may have."""
    codes = definitions.codes(key.element.value_set) if key.element.value_set else None
    if codes:
        return min(codes)
    return VALUES.get(key.type, f"{key.name} <&> \"quoted\" 'Zoë' 山")


def value_for(definitions: Definitions, key: Key, depth: int) -> Any:
    if key.is_primitive:
        return primitive(definitions, key)
    if key.type == "Resource":
        return {"resourceType": "Basic", "id": "inner", "created": "2020-01-01"}
    if key.type == "Extension":
        return {"url": "http://example.org/e", "valueString": "extended"}
    return object_of(definitions, key.type, depth + 1)


def object_of(definitions: Definitions, path: str, depth: int, choice: int = 0) -> dict[str, Any] | None:
    """An object with every element of its type; of a choice, the type at position `choice`."""
    if depth > DEEPEST:
        return None
    made: dict[str, Any] = {}
    for element in definitions.elements(path):
        keys = [key for key in definitions.type(path).keys.values() if key.element is element]
        key = keys[choice % len(keys)]
        value = value_for(definitions, key, depth)
        if value is None:
            continue
        another = {**value, "id": "another"} if key.type == "Resource" else value
        made[key.name] = [value, another] if element.is_list else value
        if key.is_primitive and key.type not in ("xhtml", "id") and key.name not in ("id", "url"):
            companion = {
                "id": f"{key.name}-id",
                "extension": [{"url": "http://example.org/p", "valueCode": "x"}],
            }
            made["_" + key.name] = [None, companion] if element.is_list else companion
    return made or None


def resource_of(definitions: Definitions, resource_type: str, choice: int = 0) -> dict[str, Any]:
    """A resource of the type with every element it can have, down to a few levels."""
    return {"resourceType": resource_type, **(object_of(definitions, resource_type, 0, choice) or {})}
