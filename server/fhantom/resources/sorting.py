"""One key of `_sort`: a parameter, or one of what a reference leads to (`patient.name`)."""

from __future__ import annotations

from fhantom.resources.query import Sort
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Scope

_BEHIND_A_CHAIN = frozenset({"date", "string", "token"})


def sort(scope: Scope, text: str, *, descending: bool) -> Sort:
    """The key that `text` names.

    SearchRefusal: 1194 for an unknown parameter, 2285 to 2290 for a chain that cannot be sorted by.
    """
    head, dot, rest = text.partition(".")
    code, _, target = head.partition(":")
    key = scope.key(code if dot else text)
    if key is None:
        raise SearchRefusal("1194", parameter=text, type=scope.resource_type, valid=scope.valid())
    if not dot:
        return Sort(key, descending)
    if "." in rest:
        raise SearchRefusal("2286", parameter=text)
    if key.type != "reference":
        raise SearchRefusal("2285", parameter=code)
    targets = (target,) if target else scope.parameter(code).targets
    if len(targets) != 1:
        raise SearchRefusal("2287", parameter=code)
    if not scope.model.definitions.is_resource(targets[0]):
        raise SearchRefusal("1194", parameter=target, type=scope.resource_type, valid=scope.valid())
    inner = scope.within(targets[0])
    found = inner.key(rest)
    if found is None:
        raise SearchRefusal("2289", parameter=rest, type=targets[0], valid=inner.valid())
    if found.type not in _BEHIND_A_CHAIN:
        raise SearchRefusal("2290", parameter=text, type=found.type)
    return Sort(found, descending, through=key)
