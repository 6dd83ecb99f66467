"""Tokens with `:above` and `:below`: the codes that stand over or under one in its code system."""

from __future__ import annotations

from collections.abc import Iterator

from fhantom.definitions import Element, UnknownType
from fhantom.resources.criteria import Condition, Modifier, Nothing, ParameterKey, TokenCondition, TokenValue
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Scope


def related(scope: Scope, key: ParameterKey, modifier: Modifier, tokens: tuple[TokenValue, ...]) -> Condition:
    """The condition that one of the codes is met, itself or by one that it subsumes or is subsumed by.

    A code without a system is taken for one of the value set that the parameter's element is bound to, as the real
    server does. What no code system here knows finds nothing. SearchRefusal: 1239 without a code, 1240 without a
    system.
    """
    found: list[TokenValue] = []
    for token in tokens:
        system = _bound_system(scope, key, token.code) if token.system is None else token.system
        if not token.code or not system:
            number = "1240" if token.code else "1239"
            raise SearchRefusal(number, parameter=key.code, value=f"{system or ''}|{token.code or ''}")
        found += [TokenValue(system, code) for code in scope.subsumption(system, token.code, modifier)]
    scope.spend(len(found))
    return TokenCondition(key, Modifier.NONE, tuple(dict.fromkeys(found))) if found else Nothing()


def _bound_system(scope: Scope, key: ParameterKey, code: str | None) -> str | None:
    """The system of a code in the one value set that the parameter's elements are bound to."""
    elements = list(_elements(scope, key))
    urls = {url for element in elements if (url := element.value_set or element.extensible_value_set)}
    codings = scope.value_set(urls.pop()) if len(urls) == 1 else None
    return next((coding.system for coding in codings or () if coding.code == code), None)


def _elements(scope: Scope, key: ParameterKey) -> Iterator[Element]:
    """The elements that a parameter's expression names by plain paths."""
    definitions = scope.model.definitions
    for path in scope.parameter(key.code).expression.split("|"):
        type_path, *names = path.strip().split(".")
        element = None
        for name in names:
            try:
                elements = definitions.elements(type_path)
            except UnknownType:
                break
            element = next((one for one in elements if one.name == name), None)
            if element is None:
                break
            type_path = element.types[0]
        else:
            if element is not None:
                yield element
