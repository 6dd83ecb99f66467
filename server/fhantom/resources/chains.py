"""References, chains over them, and `_has`, their reverse (FHIR search 3.2.1.6.5 and 3.2.1.6.6)."""

from __future__ import annotations

from collections.abc import Callable

from fhantom.resources import values
from fhantom.resources.criteria import (
    AllOf,
    ChainCondition,
    Condition,
    HasCondition,
    Modifier,
    Nothing,
    ParameterKey,
    ReferenceCondition,
    ReferenceValue,
    TokenCondition,
)
from fhantom.resources.extraction import identifier_number
from fhantom.resources.names import DEEPEST, ParameterName, split_name
from fhantom.resources.numbers import resource_key, url_key
from fhantom.resources.places import parse_reference
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature, Scope

Build = Callable[[Scope, ParameterName, str], Condition]

_KNOWN_ELSEWHERE = frozenset({"contains", "exact", "in", "iterate", "missing", "not-in", "of-type", "recurse", "text"})
"""Modifiers that the real server takes for the name of a type when they stand on a reference."""


def reference(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    """A reference parameter without a chain: `patient=1`, `subject:Patient=1`, `subject=Patient/1`."""
    if name.modifier == Modifier.IDENTIFIER and Feature.IDENTIFIER in scope.features:
        return _identifier(key, value)
    types = _target_types(scope, name, key)
    found = [
        ReferenceValue(tuple(_targets(scope, types, name.modifier, values.unescaped(text))))
        for text in values.alternatives(value)
    ]
    return ReferenceCondition(key, tuple(found)) if found else AllOf(())


def _identifier(key: ParameterKey, value: str) -> Condition:
    number = identifier_number(key.version, key.resource_type, key.code)
    beside = ParameterKey(key.version, key.resource_type, f"{key.code}:identifier", "token", number)
    tokens = tuple(values.token(text) for text in values.alternatives(value))
    return TokenCondition(beside, Modifier.NONE, tokens)


def _target_types(scope: Scope, name: ParameterName, key: ParameterKey) -> tuple[str, ...]:
    modifier = name.modifier
    if not modifier:
        return scope.parameter(key.code).targets or scope.model.definitions.resource_types
    if scope.model.definitions.is_resource(modifier):
        return (modifier,)
    if modifier in _KNOWN_ELSEWHERE:
        raise SearchRefusal("1250", type=modifier)
    raise SearchRefusal("2498", modifier=modifier, type=key.resource_type)


def _targets(scope: Scope, types: tuple[str, ...], only: str, text: str) -> list[int]:
    """Keys of what `text` may mean: one for each of the types if it is a bare id."""
    version = scope.model.version
    own = text.removeprefix(f"{scope.base}/") if scope.base else text
    place = parse_reference(own)
    if place is not None:
        return [resource_key(version, place.type, place.id)] if only in ("", place.type) else []
    if "/" in text or ":" in text:
        return [url_key(text)]
    return [resource_key(version, of, text) for of in types]


def chained(scope: Scope, name: ParameterName, key: ParameterKey, value: str, build: Build) -> Condition:
    """`patient.name=`: an alternative for each type that may be referred to and has the parameter."""
    rest = split_name(name.chain)
    if scope.depth >= DEEPEST:
        raise SearchRefusal("1243", chain=name.text)
    if rest.modifier == Modifier.MISSING and not rest.chain:
        # the real server looks for the missing value in the resource that refers, which never has it
        return ChainCondition(key, (AllOf(()),)) if value == "true" else Nothing()
    alternatives: list[Condition] = []
    for resource_type in _target_types(scope, name, key):
        inner = scope.within(resource_type)
        if rest.code == "_has" or rest.code == "_id" or inner.key(rest.code) is not None:
            try:
                alternatives.append(build(inner, rest, value))
            except SearchRefusal as refusal:
                if refusal.number != "1243":
                    raise
    if not alternatives:
        raise SearchRefusal("1243", chain=name.text)
    return ChainCondition(key, tuple(alternatives))


def has(scope: Scope, name: ParameterName, value: str, build: Build, known: Callable[[Scope, str], bool]) -> Condition:
    """`_has:Observation:patient:code=`; what stands last may be a chain or another `_has`."""
    pieces = name.modifier.split(":", 2)
    if len(pieces) < 3 or not all(pieces):
        raise SearchRefusal("1942", parameter="_has")
    resource_type, code, rest = pieces
    if not scope.model.definitions.is_resource(resource_type):
        raise SearchRefusal("1208", type=resource_type)
    if scope.depth >= DEEPEST:
        raise SearchRefusal("1942", parameter="_has")
    inner = scope.within(resource_type)
    last = split_name(rest)
    if not known(inner, last.code):
        raise SearchRefusal("1209", parameter=f"{resource_type}:{last.code}")
    key = inner.key(code)
    if key is None or key.type != "reference":
        raise SearchRefusal("1209", parameter=f"{resource_type}:{code}")
    return HasCondition(key, build(inner, last, value))
