"""Where a FHIRPath leads in a resource's JSON: the places a patch may change.

A full FHIRPath engine gives values; a patch needs the object or list that holds them. What paths of patches
use is followed here (FHIRPath 5.2 and 5.3): members, `[n]`, `where(...)`, `first()`, `last()`, `tail()`, `skip(n)`,
`take(n)`, `extension('url')`, `ofType(Type)`. What stands in a `where` is evaluated by the engine of the invariants
unless it compares members with literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhantom.definitions import Definitions, Key, UnknownType

Json = Any

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+(?:\.\d+)?|[.\[\]()=]|\s+|.")
_START = re.compile(r"^\s*(?:%resource|%context|\$this)(?![\w])")
_WITHOUT_ARGUMENTS = {"first": slice(1), "last": slice(-1, None), "tail": slice(1, None)}
_OF_NUMBERS = {"skip", "take"}


class BadPath(ValueError):
    """The path is none, or uses more of FHIRPath than patches need."""


@dataclass(frozen=True, slots=True)
class Place:
    """One value within a resource.

    Attributes:
        holder: the dict or list that holds the value; None for the resource itself.
        key: the member's name or the index in `holder`.
        value: what stands there.
        type: the type path of the value, for example `HumanName` or `Patient.contact`.
        owner: the type path of what the value is an element of.
    """

    holder: dict[str, Json] | list[Json] | None
    key: str | int
    value: Json
    type: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a path: a member or a function with its arguments, each a comparison or a literal.

    Attributes:
        expression: what stands in a `where` that is more than comparisons.
    """

    name: str
    function: bool = False
    arguments: tuple[tuple[tuple[str, ...], str], ...] = ()
    expression: str = ""


def key_of(definitions: Definitions, type_path: str, name: str) -> list[Key]:
    """The JSON properties that an element's name stands for: one, or one for each type of a choice."""
    try:
        keys = definitions.type(type_path).keys
    except UnknownType:
        return []
    if name in keys:
        return [keys[name]]
    return [key for key in keys.values() if key.element.name == name]


def follow(definitions: Definitions, resource: dict[str, Json], path: str) -> list[Place]:
    """The places that `path` leads to, in order. BadPath if it cannot be followed."""
    steps = parse(_START.sub(resource["resourceType"], path))
    places = [Place(None, "", resource, resource["resourceType"])]
    if steps and not steps[0].function and steps[0].name in (resource["resourceType"], "Resource"):
        steps = steps[1:]
    for step in steps:
        places = _stepped(definitions, places, step)
    return places


def _stepped(definitions: Definitions, places: list[Place], step: Step) -> list[Place]:
    if not step.function:
        if step.name.isdecimal():
            return places[int(step.name) : int(step.name) + 1]
        return [found for place in places for found in _members(definitions, place, step.name)]
    if step.name in _WITHOUT_ARGUMENTS:
        return places[_WITHOUT_ARGUMENTS[step.name]]
    match step.name:
        case "skip":
            return places[int(step.arguments[0][1]) :]
        case "take":
            return places[: int(step.arguments[0][1])]
        case "ofType":
            return [place for place in places if place.type == step.arguments[0][1]]
        case "extension":
            url = step.arguments[0][1]
            found = [child for place in places for child in _members(definitions, place, "extension")]
            return [place for place in found if place.value.get("url") == url]
        case _:
            return [place for place in places if _fulfils(definitions, place, step)]


def _members(definitions: Definitions, place: Place, name: str) -> Iterator[Place]:
    if not isinstance(place.value, dict):
        return
    for key in key_of(definitions, place.type, name):
        value = place.value.get(key.name)
        if value is None or name != key.element.name:  # in FHIRPath a choice has one name, whatever its type
            continue
        kind = key.type
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield Place(value, index, item, _actual(kind, item), place.type)
        else:
            yield Place(place.value, key.name, value, _actual(kind, value), place.type)


def _actual(kind: str, value: Json) -> str:
    if kind == "Resource" and isinstance(value, dict):
        return str(value.get("resourceType", kind))
    return kind


def _fulfils(definitions: Definitions, place: Place, step: Step) -> bool:
    if step.expression:
        from fhantom.fhir.invariants import holds

        return holds(definitions.version, step.expression, place.value, place.type)
    for path, literal in step.arguments:
        places = [place]
        for name in path:
            places = [found for at in places for found in _members(definitions, at, name)]
        if [_as_text(at.value) for at in places] != [literal]:  # several are no equal of one
            return False
    return True


def _as_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def parse(path: str) -> list[Step]:
    """The steps of a path. BadPath if it is none that can be followed."""
    tokens = [token for token in _TOKEN.findall(path) if not token.isspace()]
    steps: list[Step] = []
    at, is_open = 0, True  # whether a member or function may stand here
    while at < len(tokens):
        token = tokens[at]
        if token == "[" and steps and at + 2 < len(tokens) and tokens[at + 1].isdecimal() and tokens[at + 2] == "]":
            steps.append(Step(tokens[at + 1]))
            at += 3
        elif token == "." and not is_open:
            at, is_open = at + 1, True
        elif is_open and re.fullmatch(r"[A-Za-z_]\w*", token):
            is_open = False
            if tokens[at + 1 : at + 2] == ["("]:
                end = _closing(tokens, at + 1, path)
                steps.append(_function(token, tokens[at + 2 : end], path))
                at = end + 1
            else:
                steps.append(Step(token))
                at += 1
        else:
            raise BadPath(path)
    return steps


def _closing(tokens: list[str], start: int, path: str) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] == "(") - (tokens[at] == ")")
        if not depth:
            return at
    raise BadPath(path)


def _function(name: str, inside: list[str], path: str) -> Step:
    if name in _WITHOUT_ARGUMENTS and not inside:
        return Step(name, function=True)
    if name in _OF_NUMBERS and len(inside) == 1 and inside[0].isdecimal():
        return Step(name, True, (((), inside[0]),))
    if name in ("extension", "ofType") and len(inside) == 1:
        return Step(name, True, (((), _literal(inside[0])),))
    if name != "where" or not inside:
        raise BadPath(path)
    comparisons = _comparisons(inside)
    return Step(name, True, tuple(comparisons)) if comparisons else Step(name, True, expression=" ".join(inside))


def _comparisons(tokens: list[str]) -> list[tuple[tuple[str, ...], str]]:
    """The comparisons of members with literals that all must hold; empty if there is anything else."""
    pieces: list[list[str]] = [[]]
    for token in tokens:
        if token == "and":
            pieces.append([])
        else:
            pieces[-1].append(token)
    found = []
    for piece in pieces:
        *path, equals, literal = piece if len(piece) > 2 else ("", "", "")
        if equals != "=" or not all(re.fullmatch(r"[A-Za-z_]\w*|\.", token) for token in path):
            return []
        found.append((tuple(token for token in path if token != "."), _literal(literal)))
    return found


def _literal(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith("'") else token
