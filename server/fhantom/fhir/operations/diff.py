"""$diff: two versions or two resources, told as a FHIRPath Patch (HAPI's operation; FHIR fhirpatch)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Definitions, Key, UnknownType
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered, instance, loaded, with_parameters
from fhantom.fhir.outcomes import Refusal

Json = Any
Part = dict[str, Json]


def run(exchange: Exchange, target: Target) -> Answer:
    """What changed: between `from` and `to`, or to a version from the one before or from `fromVersion`."""
    exchange = with_parameters(exchange)
    if not target.type:
        first, second = _named(exchange, "from"), _named(exchange, "to")
        if first.type != second.type:
            raise Refusal("1129")
        if not exchange.definitions.is_resource(first.type):
            raise Refusal("0572", reference=exchange.first("from"))
        old, new = (loaded(exchange, instance(exchange, one)) for one in (first, second))
    else:
        new = loaded(exchange, instance(exchange, target))
        earlier = exchange.first("fromVersion") or _before(new["meta"]["versionId"])
        if not earlier:
            return _insertion(new)
        old = loaded(exchange, instance(exchange, Target(target.type, target.id, earlier)))
    uncompared = frozenset() if exchange.first("includeMeta") == "true" else frozenset({"meta"})
    return answered(*_Difference(exchange.definitions, uncompared).resources(old, new))


def _before(version: str) -> str:
    return str(int(version) - 1) if version != "1" else ""


def _named(exchange: Exchange, name: str) -> Target:
    """The resource or version that a parameter refers to, on whichever server; without a type if it names none."""
    reference = exchange.first(name)
    if not reference:
        raise Refusal("incomplete", operation="$diff", needs="from and to, each the reference of a resource")
    segments, version = reference.strip("/").split("/"), ""
    if len(segments) > 3 and segments[-2] == "_history":
        *segments, _, version = segments
    return Target(segments[-2], segments[-1], version) if len(segments) > 1 else Target("", reference)


def _insertion(resource: dict[str, Json]) -> Answer:
    """A resource without an earlier version came into being as a whole."""
    return answered(_operation("insert", resource["resourceType"], {"name": "value", "resource": resource}))


def _operation(kind: str, path: str, *parts: Part) -> Part:
    head = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    return {"name": "operation", "part": [*head, *parts]}


class _Difference:
    """Compares element by element; `uncompared` are elements of the resources themselves."""

    def __init__(self, definitions: Definitions, uncompared: frozenset[str]) -> None:
        self.definitions = definitions
        self.uncompared = uncompared

    def resources(self, old: dict[str, Json], new: dict[str, Json]) -> list[Part]:
        name = new["resourceType"]
        return self.objects(name, name, old, new)

    def objects(self, path: str, type_path: str, old: dict[str, Json], new: dict[str, Json]) -> list[Part]:
        try:
            keys = self.definitions.type(type_path).keys
        except UnknownType:
            return []
        found: list[Part] = []
        for name, key in keys.items():
            if path == type_path and name in self.uncompared:
                continue
            where = f"{path}.{key.element.name}"
            before, after = old.get(name), new.get(name)
            if key.element.is_list:
                found += self.lists(where, key, before or [], after or [])
            else:
                found += self.values(where, key, before, after)
        return found

    def values(self, path: str, key: Key, old: Json, new: Json) -> list[Part]:
        if old == new:
            return []
        if old is None:
            return [self.inserted(path, 0, key, new)]
        if new is None:
            return [_operation("delete", path)]
        if isinstance(old, dict) and isinstance(new, dict):
            return self.objects(path, key.type, old, new)
        parts = (self.part("previousValue", key, old), self.part("value", key, new))
        return [_operation("replace", path, *parts)]

    def lists(self, path: str, key: Key, old: list[Json], new: list[Json]) -> list[Part]:
        found: list[Part] = []
        for at, (before, after) in enumerate(zip(old, new, strict=False)):
            found += self.values(f"{path}[{at}]", key, before, after)
        for at in range(len(new), len(old)):
            found.append(_operation("delete", f"{path}[{len(new)}]" if at else f"{path}[0]"))
        for at in range(len(old), len(new)):
            found.append(self.inserted(path, at, key, new[at]))
        return found

    def inserted(self, path: str, at: int, key: Key, value: Json) -> Part:
        """An insertion, which an element that does not repeat comes by too (HAPI 8.8.0, asked)."""
        return _operation("insert", path, {"name": "index", "valueInteger": at}, self.part("value", key, value))

    def part(self, name: str, key: Key, value: Json) -> Part:
        """A part with a value; what no Parameters value can be, a narrative's text, is told as a string."""
        if key.type == "xhtml":
            return {"name": name, "valueString": value}
        if isinstance(value, dict) and "resourceType" in value:
            return {"name": name, "resource": value}
        if isinstance(value, dict) and "." in key.type:
            return {"name": name, "part": self.parts(key.type, value)}
        return {"name": name, f"value{key.type[:1].upper()}{key.type[1:]}": value}

    def parts(self, type_path: str, value: dict[str, Json]) -> list[Part]:
        """A backbone element, which is no datatype, as parts by its elements."""
        keys = self.definitions.type(type_path).keys
        return [
            self.part(key.element.name, key, item)
            for name, key in keys.items()
            if name in value
            for item in (value[name] if isinstance(value[name], list) else [value[name]])
        ]
