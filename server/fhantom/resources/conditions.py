"""What one search parameter of a URL asks for, by the type of the parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from fhantom.resources import metadata, values
from fhantom.resources.chains import chained, has, reference
from fhantom.resources.criteria import (
    AllOf,
    AnyOf,
    Condition,
    ContentCondition,
    DateCondition,
    HasCondition,
    IdCondition,
    ListCondition,
    MissingCondition,
    Modifier,
    NotCondition,
    Nothing,
    NumberCondition,
    ParameterKey,
    QuantityCondition,
    StoredCondition,
    StringCondition,
    TokenCondition,
    TokenValue,
    UpdatedCondition,
    UriCondition,
)
from fhantom.resources.extraction import of_type_number
from fhantom.resources.filters import filter_condition
from fhantom.resources.folding import folded
from fhantom.resources.names import ParameterName
from fhantom.resources.nearness import near
from fhantom.resources.numbers import parameter_number, resource_key
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature, Scope, unknown_parameter
from fhantom.resources.subsumption import related

Builder = Callable[[Scope, ParameterName, ParameterKey, str], Condition]
Special = Callable[[Scope, ParameterName, str], Condition]

_COST_OF_A_RANGE = 10
"""What looking up all strings that begin alike costs, in lookups of one value."""

_COST_OF_A_COMPOSITE = 50
"""What testing both parts of one alternative costs, in lookups of one value."""


def conditions(scope: Scope, asked: Iterable[tuple[ParameterName, str]]) -> Iterator[Condition]:
    """The conditions of parameters and values; all bounds of one date are one condition."""
    together: dict[str, list[tuple[ParameterName, str]]] = {}
    for name, value in asked:
        together.setdefault(one_condition(name), []).append((name, value))
    for pairs in together.values():
        name, given = pairs[0][0], [value for _, value in pairs]
        if name.code == "_id" and len(pairs) > 1:
            yield _ids(scope, pairs)
            continue
        key = None if name.chain else scope.key(name.code)
        if key is not None and key.type == "date" and name.modifier != Modifier.MISSING:
            yield _date_bounds(key, given)
        else:
            yield from (condition(scope, name, value) for value in given)


def one_condition(name: ParameterName) -> str:
    """What parameters that are understood together have in common: their name, or that they are `_id`."""
    return "_id" if name.code == "_id" and name.modifier != Modifier.MISSING and not name.chain else name.text


def condition(scope: Scope, name: ParameterName, value: str) -> Condition:
    """The condition of one parameter with one value, which may be a list of alternatives."""
    scope.spend(1 + value.count(","))
    special = _SPECIAL.get(name.code)
    if special is not None and not name.chain:
        return special(scope, name, value)
    key = scope.key(name.code)
    if key is None and name.code.startswith("_") and name.code != "_language":
        return AllOf(())  # the real server passes over what no specification knows, such as `_dc` or `_=1700000000`
    if key is None:
        raise unknown_parameter(scope, name.code)
    if name.code in metadata.CODES:
        return metadata.of_meta(name, key, value)
    if name.chain and key.type != "reference":
        raise SearchRefusal("1935", parameter=name.text)
    if name.chain:
        return chained(scope, name, key, value, condition)
    if name.modifier == Modifier.MISSING and key.code != "_source":
        return _missing(key, value)
    if not values.alternatives(value) and key.type not in ("string", "reference"):
        return AllOf(())
    return _BY_TYPE[key.type](scope, name, key, value)


def _missing(key: ParameterKey, value: str) -> Condition:
    """Whatever is not `true` is false; of several values the first one counts, and everything has been updated."""
    return AllOf(()) if key.code == "_lastUpdated" else MissingCondition(key, value.split(",")[0] == "true")


def is_parameter(scope: Scope, code: str) -> bool:
    """Whether the scope's type has a parameter of that code."""
    return code in _SPECIAL or scope.key(code) is not None


def _modifier(name: ParameterName, *known: Modifier) -> Modifier:
    """The modifier if it is one of those; the real server passes over others."""
    return Modifier(name.modifier) if name.modifier in known else Modifier.NONE


