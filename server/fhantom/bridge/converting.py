"""Resources of one FHIR version as the other has them, by the tables of both.

Every element is taken over that the other version has under the same name or one of `renames`; its value is adapted
to the types that stand there. Elements that moved into others are put together by `restructuring`. What the other
version has no place for is left out, and listed by nobody: the original stays where it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fhantom.bridge import renames, restructuring
from fhantom.definitions import Definitions, Version, load
from fhantom.definitions.model import Key

Json = dict[str, Any]
Adapter = Callable[[Any], Any]

OTHER: dict[Version, Version] = {"R4": "R5", "R5": "R4"}
_RENAMES: dict[Version, Mapping[tuple[str, str], tuple[str, ...]]] = {
    "R5": renames.R5_TO_R4,
    "R4": renames.R4_TO_R5,
}

_RESTRUCTURED: dict[Version, Mapping[str, restructuring.Restructure]] = {
    "R5": restructuring.R5_TO_R4,
    "R4": restructuring.R4_TO_R5,
}

# What asks the server that it was written to for something, and would ask twice.
_OF_ONE_SERVER = frozenset(("Subscription",))

_TEXTS = frozenset(("string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid"))
_NUMBERS = frozenset(("integer", "positiveInt", "unsignedInt", "integer64", "decimal"))
_MOMENTS = frozenset(("date", "dateTime", "instant"))
_CODES: dict[Version, Mapping[tuple[str, str], Mapping[str, str]]] = {
    "R5": renames.R5_TO_R4_CODES,
    "R4": renames.R4_TO_R5_CODES,
}


def convert(source: Version, resource: Json) -> Json | None:
    """The resource in the other version, None where that has no such type; elements come in the other's order."""
    target, kind = OTHER[source], resource["resourceType"]
    if kind not in load(target).resource_types or kind in _OF_ONE_SERVER:
        return None
    elements = _Converter(source).complex(resource, kind, kind)
    restructure = _RESTRUCTURED[source].get(kind)
    return {"resourceType": kind, **elements, **(restructure(resource) if restructure else {})}


class _Converter:
    def __init__(self, source: Version) -> None:
        self._source: Definitions = load(source)
        self._target: Definitions = load(OTHER[source])
        self._renames = _RENAMES[source]
        self._codes = _CODES[source]

    def complex(self, value: Json, from_type: str, to_type: str) -> Json:
        """A resource, datatype or backbone element."""
        keys, made = self._source.type(from_type).keys, {}
        for name, one in value.items():
            key = keys.get(name.removeprefix("_"))
            if key is None or name == "resourceType":
                continue
            if name.startswith("_"):
                found = self._find(from_type, to_type, key, one, extension=True)
            else:
                found = self._find(from_type, to_type, key, one)
            if found is not None and found[0] not in made:
                made[found[0]] = found[1]
        return made

    def _find(
        self, from_type: str, to_type: str, key: Key, value: Any, *, extension: bool = False
    ) -> tuple[str, Any] | None:
        """The property of the other version that takes the value, and the value as it stands there."""
        names = self._renames.get((from_type, key.element.name), (key.element.name,))
        for name in names:
            for candidate in self._target.type(to_type).keys.values():
                if candidate.element.name != name:
                    continue
                if extension:  # of a primitive; what it says holds for the value in any form
                    return (f"_{candidate.name}", value) if candidate.is_primitive else None
                adapted = self._value(value, key, candidate, to_type)
                if adapted is not None:
                    return candidate.name, adapted
        return None

    def _value(self, value: Any, key: Key, to: Key, to_type: str) -> Any:
        many = value if isinstance(value, list) else [value]
        adapted = [self._one(one, key, to, to_type) for one in many]
        kept = [one for one in adapted if one is not None]
        if not kept:
            return None
        return kept if to.element.is_list else kept[0]

    def _one(self, value: Any, key: Key, to: Key, to_type: str) -> Any:
        if key.type in ("Resource", "xhtml") or to.type in ("Resource", "xhtml"):
            return self._resource(value) if key.type == "Resource" == to.type else value
        if key.type == to.type and key.is_primitive:
            codes = self._codes.get((to_type, to.element.name)) if key.type == "code" else None
            return codes.get(value, value) if codes else value
        adapter = _ADAPTERS.get((key.type, to.type))
        if adapter is not None:
            return adapter(value)
        if key.is_primitive and to.is_primitive:
            return value if _alike(key.type, to.type) else None
        if (key.type, to.type) == ("code", "CodeableConcept"):
            system = renames.CODE_SYSTEMS.get((to_type, to.element.name))
            return {"coding": [{"system": system, "code": value} if system else {"code": value}]}
        if key.is_primitive or to.is_primitive or not isinstance(value, dict):
            return None
        # The same datatype, or backbone elements and datatypes that took each other's place: by their elements.
        return self.complex(value, key.type, to.type) or None

    def _resource(self, value: Any) -> Any:
        return convert(self._source.version, value) if isinstance(value, dict) else None


def _alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in (_TEXTS, _NUMBERS, _MOMENTS))


def _first_coding(concept: Json) -> Any:
    codings = concept.get("coding") or []
    return codings[0] if codings else None


def _first_code(concept: Json) -> Any:
    return (_first_coding(concept) or {}).get("code")


def _concept(coding: Json) -> Json:
    return {"coding": [coding]}


# Type in one version -> type in the other -> how a value changes.
_ADAPTERS: dict[tuple[str, str], Adapter] = {
    ("Coding", "CodeableConcept"): _concept,
    ("CodeableConcept", "Coding"): _first_coding,
    ("CodeableConcept", "code"): _first_code,
    ("Coding", "code"): lambda coding: coding.get("code"),
    ("CodeableConcept", "CodeableReference"): lambda concept: {"concept": concept},
    ("Reference", "CodeableReference"): lambda reference: {"reference": reference},
    ("Coding", "CodeableReference"): lambda coding: {"concept": _concept(coding)},
    ("CodeableReference", "CodeableConcept"): lambda both: both.get("concept"),
    ("CodeableReference", "Reference"): lambda both: both.get("reference"),
    ("CodeableReference", "Coding"): lambda both: _first_coding(both.get("concept") or {}),
    ("string", "CodeableConcept"): lambda text: {"text": text},
    ("CodeableConcept", "string"): lambda concept: concept.get("text"),
}
