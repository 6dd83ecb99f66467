"""JSON as HAPI keeps it: what a client sent, in the order of the definition, without what HAPI drops.

A type is compiled once into a shape (JSON property to Slot); an object is then one pass over what it has.
What is dropped, kept and refused was learnt from recorded answers of HAPI 8.8.0.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fhantom.definitions.jsontext import DecimalText, read_json
from fhantom.definitions.model import Key, Version
from fhantom.definitions.narrative import xhtml
from fhantom.definitions.primitives import VALUES, Reader, string, stripped
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.tables import Definitions, load
from fhantom.definitions.tidying import bare_extension, extension_of, flat, identify, tidied, with_one_value

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
        "is_text",
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
        if key.type == "code" and self.codes is None and definitions.version == "R5":
            self.read = stripped  # HAPI's models of R4 keep white space around codes that no value set binds

        self.is_text = self.is_primitive and not self.is_list and self.read is string and self.codes is None

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
        name = type_named(source)
        if not name:
            raise ParseRefusal(1843 if depth else 1838, detail="no resourceType", element="resourceType")
        if not self._definitions.is_resource(name):
            raise ParseRefusal(1684, detail="no such resource type", element="resourceType", value=name)
        resource: Json = {"resourceType": name, **(self.object(name, source, depth) or {})}
        if "contained" in resource:
            resource["contained"] = tidied(resource["contained"])
        if name == "Bundle":
            for entry in resource.get("entry", ()):
                identify(entry)
        return resource

    def object(self, path: str, source: Json, depth: int) -> Json | None:
        """An object of the type at `path`; None if nothing of it is kept."""
        if path == "Resource":
            return self.resource(source, depth + 1)
        if depth > DEEPEST:
            raise ParseRefusal(1861, detail="nested too deeply")
        shape = self._shapes.get(path) or self._compile(path)
        if path == "Extension":
            source = with_one_value(source)
            return extension_of(source, self._properties(shape, source, depth))
        return self._properties(shape, source, depth) or None

    def _properties(self, shape: dict[str, Slot], source: Json, depth: int) -> Json:
        """What is kept of an object's properties, in the order of the definition."""
        found: Json = {}
        chosen: dict[str, str] = {}
        companions: list[str] = []
        ordered, last = True, -1
        for name, raw in source.items():
            slot = shape.get(name)
            if slot is None:
                if name[:1] == "_" and name[1:] in shape:
                    companions.append(name[1:])
                continue
            if slot.is_text and raw.__class__ is str and raw and not raw.isspace():
                kept = raw  # as most properties are
            else:
                kept = self._property(slot, raw, depth)
                if kept is None:
                    continue
            if slot.choice and chosen.setdefault(slot.choice, name) != name:
                continue
            if slot.rank < last:
                ordered = False
            last = slot.rank
            found[name] = kept
        if companions:
            return self._with_companions(shape, source, companions, found, depth)
        return found if ordered else {name: found[name] for name in sorted(found, key=lambda name: shape[name].rank)}

    def _property(self, slot: Slot, raw: Any, depth: int) -> Any:
        """The canonical value of one property, None if it is dropped."""
        if slot.type == "Extension":
            return self._extensions(slot, raw, depth)
        if slot.is_list:
            return self._items(slot, raw, depth) or None
        if raw.__class__ is list:
            items = flat(raw)
            raw = items[0] if items else None
        if slot.is_primitive:
            return slot.value(raw)
        return self.object(slot.type, raw, depth + 1) if raw.__class__ is dict else None

    def _items(self, slot: Slot, raw: Any, depth: int) -> list[Any]:
        """The canonical values of a property that is a list, without those that are dropped."""
        kept = []
        for item in flat(raw):
            if slot.is_primitive:
                value = slot.value(item)
            else:
                value = self.object(slot.type, item, depth + 1) if item.__class__ is dict else None
            if value is not None:
                kept.append(value)
        return kept

    def _extensions(self, slot: Slot, raw: Any, depth: int) -> list[Json] | None:
        """Extensions, which alone must be a list of objects (1841); those that modify count without a value too."""
        if raw is None:
            return None
        if raw.__class__ is not list or not all(item.__class__ is dict for item in raw):
            raise ParseRefusal(1841, detail="a list of objects is needed", element=slot.name)
        kept = [self.object("Extension", item, depth + 1) for item in raw]
        if slot.name == "modifierExtension":
            kept = [item or bare_extension(sent) for item, sent in zip(kept, raw, strict=True)]
        return [item for item in kept if item is not None] or None

    def _with_companions(
        self,
        shape: dict[str, Slot],
        source: Json,
        names: list[str],
        found: Json,
        depth: int,
    ) -> Json:
        """The properties with `_name` objects (extensions of primitives) put beside their values."""
        kept = dict(found)
        for name in names:
            slot, companion = shape[name], source["_" + name]
            others = (shape[other.lstrip("_")] for other in kept if other.lstrip("_") != name)
            if slot.choice and any(other.choice == slot.choice for other in others):
                continue
            if name not in source and companion.__class__ is not dict:
                continue
            if not slot.is_primitive:
                if name not in source and (value := self._property(slot, companion, depth)) is not None:
                    kept[name] = value
                continue
            value, companion = self._companion(slot, source.get(name), companion, depth)
            kept.pop(name, None)
            if value is not None:
                kept[name] = value
            if companion is not None:
                kept["_" + name] = companion
        return {
            name: kept[name] for name in sorted(kept, key=lambda name: (shape[name.lstrip("_")].rank, name[0] == "_"))
        }

    def _companion(self, slot: Slot, raw: Any, beside: Any, depth: int) -> tuple[Any, Any]:
        """Value and companion of a primitive; those of a list keep step with each other, null by null."""
        if raw.__class__ is not list:
            companion = self._element(slot, beside, depth)
            if not slot.is_list:
                return slot.value(raw), companion
            value = slot.value(raw)
            return (None if value is None and companion is None else [value]), companion and [companion]
        companions = beside if beside.__class__ is list else []
        pairs = []
        for at, item in enumerate(raw):
            value = slot.value(item)
            companion = self._element(slot, companions[at], depth) if at < len(companions) else None
            if value is not None or companion is not None:
                pairs.append((value, companion))
        if not slot.is_list:
            return pairs[0] if pairs else (None, None)
        kept = [companion for _, companion in pairs]
        return [value for value, _ in pairs] or None, kept if any(kept) else None

    def _element(self, slot: Slot, beside: Any, depth: int) -> Json | None:
        """What `_name` says of one value; None without extensions, as an id alone is not written again."""
        if slot.type == "id":  # of which HAPI keeps nothing but the value
            return None
        if beside.__class__ is list:
            if len(beside) > 1:
                raise ParseRefusal(1842, detail="one object is needed", element=f"_{slot.name}")
            beside = beside[0] if beside else None
        if beside.__class__ is not dict or beside.get("extension").__class__ is not list:
            return None
        if not isinstance(beside.get("id"), str):
            beside = {"extension": beside["extension"]}
        found = self.object("Element", beside, depth + 1)
        return found if found and "extension" in found else None

    def _compile(self, path: str) -> dict[str, Slot]:
        keys = self._definitions.type(path).keys
        shape = {name: Slot(key, key.rank, self._definitions) for name, key in keys.items()}
        if path == "Extension":  # HAPI writes the url before what it qualifies
            shape["url"].rank, shape["extension"].rank = shape["extension"].rank, shape["url"].rank
        self._shapes[path] = shape
        return shape


def type_named(source: Json) -> str:
    """The resource type that an object names, empty if it names none."""
    name = source.get("resourceType")
    return name if isinstance(name, str) and not isinstance(name, DecimalText) else ""


@cache
def canonicaliser(version: Version) -> Canonicaliser:
    """The shared reader of one version; its shapes are compiled as types are met."""
    return Canonicaliser(load(version))


def canonical(version: Version, source: Json, expected: str | None = None) -> Json:
    """A resource, read by any JSON reader, as HAPI keeps it.

    Decimals should be DecimalText (`read_json` gives them) so that their digits survive. Raises ParseRefusal;
    1814 if `expected` names another resource type.
    """
    name = type_named(source)
    if expected is not None and name and name != expected:
        raise ParseRefusal(1814, detail="another resource type", element="resourceType", value=name, expected=expected)
    found = canonicaliser(version).resource(source)
    assert found is not None
    return found


def parse_json(version: Version, body: bytes, expected: str | None = None) -> Json:
    """The canonical resource of a JSON body; raises ParseRefusal, 1814 if `expected` names another type."""
    return canonical(version, read_json(body), expected)
