"""The parameters of what `meta` holds: `_tag`, `_security` and `_profile`.

The real server reads them by rules of their own. `:not` is the one modifier that it knows; what else stands there,
also the name of a type or a chain behind it, is passed over, and `:missing` with its value too.
"""

from __future__ import annotations

from fhantom.resources import values
from fhantom.resources.criteria import (
    AllOf,
    Condition,
    Modifier,
    Nothing,
    ParameterKey,
    ReferenceCondition,
    ReferenceValue,
    TokenCondition,
    TokenValue,
    UriCondition,
)
from fhantom.resources.names import ParameterName
from fhantom.resources.numbers import resource_key, url_key
from fhantom.resources.places import parse_reference
from fhantom.resources.refusal import SearchRefusal

CODES = frozenset({"_tag", "_security", "_profile"})


def of_meta(name: ParameterName, key: ParameterKey, value: str) -> Condition:
    """The condition of one of `CODES`. SearchRefusal: 1218 for a system alone, 1935 for a chain."""
    if name.chain:
        if not name.modifier:
            raise SearchRefusal("1935", parameter=name.text)
        return Nothing()
    if name.modifier == Modifier.MISSING:
        return AllOf(())
    texts = values.alternatives(value)
    if not texts:
        return AllOf(())
    return _profile(name, key, texts) if key.code == "_profile" else _label(name, key, texts)


def _label(name: ParameterName, key: ParameterKey, texts: list[str]) -> Condition:
    tokens = []
    for text in texts:
        first, bar, rest = values.halves(text, "|")
        system, code = (values.unescaped(first), values.unescaped(rest)) if bar else ("", values.unescaped(first))
        if system and not code:
            raise SearchRefusal("1218", parameter=key.code, value=text)
        if code:
            tokens.append(TokenValue(system or None, code))
    if not tokens:
        return AllOf(())
    return TokenCondition(key, Modifier.NOT if name.modifier == Modifier.NOT else Modifier.NONE, tuple(tokens))


def _profile(name: ParameterName, key: ParameterKey, texts: list[str]) -> Condition:
    urls = tuple(values.unescaped(text) for text in texts)
    if key.type == "uri":
        known = name.modifier in (Modifier.ABOVE, Modifier.BELOW)
        return UriCondition(key, Modifier(name.modifier) if known else Modifier.NONE, urls)
    return ReferenceCondition(key, tuple(ReferenceValue((_target(key, url),)) for url in urls))


def _target(key: ParameterKey, url: str) -> int:
    place = parse_reference(url)
    return url_key(url) if place is None else resource_key(key.version, place.type, place.id)
