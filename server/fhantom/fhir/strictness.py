"""What a patched resource is held to and a sent one is not: HAPI reads the result of a JSON Patch strictly."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Definitions, ParseRefusal
from fhantom.definitions.tidying import flat

Json = dict[str, Any]


def check(definitions: Definitions, resource: Json, expected: str) -> None:
    """Raise ParseRefusal for what a lenient reader lets in: 1820 one shape for another, 1823 a choice twice, 1825."""
    name = resource.get("resourceType")
    if name != expected:
        return  # the reader then says what is wrong with the type
    waiting: list[tuple[str, Json]] = [(expected, resource)]
    while waiting:
        path, holder = waiting.pop()
        keys = definitions.type(path).keys
        seen: set[str] = set()
        for member, value in holder.items():
            key = keys.get(member.removeprefix("_"))
            if key is None:
                if member not in ("resourceType", "fhir_comments"):
                    raise ParseRefusal(1825, detail="no such element", element=member)
                continue
            if key.element.is_choice and member[0] != "_" and path != "Extension":  # whose last value counts
                if key.element.name in seen:
                    raise ParseRefusal(1823, detail="a choice has one value", element=key.element.name)
                seen.add(key.element.name)
            if key.is_primitive:
                continue
            if key.element.is_list and isinstance(value, dict):
                raise ParseRefusal(1820, detail="a list is needed", element=member)
            for item in flat(value):
                if isinstance(item, dict):
                    inner = item.get("resourceType") if key.type == "Resource" else key.type
                    if key.type != "Resource" or (isinstance(inner, str) and definitions.is_resource(inner)):
                        waiting.append((str(inner), item))
                elif item is not None:
                    raise ParseRefusal(1820, detail="an object is needed", element=member)
