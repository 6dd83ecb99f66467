"""From the parameters of a URL to a `Search`: names resolved, modifiers checked, values parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from fhantom.definitions import Coding
from fhantom.errors import BadRequest
from fhantom.resources.conditions import conditions
from fhantom.resources.criteria import (
    AllOf,
    AnyOf,
    Condition,
    Modifier,
    ParameterKey,
    TokenCondition,
    TokenValue,
)
from fhantom.resources.includes import include
from fhantom.resources.model import SearchModel
from fhantom.resources.names import ParameterName, split_name
from fhantom.resources.numbers import contained, parameter_number
from fhantom.resources.query import Search, Sort, Total
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Feature, Scope, Subsumption, itself, unknown_parameter
from fhantom.resources.sorting import sort

DEFAULT_COUNT = 20
Asked = list[tuple[ParameterName, str]]

SHAPING = frozenset(
    {
        *(
            "_format",
            "_pretty",
            "_elements",
            "_summary",
            "_bundletype",
            "_total",
            "_count",
            "_offset",
            "_type",
        ),
        *("_containedType", "_score", "_graph", "_maxresults", "_getpages", "_getpagesoffset", "_raw", "_at"),
        *("_sort", "_include", "_revinclude", "_contained"),
    }
)
"""Parameters that choose no resources: they shape the answer or, as on the real server, do nothing."""


def understand(
    model: SearchModel,
    resource_type: str,
    pairs: Sequence[tuple[str, str]],
    *,
    features: Iterable[Feature] = (),
    value_set: Callable[[str], Sequence[Coding] | None] = lambda url: None,
    subsumption: Subsumption = itself,
    base: str = "",
) -> Search:
    """The search that decoded `pairs` ask for among `resource_type` (empty: the whole system).

    Takes every search parameter, chain and `_has`, and of the others `_count`, `_offset`, `_sort`,
    `_include`, `_revinclude`, `_total` and `_summary=count`; what only shapes the answer is passed over.
    SearchRefusal says what cannot be understood, as the real server numbers it.

    Args:
        features: what is off on the real server and switched on here.
        value_set: the codings of a value set by URL, None if it is unknown; for `:in`.
        subsumption: the codes over or under another in its system; for `:above` and `:below` of tokens.
        base: this server's own base URL, under which absolute references are its own.
    """
    scope = Scope(model, resource_type, frozenset(features), value_set, subsumption, base.rstrip("/"))
    if not resource_type and Feature.SYSTEM not in scope.features:
        raise SearchRefusal("0287")
    every = [(split_name(name), value) for name, value in pairs]
    asked = [(name, value) for name, value in every if value.strip() or _means_something_blank(scope, name, value)]
    for name, value in every:
        if not value.strip():
            _check_blank(scope, name)
    choosing = [(name, value) for name, value in asked if name.code not in SHAPING]
    types, chosen = _chosen(scope, asked, choosing)
    offset = _whole_number(asked, "_offset", "0389")
    total = _total(asked)
    return Search(
        model.version,
        types,
        chosen,
        () if total is Total.ONLY else tuple(_sorted(scope, asked)),
        tuple(include(scope, name, value) for name, value in asked if name.code in ("_include", "_revinclude")),
        count=_count(asked),
        offset=offset or 0,
        total=total,
        by_offset=offset is not None,
        chosen_by=tuple((name.text, value) for name, value in choosing),
    )


_BLANK_IS_A_VALUE = frozenset({"string", "uri", "date", "number"})


def _means_something_blank(scope: Scope, name: ParameterName, value: str) -> bool:
    """Whether a parameter is carried out, or refused, although its value is blank."""
    if name.modifier == Modifier.EXACT or name.code == "_list" or (name.code == "_has" and name.modifier):
        return True
    key = None if name.chain or name.code.startswith("_") else scope.key(name.code)
    if key is None or name.modifier == Modifier.MISSING:
        return key is not None
    return key.type in _BLANK_IS_A_VALUE if value else key.type == "string"


def _check_blank(scope: Scope, name: ParameterName) -> None:
    """Refuse a parameter without a value where its name alone is refused already."""
    if not scope.resource_type or name.code in SHAPING:
        return
    if name.text == "_has":
        raise SearchRefusal("1942", parameter="_has")
    if name.code in ("_text", "_content") and Feature.TEXT not in scope.features:
        raise SearchRefusal("1192", parameter=name.code)
    if not name.code.startswith("_") and scope.key(name.code) is None:
        raise unknown_parameter(scope, name.code)


def _chosen(scope: Scope, asked: Asked, choosing: Asked) -> tuple[tuple[str, ...], tuple[Condition, ...]]:
    """The types that are searched and what must hold, by `_contained` and `_type`."""
    if not scope.resource_type:
        return _types(asked), _of_any_type(scope, asked, choosing)
    mode = _value(asked, "_contained")
    if mode in (None, "false"):
        return (scope.resource_type,), tuple(conditions(scope, choosing))
    if mode not in ("true", "both"):
        raise SearchRefusal("1963", value=mode)
    if Feature.CONTAINED not in scope.features:
        raise SearchRefusal("0984" if mode == "true" else "0983", 405, value=mode)
    name, version = contained(scope.resource_type), scope.model.version
    marker = ParameterKey(version, name, "_type", "token", parameter_number(version, name, "_type"))
    holding = TokenCondition(marker, Modifier.NONE, (TokenValue(None, scope.resource_type),))
    inside = AllOf((holding, *conditions(replace(scope, in_contained=True), choosing)))
    if mode == "true":
        return (), (inside,)
    if not choosing:
        raise BadRequest("_contained=both needs a condition")
    return (), (AnyOf((AllOf(tuple(conditions(scope, choosing))), inside)),)


def _value(asked: Asked, code: str) -> str | None:
    return next((value for name, value in asked if name.text == code), None)


def _whole_number(asked: Asked, code: str, refusal: str) -> int | None:
    text = _value(asked, code)
    if text is None:
        return None
    digits = text.removeprefix("+")  # of any script, as Java reads them
    if not digits.isdecimal():
        raise SearchRefusal(refusal, value=text)
    return min(int(digits[:12]), 1 << 31)


def _count(asked: Asked) -> int:
    """Matches on a page; a negative number is none, with links as if there were some."""
    text = _value(asked, "_count")
    if text is not None and text.startswith("-") and text[1:].isdigit():
        return 0
    count = _whole_number(asked, "_count", "0375")
    return DEFAULT_COUNT if count is None else count


def _total(asked: Asked) -> Total:
    if (_value(asked, "_summary") or "").lower() == "count" or _value(asked, "_count") == "0":
        return Total.ONLY
    return Total.ACCURATE if _value(asked, "_total") == "accurate" else Total.DEFAULT


def _types(asked: Asked) -> tuple[str, ...]:
    return tuple(part for part in (_value(asked, "_type") or "").split(",") if part)


def _of_any_type(scope: Scope, asked: Asked, choosing: Asked) -> tuple[Condition, ...]:
    """The conditions as each of the types has them: what is indexed is indexed by type."""
    types = _types(asked) or scope.model.definitions.resource_types
    for name in types:
        if not scope.model.definitions.is_resource(name):
            raise SearchRefusal("0302", 404, type=name)
    if not choosing:
        return ()
    return (AnyOf(tuple(AllOf(tuple(conditions(scope.within(name), choosing))) for name in types)),)


def _sorted(scope: Scope, asked: Asked) -> Iterator[Sort]:
    """The keys of an order; a minus sign means something only in the first `_sort`, and without a modifier."""
    for at, (name, value) in enumerate(pair for pair in asked if pair[0].code == "_sort"):
        if name.modifier not in ("", "asc", "desc"):
            continue
        is_signed = at == 0 and not name.modifier
        for text in value.split(","):
            code = text.removeprefix("-") if is_signed else text
            if not code.strip():
                continue
            yield sort(scope, code, descending=name.modifier == "desc" or code != text)
