"""What a patched resource is held to and a sent one is not: HAPI reads the result of a JSON Patch strictly."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Definitions, ParseRefusal
from fhantom.definitions.tidying import flat

Json = dict[str, Any]


def check(definitions: Definitions, resource: Json) -> None:
    """Raise ParseRefusal for what a lenient reader drops: 1825 unknown elements, 1820 text in place of an object."""
    name = resource.get("resourceType")
    if not isinstance(name, str) or not definitions.is_resource(name):
        return  # the reader then says what is wrong with the type
    waiting: list[tuple[str, Json]] = [(name, resource)]
    while waiting:
        path, holder = waiting.pop()
        keys = definitions.type(path).keys
        for member, value in holder.items():
            key = keys.get(member.removeprefix("_"))
            if key is None:
                if member not in ("resourceType", "fhir_comments"):
                    raise ParseRefusal(1825, detail="no such element", element=member)
                continue
            if key.is_primitive:
                continue
            for item in flat(value):
                if isinstance(item, dict):
                    inner = item.get("resourceType") if key.type == "Resource" else key.type
                    if key.type != "Resource" or (isinstance(inner, str) and definitions.is_resource(inner)):
                        waiting.append((str(inner), item))
                elif item is not None:
                    raise ParseRefusal(1820, detail="an object is needed", element=member)
