"""JSON as HAPI keeps it: what a client sent, in the order of the definition, without what HAPI drops.

A type is compiled once into a shape (JSON property to Slot); an object is then one pass over what it has.
What is dropped, kept and refused was learnt from recorded answers of HAPI 8.8.0.
"""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import Any

from fhantom.definitions.jsontext import read_json
from fhantom.definitions.model import Key, Version
from fhantom.definitions.narrative import xhtml
from fhantom.definitions.primitives import VALUES, Reader, string
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.tables import Definitions, load

Json = dict[str, Any]
DEEPEST = 100
"""Objects within objects; HAPI's JSON reader stops at 1,000 brackets, no real resource comes near either."""


class Slot:
    """One JSON property of a Shape, ready to read values."""

    __slots__ = (
        "binding",
        "choice",
        "codes",
        "is_list",
        "is_primitive",
        "name",
        "rank",
        "read",
        "type",
    )

    def __init__(self, key: Key, rank: int, definitions: Definitions) -> None:
        self.name = key.name
        self.rank = rank
        self.type = key.type
        self.is_list = key.element.is_list
        self.is_primitive = key.is_primitive
        self.choice = key.element.name if key.element.is_choice else None
        value_set = key.element.value_set
        self.codes = definitions.codes(value_set) if value_set else None
        self.binding = key.element.binding_name
        self.read: Reader = xhtml if key.type == "xhtml" else VALUES.get(key.type, string)

    def value(self, value: Any) -> Any:
        """The canonical primitive, None for what is dropped; raises ParseRefusal 1821."""
        try:
            found = self.read(value)
        except ValueError as wrong:
            raise self._refusal(value, str(wrong)) from None
        if self.codes is not None and found is not None and found not in self.codes:
            raise self._refusal(value, f"not a code of {self.binding}")
        return found

    def _refusal(self, value: Any, detail: str) -> ParseRefusal:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return ParseRefusal(1821, detail=detail, element=self.name, value=text, expected=self.binding or self.type)


