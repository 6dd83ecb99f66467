"""$diff: two versions or two resources, told as a FHIRPath Patch (HAPI's operation; FHIR fhirpatch)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import Definitions, Key, UnknownType
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.target import Target, answered, loaded, with_parameters
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.reading import present
from fhantom.resources import store

Json = Any
Part = dict[str, Json]

_UNCOMPARED = frozenset({"meta"})


def run(exchange: Exchange, target: Target) -> Answer:
    """What changed: between `from` and `to`, or to a resource's present version from the one before."""
    exchange = with_parameters(exchange)
    if not target.type:
        first = _named(exchange, exchange.first("from") or "")
        second = _named(exchange, exchange.first("to") or "")
        if first["resourceType"] != second["resourceType"]:
            raise Refusal("1129")
    else:
        second = _version(exchange, target, target.version)
        earlier = exchange.first("fromVersion") or _before(second["meta"]["versionId"])
        if not earlier:
            return _insertion(second)
        first = _version(exchange, target, earlier)
    rows = list(_Difference(exchange.definitions).resources(first, second))
    return answered(*rows)


def _before(version: str) -> str:
    return str(int(version) - 1) if version != "1" else ""


def _named(exchange: Exchange, reference: str) -> dict[str, Json]:
    target = Target.of(reference.strip("/").split("/"))
    if target is None or not target.id:
        raise Refusal("incomplete", operation="$diff", needs="from and to, each the reference of a resource")
    return _version(exchange, target, target.version)


def _version(exchange: Exchange, target: Target, version: str) -> dict[str, Json]:
    with exchange.world.reading() as connection:
        if version.isdecimal() and len(version) < 10:
            found = store.vread(connection, exchange.version, target.type, target.id, int(version))
        else:
            found = store.read(connection, exchange.version, target.type, target.id)
    return loaded(exchange, present(exchange, found, target.reference))


def _insertion(resource: dict[str, Json]) -> Answer:
    """A resource without an earlier version came into being as a whole."""
    return answered(_operation("insert", resource["resourceType"], {"name": "value", "resource": resource}))


def _operation(kind: str, path: str, *parts: Part) -> Part:
    head = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    return {"name": "operation", "part": [*head, *parts]}


class _Difference:
    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions

    def resources(self, old: dict[str, Json], new: dict[str, Json]) -> list[Part]:
        name = new["resourceType"]
        if old["resourceType"] != name:
            return [_operation("replace", old["resourceType"], {"name": "value", "resource": new})]
        return self.objects(name, name, old, new)

    def objects(self, path: str, type_path: str, old: dict[str, Json], new: dict[str, Json]) -> list[Part]:
        try:
            keys = self.definitions.type(type_path).keys
        except UnknownType:
            return []
        found: list[Part] = []
        for name, key in keys.items():
            if path == type_path and name in _UNCOMPARED:
                continue
            where = f"{path}.{key.element.name}"
            before, after = old.get(name), new.get(name)
            if key.element.is_list:
                found += self.lists(where, key, before or [], after or [])
            else:
                found += self.values(where, key, before, after, path)
        return found

    def values(self, path: str, key: Key, old: Json, new: Json, parent: str) -> list[Part]:
        if old == new:
            return []
        if old is None:
            named = {"name": "name", "valueString": key.element.name}
            return [_operation("add", parent, named, self.part("value", key, new))]
        if new is None:
            return [_operation("delete", path)]
        if isinstance(old, dict) and isinstance(new, dict):
            return self.objects(path, key.type, old, new)
        parts = (self.part("previousValue", key, old), self.part("value", key, new))
        return [_operation("replace", path, *parts)]

    def lists(self, path: str, key: Key, old: list[Json], new: list[Json]) -> list[Part]:
        found: list[Part] = []
        for at, (before, after) in enumerate(zip(old, new, strict=False)):
            found += self.values(f"{path}[{at}]", key, before, after, path)
        for at in range(len(new), len(old)):
            found.append(_operation("delete", f"{path}[{len(new)}]" if at else f"{path}[0]"))
        for at in range(len(old), len(new)):
            index = {"name": "index", "valueInteger": at}
            found.append(_operation("insert", path, index, self.part("value", key, new[at])))
        return found

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
