"""Which resource types the references of a resource name, held against what its elements allow.

HAPI 8.8.0 looks at every Reference for this, also those that no search parameter covers, in contained resources and
in the entries of a Bundle (asked: `Patient.contained.partOf`, `Bundle.entry.resource.subject`), but not at choices
(`MedicationRequest.medicationReference`) nor at a CodeableReference.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fhantom.definitions import Definitions, Key, UnknownType, Version, load

Json = Any

_UNHEEDED = ("Extension", "CodeableReference")
"""Types that are not followed; an Extension hardly ever leads to a limited reference, and stands in every type."""


def limited(definitions: Definitions, resource: dict[str, Json]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every literal reference whose element limits its types: path without list positions, text, the types."""
    waiting: list[tuple[str, str, dict[str, Json]]] = [(resource["resourceType"], resource["resourceType"], resource)]
    while waiting:
        path, type_path, holder = waiting.pop()
        for name, key in _leading(definitions.version, type_path).items():
            value = holder.get(name)
            if value is None:
                continue
            for item in value if isinstance(value, list) else (value,):
                if not isinstance(item, dict):
                    continue
                below = f"{path}.{name}"
                if key.type != "Reference":
                    inner = item.get("resourceType") if key.type == "Resource" else key.type
                    if isinstance(inner, str):
                        waiting.append((below, inner, item))
                elif isinstance(text := item.get("reference"), str):
                    yield below, text, key.element.targets


@lru_cache(maxsize=4096)
def _leading(version: Version, type_path: str) -> dict[str, Key]:
    """The properties of a type that lead to references with limited types."""
    definitions = load(version)
    try:
        keys = definitions.type(type_path).keys
    except UnknownType:
        return {}
    return {name: key for name, key in keys.items() if _leads(version, key, frozenset((type_path,)))}


def _leads(version: Version, key: Key, seen: frozenset[str]) -> bool:
    if key.is_primitive or key.type in _UNHEEDED:
        return False
    if key.type == "Reference":
        return bool(key.element.targets) and not key.element.is_choice
    if key.type == "Resource":
        return True
    return key.type not in seen and _leads_anywhere(version, key.type, seen)


def _leads_anywhere(version: Version, type_path: str, seen: frozenset[str]) -> bool:
    keys = load(version).type(type_path).keys.values()
    return any(_leads(version, key, seen | {type_path}) for key in keys)