class Canonicaliser:
    """Reads objects of one FHIR version; get it from `canonicaliser`."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._shapes: dict[str, dict[str, Slot]] = {}

    def resource(self, source: Any, depth: int = 0) -> Json | None:
        """A resource of any type; raises ParseRefusal 1684 for an unknown type.

        Without a type it is 1838, or 1843 inside of another resource.
        """
        if not isinstance(source, dict):
            return None
        name = source.get("resourceType")
        if not isinstance(name, str) or not name:
            raise ParseRefusal(1843 if depth else 1838, detail="no resourceType", element="resourceType")
        if not self._definitions.is_resource(name):
            raise ParseRefusal(1684, detail="no such resource type", element="resourceType", value=name)
        return {"resourceType": name, **(self.object(name, source, depth) or {})}

    def object(self, path: str, source: Json, depth: int) -> Json | None:
        """An object of the type at `path`; None if nothing of it is kept."""
        if path == "Resource":
            return self.resource(source, depth + 1)
        if depth > DEEPEST:
            raise ParseRefusal(1861, detail="nested too deeply")
        shape = self._shapes.get(path) or self._compile(path)
        found: list[tuple[int, str, Any]] = []
        chosen: dict[str, str] = {}
        companions: list[str] = []
        ordered, last = True, -1
        for name, raw in source.items():
            slot = shape.get(name)
            if slot is None:
                if name[:1] == "_" and name[1:] in shape:
                    companions.append(name[1:])
                continue
            kept = self._property(slot, raw, depth)
            if kept is None or (slot.choice and chosen.setdefault(slot.choice, name) != name):
                continue
            ordered, last = ordered and slot.rank > last, slot.rank
            found.append((slot.rank, name, kept))
        if companions:
            found = self._with_companions(shape, source, companions, found, depth)
            ordered = False
        if not ordered:
            found.sort(key=itemgetter(0))
        kept_object = {name: kept for _, name, kept in found}
        return _extension(kept_object) if path == "Extension" else kept_object or None

    def _property(self, slot: Slot, raw: Any, depth: int) -> Any:
        """The canonical value of one property, None if it is dropped."""
        if slot.is_list:
            items = raw if raw.__class__ is list else [raw]
            if slot.is_primitive:
                kept = [slot.value(item) for item in items]
            else:
                kept = [self.object(slot.type, item, depth + 1) if item.__class__ is dict else None for item in items]
            return [item for item in kept if item is not None] or None
        if raw.__class__ is list:
            raw = next((item for item in raw if item is not None), None)
        if slot.is_primitive:
            return slot.value(raw)
        return self.object(slot.type, raw, depth + 1) if raw.__class__ is dict else None

    def _with_companions(
        self,
        shape: dict[str, Slot],
        source: Json,
        names: list[str],
        found: list[tuple[int, str, Any]],
        depth: int,
    ) -> list[tuple[int, str, Any]]:
        """The properties with `_name` objects (ids and extensions of primitives) put beside their values."""
        kept = {name: (rank, name, value) for rank, name, value in found}
        for name in names:
            slot = shape[name]
            if not slot.is_primitive:
                continue
            others = (shape[other.lstrip("_")] for other in kept if other.lstrip("_") != name)
            if slot.choice and any(other.choice == slot.choice for other in others):
                continue
            value, companion = self._companion(slot, source.get(name), source["_" + name], depth)
            kept.pop(name, None)
            if value is not None:
                kept[name] = (slot.rank, name, value)
            if companion is not None:
                kept["_" + name] = (slot.rank, "_" + name, companion)
        return [kept[name] for name in sorted(kept, key=lambda name: (kept[name][0], name[0] == "_"))]

    def _companion(self, slot: Slot, raw: Any, raw_companion: Any, depth: int) -> tuple[Any, Any]:
        """Value and companion of a primitive; those of a list keep step with each other, null by null."""
        if not slot.is_list:
            first = raw_companion[0] if isinstance(raw_companion, list) and raw_companion else raw_companion
            companion = self.object("Element", first, depth + 1) if isinstance(first, dict) else None
            return self._property(slot, raw, depth), companion
        values = raw if isinstance(raw, list) else [raw]
        companions = raw_companion if isinstance(raw_companion, list) else [raw_companion]
        pairs = []
        for at in range(max(len(values), len(companions))):
            value = slot.value(values[at]) if at < len(values) else None
            beside = companions[at] if at < len(companions) else None
            companion = self.object("Element", beside, depth + 1) if isinstance(beside, dict) else None
            if value is not None or companion is not None:
                pairs.append((value, companion))
        kept = [value for value, _ in pairs]
        beside_kept = [companion for _, companion in pairs]
        return kept if any(v is not None for v in kept) else None, beside_kept if any(beside_kept) else None

    def _compile(self, path: str) -> dict[str, Slot]:
        keys = self._definitions.type(path).keys
        shape = {name: Slot(key, key.rank, self._definitions) for name, key in keys.items()}
        if path == "Extension":  # HAPI writes the url before what it qualifies
            shape["url"].rank, shape["extension"].rank = shape["extension"].rank, shape["url"].rank
        self._shapes[path] = shape
        return shape


def _extension(extension: Json) -> Json | None:
    """The extension as it is kept: None without content, a null url where there is none.

    Raises ParseRefusal 1811 for one with both a value and extensions (FHIR ele-1, ext-1).
    """
    has_value = any(name[:5] == "value" or name[:6] == "_value" for name in extension)
    if has_value and "extension" in extension:
        raise ParseRefusal(1811, detail="both a value and extensions", element="extension", value=extension.get("url"))
    if not has_value and "extension" not in extension and "id" not in extension:
        return None
    return extension if "url" in extension else {"url": None, **extension}


@cache
def canonicaliser(version: Version) -> Canonicaliser:
    """The shared reader of one version; its shapes are compiled as types are met."""
    return Canonicaliser(load(version))


def canonical(version: Version, source: Json, expected: str | None = None) -> Json:
    """A resource, read by any JSON reader, as HAPI keeps it.

    Decimals should be DecimalText (`read_json` gives them) so that their digits survive. Raises ParseRefusal;
    1814 if `expected` names another resource type.
    """
    name = source.get("resourceType")
    if expected is not None and isinstance(name, str) and name and name != expected:
        raise ParseRefusal(1814, detail="another resource type", element="resourceType", value=name, expected=expected)
    found = canonicaliser(version).resource(source)
    assert found is not None
    return found


def parse_json(version: Version, body: bytes, expected: str | None = None) -> Json:
    """The canonical resource of a JSON body; raises ParseRefusal, 1814 if `expected` names another type."""
    return canonical(version, read_json(body), expected)
