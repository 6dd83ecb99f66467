"""References, chains over them, and `_has`, their reverse (FHIR search 3.2.1.6.5 and 3.2.1.6.6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fhantom.definitions import Version, load
from fhantom.resources import values
from fhantom.resources.criteria import (
    AllOf,
    AnyOf,
    ChainCondition,
    Condition,
    HasCondition,
    Modifier,
    Nothing,
    ParameterKey,
    ReferenceCondition,
    ReferenceValue,
    TokenCondition,
    TypeCondition,
)
from fhantom.resources.extraction import identifier_number
from fhantom.resources.names import DEEPEST, ParameterName, split_name
from fhantom.resources.numbers import resource_key, type_number, url_key
from fhantom.resources.places import parse_reference
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature, Scope

Build = Callable[[Scope, ParameterName, str], Condition]

_KNOWN_ELSEWHERE = frozenset({"contains", "exact", "in", "iterate", "missing", "not-in", "of-type", "recurse", "text"})
"""Modifiers that the real server takes for the name of a type when they stand on a reference."""

_OF_MERGED = "mdm"
"""Also what is merged with the target (HAPI's master data management), which does nothing where nothing is merged."""


_NOT_BEHIND_HAS = frozenset({"_content", "_filter", "_list", "_text"})


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
    if modifier in ("", _OF_MERGED):
        return scope.parameter(key.code).targets or scope.model.definitions.resource_types
    if scope.model.definitions.is_resource(modifier):
        return (modifier,)
    if modifier.lower() in _lower_types(scope.model.version) and not name.chain:
        return ()
    if modifier.rpartition(":")[2] in _KNOWN_ELSEWHERE or name.chain:
        raise SearchRefusal("1250", type=modifier)
    raise SearchRefusal("2498", modifier=modifier, type=key.resource_type)


@cache
def _lower_types(version: Version) -> frozenset[str]:
    """The names of types as the real server compares them where one stands before an id."""
    return frozenset(name.lower() for name in load(version).resource_types)


def _targets(scope: Scope, types: tuple[str, ...], only: str, text: str) -> list[int]:
    """Keys of what `text` may mean: one for each of the types if it is a bare id.

    SearchRefusal: 1101 where the id is missing, 1250 where what stands before it is no type.
    """
    version = scope.model.version
    own = text.removeprefix(f"{scope.base}/") if scope.base else text
    if ":" not in own:
        _check_path(scope, own)
        own = own.removeprefix("/")
    place = parse_reference(own)
    if place is not None:
        return [resource_key(version, place.type, place.id)] if only in ("", place.type) else []
    if "/" in own or ":" in own:
        return [url_key(text)]
    return [resource_key(version, of, text) for of in types]


def _check_path(scope: Scope, path: str) -> None:
    pieces = [piece for piece in path.partition("/_history/")[0].split("/") if piece]
    if path.endswith("/") and len(pieces) < 2:
        raise SearchRefusal("1101", value=path)
    is_named = len(pieces) > 1 and not path.endswith("/") and "//" not in path
    if is_named and pieces[-2].lower() not in _lower_types(scope.model.version):
        raise SearchRefusal("1250", type=pieces[-2])


def chained(scope: Scope, name: ParameterName, key: ParameterKey, value: str, build: Build) -> Condition:
    """`patient.name=`: an alternative for each type that may be referred to and has the parameter."""
    rest = split_name(name.chain)
    if scope.depth >= DEEPEST:
        raise SearchRefusal("1243", chain=name.text)
    if rest.chain and rest.code.startswith("_"):
        raise SearchRefusal("1242", parameter=key.code, value=name.chain)
    types = _target_types(scope, name, key)
    if rest.code == "_id" and not rest.chain and (len(types) > 1 or rest.modifier == Modifier.MISSING):
        return Nothing()  # the real server looks for the id among no type
    alternatives: list[Condition] = []
    for resource_type in types:
        inner = scope.within(resource_type)
        if rest.code == "_has" or rest.code == "_id" or inner.key(rest.code) is not None:
            try:
                alternatives.append(_of_type(inner, build(inner, rest, value), alone=len(types) == 1))
            except SearchRefusal as refusal:
                if refusal.number != "1243":
                    raise
    if not alternatives:
        raise SearchRefusal("1243", chain=name.text)
    if rest.modifier == Modifier.MISSING and not rest.chain:
        # the real server looks for the missing value in the resource that refers, which never has it
        # unless it is of the type that the parameter is of
        return AllOf((ChainCondition(key, (AllOf(()),)), AnyOf(tuple(alternatives))))
    return ChainCondition(key, tuple(alternatives))


def _of_type(scope: Scope, condition: Condition, *, alone: bool) -> Condition:
    """A condition that says what is not so, which holds of every other type too, with the type that it is of."""
    if alone or not (isinstance(condition, TokenCondition) and condition.modifier is Modifier.NOT):
        return condition
    return AllOf((TypeCondition(type_number(scope.model.version, scope.resource_type)), condition))


def has(scope: Scope, name: ParameterName, value: str, build: Build, known: Callable[[Scope, str], bool]) -> Condition:
    """`_has:Observation:patient:code=`; what stands last may be a chain or another `_has`."""
    pieces = name.modifier.split(":", 2)
    if len(pieces) < 3:
        raise SearchRefusal("1942", parameter="_has")
    resource_type, code, rest = pieces
    if not scope.model.definitions.is_resource(resource_type):
        number = "1209" if resource_type.lower() in _lower_types(scope.model.version) else "1208"
        raise SearchRefusal(number, type=resource_type, parameter=f"{resource_type}:{rest}")
    if scope.depth >= DEEPEST:
        raise SearchRefusal("1942", parameter="_has")
    inner = scope.within(resource_type)
    last = split_name(rest)
    if not known(inner, last.code) or (last.modifier and last.code != "_has") or last.code in _NOT_BEHIND_HAS:
        raise SearchRefusal("1209", parameter=f"{resource_type}:{rest}")
    key = inner.key(code)
    if code.startswith("_") or (key is None and last.code == "_has"):
        raise SearchRefusal("2305", parameter=code)
    if key is None:
        raise SearchRefusal("1209", parameter=f"{resource_type}:{code}")
    return HasCondition(key, build(inner, last, value)) if key.type == "reference" else Nothing()
