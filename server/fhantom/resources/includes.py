"""`_include` and `_revinclude` (FHIR search 3.2.1.7.5)."""

from __future__ import annotations

from fhantom.resources.names import ParameterName
from fhantom.resources.query import Include
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Scope

_ITERATING = ("iterate", "recurse")
_NO_PARAMETER = (0,)  # what is followed where nothing can be: no parameter has this number


def include(scope: Scope, name: ParameterName, value: str) -> Include:
    """One parameter: `*`, `Type:*`, `Type:parameter` or `Type:parameter:Target`.

    As on the real server a parameter that is no reference leads nowhere, and a target behind `*` says nothing.
    """
    reverse, iterate = name.code == "_revinclude", name.modifier in _ITERATING
    if "," in value:
        raise _refusal("0441", name, value)
    if value == "*":
        return Include((), "", reverse=reverse, iterate=iterate)
    resource_type, colon, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if not colon or not code or not resource_type:
        raise _refusal("2018", name, value)
    if not scope.model.definitions.is_resource(resource_type):
        raise _refusal("2017", name, value, type=resource_type)
    if target and not scope.model.definitions.is_resource(target):
        raise _refusal("2016", name, value, type=target)
    if code == "*":
        everywhere = iterate and not reverse  # then every reference is followed, whatever the type is
        return Include((), "" if everywhere else resource_type, "", reverse, iterate)
    key = scope.within(resource_type).key(code)
    if key is not None and key.type != "reference":
        return Include(_NO_PARAMETER, resource_type, "", reverse, iterate)
    if key is None:
        parameters = scope.model.parameters(resource_type)
        valid = tuple(each for each, found in parameters.items() if found.type == "reference")
        raise _refusal("2015", name, value, type=resource_type, code=code, valid=valid)
    return Include((key.number,), resource_type, target, reverse, iterate)


def _refusal(number: str, name: ParameterName, value: str, **facts: object) -> SearchRefusal:
    return SearchRefusal(number, 400, parameter=name.code, value=value, **facts)