def _string(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    modifier = _modifier(name, Modifier.EXACT, Modifier.CONTAINS)
    texts = tuple(values.unescaped(text) for text in values.alternatives(value))
    if not texts:  # an empty text: every value begins with it, none is it
        return Nothing() if modifier is Modifier.EXACT else MissingCondition(key, False)
    scope.spend(_COST_OF_A_RANGE * len(texts))
    if modifier is not Modifier.EXACT:
        texts = tuple(folded(text) for text in texts)
    return StringCondition(key, modifier, texts)


def _token(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    modifier = _modifier(
        name,
        *(Modifier.NOT, Modifier.TEXT, Modifier.IN, Modifier.NOT_IN),
        *(Modifier.ABOVE, Modifier.BELOW, Modifier.OF_TYPE),
    )
    if modifier is Modifier.TEXT:
        texts = tuple(folded(values.unescaped(text)) for text in values.alternatives(value))
        return StringCondition(key, Modifier.NONE, texts)
    if modifier in (Modifier.IN, Modifier.NOT_IN):
        return _in_value_set(scope, key, modifier, value)
    if modifier is Modifier.OF_TYPE:
        return _of_type(scope, key, value)
    tokens = tuple(values.token(text) for text in values.alternatives(value))
    if modifier in (Modifier.ABOVE, Modifier.BELOW):
        return related(scope, key, modifier, tokens)
    if not tokens or TokenValue(None, None) in tokens:
        return AllOf(())
    return TokenCondition(key, modifier, tokens)


def _in_value_set(scope: Scope, key: ParameterKey, modifier: Modifier, url: str) -> Condition:
    codings = scope.value_set(url)
    if codings is None:
        raise SearchRefusal("2788", 404, url=url)
    tokens = tuple(TokenValue(coding.system, coding.code) for coding in codings)
    if not tokens:
        return Nothing() if modifier is Modifier.IN else AllOf(())
    if modifier is Modifier.IN:
        return TokenCondition(key, Modifier.NONE, tokens)
    return AllOf((MissingCondition(key, False), TokenCondition(key, Modifier.NOT, tokens)))


def _of_type(scope: Scope, key: ParameterKey, value: str) -> Condition:
    if Feature.OF_TYPE not in scope.features:
        raise SearchRefusal("2012", 405, parameter=key.code)
    number = of_type_number(key.version, key.resource_type, key.code)
    typed = ParameterKey(key.version, key.resource_type, f"{key.code}:of-type", "token", number)
    tokens = []
    for text in values.alternatives(value):
        system, _, rest = text.partition("|")
        code, _, wanted = rest.partition("|")
        tokens.append(TokenValue(f"{system}|{code}", values.unescaped(wanted)))
    return TokenCondition(typed, Modifier.NONE, tuple(tokens))


def _date_bounds(key: ParameterKey, given: list[str]) -> Condition:
    bounds = values.date_range(given)
    if not bounds:
        return AllOf(())
    return UpdatedCondition(bounds) if key.code == "_lastUpdated" else DateCondition(key, bounds)


def _date(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    """A date behind a chain, where the real server takes alternatives."""
    return AnyOf(tuple(_date_bounds(key, [text]) for text in values.alternatives(value)))


def _number(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    return NumberCondition(key, tuple(values.number(text) for text in values.alternatives(value)))


def _quantity(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    return QuantityCondition(key, tuple(values.quantity(text) for text in values.alternatives(value)))


def _uri(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    if key.code == "_source" and Feature.SOURCE not in scope.features:
        raise SearchRefusal("1216")
    texts = tuple(values.unescaped(text) for text in values.alternatives(value))
    return UriCondition(key, _modifier(name, Modifier.ABOVE, Modifier.BELOW), texts)


def _composite(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    """All parts on one resource; as on the real server they need not meet in one element of it."""
    by_url = {found.url: code for code, found in scope.model.parameters(scope.resource_type).items()}
    codes = [by_url.get(part.definition) for part in scope.parameter(key.code).components]
    found: list[Condition] = []
    for text in values.alternatives(value):
        scope.spend(_COST_OF_A_COMPOSITE)
        pieces = values.split(text.rstrip("$"), "$")
        if len(pieces) > len(codes):
            raise SearchRefusal("1947", parameter=key.code, value=text)
        pieces += [" "] * (len(codes) - len(pieces))
        parts = [_part(scope, code, piece) for code, piece in zip(codes, pieces, strict=True)]
        found.append(AllOf(tuple(parts)))
    return AnyOf(tuple(found))


def _part(scope: Scope, code: str | None, piece: str) -> Condition:
    """One part of a composite; of parts that are left out or blank only those of tokens are met."""
    if code is None or not piece:
        return Nothing()
    if piece.strip():
        return condition(scope, ParameterName(code, code), piece)
    key = scope.key(code)
    return AllOf(()) if key is not None and key.type == "token" else Nothing()


def _ids(scope: Scope, asked: Sequence[tuple[ParameterName, str]]) -> Condition:
    """What several `_id` name together; one `:not` among them asks for all but those, as on the real server."""
    found = [_id(scope, ParameterName("_id", "_id"), value) for _, value in asked]
    wanted = [one.keys for one in found if isinstance(one, IdCondition)]
    if not wanted:
        return AllOf(())
    keys = tuple(key for key in wanted[0] if all(key in others for others in wanted))
    is_not = any(name.modifier == Modifier.NOT for name, _ in asked)
    return AllOf((StoredCondition(keys), NotCondition(IdCondition(keys)))) if is_not else IdCondition(keys)


def _id(scope: Scope, name: ParameterName, value: str) -> Condition:
    """`_id=x`, `_id=Patient/x`; with `:not` all others, if there is one of those. Nothing has a system."""
    if name.modifier == Modifier.MISSING:
        return Nothing()
    version = scope.model.version
    types = (scope.resource_type,) if scope.resource_type else scope.model.definitions.resource_types
    wanted = [text for each in values.alternatives(value) if (text := each.removeprefix("|"))]
    if not wanted:
        return AllOf(())
    if any(text.endswith("/") for text in wanted):
        raise SearchRefusal("1101", value=value)
    places = [text.rpartition("/") for text in wanted if "|" not in text]
    keys = [
        resource_key(version, of, id) for of in types for path, _, id in places if path.rpartition("/")[2] in ("", of)
    ]
    found = IdCondition(tuple(keys))
    return AllOf((StoredCondition(found.keys), NotCondition(found))) if name.modifier == Modifier.NOT else found


def _list(scope: Scope, name: ParameterName, value: str) -> Condition:
    version = scope.model.version
    keys = [resource_key(version, "List", text.rpartition("/")[2]) for text in values.alternatives(value.strip())]
    item = parameter_number(version, "List", "item")
    if not keys:  # whatever is in a list
        return HasCondition(ParameterKey(version, "List", "item", "reference", item), AllOf(()))
    return AnyOf(tuple(ListCondition(key, item) for key in keys))


def _has(scope: Scope, name: ParameterName, value: str) -> Condition:
    return has(scope, name, value, condition, is_parameter)


def _filter(scope: Scope, name: ParameterName, value: str) -> Condition:
    return filter_condition(scope, value, condition)


def _content(scope: Scope, name: ParameterName, value: str) -> Condition:
    if Feature.TEXT not in scope.features:
        raise SearchRefusal("1192", parameter=name.code)
    words: Sequence[str] = values.unescaped(value).split()
    return ContentCondition(name.code == "_text", tuple(folded(word) for word in words))


_SPECIAL: dict[str, Special] = {
    "_id": _id,
    "_list": _list,
    "_has": _has,
    "_filter": _filter,
    "_text": _content,
    "_content": _content,
}
"""Parameters that do not compare indexed values of the resource itself."""

_BY_TYPE: dict[str, Builder] = {
    "string": _string,
    "token": _token,
    "date": _date,
    "number": _number,
    "quantity": _quantity,
    "uri": _uri,
    "reference": reference,
    "composite": _composite,
    "special": near,
}
