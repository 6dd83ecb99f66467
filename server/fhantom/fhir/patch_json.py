"""JSON Patch (RFC 6902) on parsed JSON; a pointer is RFC 6901."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from fhantom.fhir.outcomes import Refusal

Json = Any
_NOTHING = object()


def _refuse(words: str) -> Refusal:
    return Refusal("1272", words=words)


def tokens(pointer: Json) -> list[str]:
    """The unescaped reference tokens of a JSON pointer."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise _refuse(f"no JSON pointer: {pointer!r}")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _index(token: str, length: int) -> int:
    if not token.isdecimal() or int(token) >= length:  # HAPI reads 01 as 1, which RFC 6901 has no meaning for
        raise _refuse(f"there is no element {token} in the list")
    return int(token)


def found(document: Json, pointer: Json) -> Json:
    """The value that a pointer names. Refusal if there is none."""
    value = document
    for token in tokens(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list):
            value = value[_index(token, len(value))]
        else:
            raise _refuse(f"the document has nothing at {pointer}")
    return value


def _parent(document: Json, pointer: Json) -> tuple[Json, str]:
    path = tokens(pointer)
    return found(document, pointer.rpartition("/")[0]), path[-1]


def _set(document: Json, pointer: Json, value: Json) -> None:
    parent, token = _parent(document, pointer)
    if isinstance(parent, dict):
        parent[token] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if token == "-" else _index(token, len(parent) + 1), value)
    else:
        raise _refuse(f"the parent of {pointer} is no object and no list")


def _take(document: Json, pointer: Json) -> Json:
    parent, token = _parent(document, pointer)
    value = found(document, pointer)
    if isinstance(parent, dict):
        del parent[token]
    else:
        del parent[_index(token, len(parent))]
    return value


def _member(operation: dict[str, Json], name: str) -> Json:
    value = operation.get(name, _NOTHING)
    if value is _NOTHING:
        raise _refuse(f"an operation lacks its member {name!r}")
    return value


def _add(document: Json, operation: dict[str, Json]) -> None:
    _set(document, _member(operation, "path"), copy.deepcopy(_member(operation, "value")))


def _remove(document: Json, operation: dict[str, Json]) -> None:
    _take(document, _member(operation, "path"))


def _replace(document: Json, operation: dict[str, Json]) -> None:
    pointer, value = _member(operation, "path"), copy.deepcopy(_member(operation, "value"))
    found(document, pointer)
    parent, token = _parent(document, pointer)
    parent[token if isinstance(parent, dict) else _index(token, len(parent))] = value


def _move(document: Json, operation: dict[str, Json]) -> None:
    source, target = _member(operation, "from"), _member(operation, "path")
    if isinstance(target, str) and target.startswith(f"{source}/"):
        raise _refuse(f"{source} cannot be moved into itself")
    _set(document, target, _take(document, source))


def _copy(document: Json, operation: dict[str, Json]) -> None:
    value = copy.deepcopy(found(document, _member(operation, "from")))
    _set(document, _member(operation, "path"), value)


def _test(document: Json, operation: dict[str, Json]) -> None:
    pointer = _member(operation, "path")
    if found(document, pointer) != _member(operation, "value"):
        raise _refuse(f"the value at {pointer} is another than the test says")


_OPERATIONS: dict[str, Callable[[Json, dict[str, Json]], None]] = {  # RFC 6902 4.1 to 4.6
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def apply(document: dict[str, Json], patch: Json) -> dict[str, Json]:
    """A patched copy of `document`. Refusal with number 1272 if an operation cannot be done; then none is."""
    if not isinstance(patch, list):
        raise _refuse("a JSON Patch is a list of operations")
    patched = copy.deepcopy(document)
    for operation in patch:
        name = operation.get("op") if isinstance(operation, dict) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise _refuse(f"no operation of JSON Patch: {name!r}")
        if operation.get("path") == "":
            patched = _of_the_whole(name, patched, operation)
        else:
            _OPERATIONS[name](patched, operation)
    if not isinstance(patched, dict):
        raise Refusal("1271", reference="the resource", cause="HAPI-1861: HAPI-1859: no object is left of it")
    return patched


def _of_the_whole(name: str, document: Json, operation: dict[str, Json]) -> Json:
    """What an operation on the empty pointer makes of a document."""
    match name:
        case "add" | "replace":
            return copy.deepcopy(_member(operation, "value"))
        case "copy" | "move":
            return copy.deepcopy(found(document, _member(operation, "from")))
        case "remove":
            return None
    _OPERATIONS[name](document, operation)
    return document
