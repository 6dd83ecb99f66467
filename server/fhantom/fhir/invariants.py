"""The invariants of the definitions, tried on a resource by fhirpathpy, an engine by other hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import fhirpathpy
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models

from fhantom.definitions import Invariant, Version, load
from fhantom.definitions.jsontext import DecimalText

Json = Any
Rule = Callable[[Any, dict[str, Json]], list[Any]]

MOST_PARTS = 3_000
"""Elements of a resource that invariants are still tried on; some compare every part with every other."""

_engine = threading.Lock()  # it keeps the constants of an evaluation in one place


@dataclass(frozen=True, slots=True)
class Place:
    """An element with a value, as its definition knows it.

    Attributes:
        path: of the element: `Patient`, `Organization.telecom`.
        type: of the value: `Patient`, `ContactPoint`.
    """

    path: str
    type: str


def broken(version: Version, place: Place, value: Json, resource: Json, root: Json) -> Iterator[Invariant]:
    """The invariants stated of an element that its value does not fulfil.

    What the engine cannot evaluate counts as fulfilled.

    Args:
        value: of the element, `numbers` applied.
        resource: the resource that it belongs to.
        root: the one that holds that, if it is contained or an entry.
    """
    for invariant, evaluate in _rules(version, place.path.partition(".")[0]).get(place.path, ()):
        try:
            with _engine:
                # The type tells the engine the types of what is below.
                node = ResourceNode.create_node(value, place.type)  # type: ignore[no-untyped-call]
                holds = evaluate(node, {"resource": resource, "rootResource": root}) != [False]
        except Exception:  # a function that the engine does not have, or a value that breaks it
            continue
        if not holds:
            yield invariant


def holds(version: Version, expression: str, value: Json, type: str) -> bool:
    """Whether an expression is true of a value; not if the engine cannot read or evaluate it."""
    rule = _rule(version, expression)
    if rule is None:
        return False
    try:
        with _engine:
            node = ResourceNode.create_node(numbers(value), type)  # type: ignore[no-untyped-call]
            return rule(node, {}) == [True]
    except Exception:  # as of invariants
        return False


@cache
def _rules(version: Version, root: str) -> dict[str, list[tuple[Invariant, Rule]]]:
    stated = load(version).invariants(root)
    return {
        path: [(one, rule) for one in found if (rule := _rule(version, one.expression)) is not None]
        for path, found in stated.items()
    }


def _rule(version: Version, expression: str) -> Rule | None:
    """What evaluates an expression; None if the engine cannot read it."""
    try:
        with _engine:
            rule: Rule = fhirpathpy.compile(expression, models[version.lower()], _OPTIONS)
    except Exception:  # its parser's errors have no class of their own
        return None
    return rule


def _has_value(values: list[Json]) -> bool:
    """FHIRPath's hasValue(), which the engine lacks (FHIR fhirpath 2.1.9.1.5)."""
    return len(values) == 1 and not isinstance(values[0], dict)


_OPTIONS = {
    "traceFn": lambda label, values: None,  # what definitions trace is for those who write them
    "userInvocationTable": {"hasValue": {"fn": _has_value, "arity": {0: []}}},
}


def numbers(value: Json) -> Json:
    """JSON with decimals as numbers, as FHIRPath compares them."""
    if isinstance(value, dict):
        return {name: numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return Decimal(value) if isinstance(value, DecimalText) else value


def parts(value: Json) -> int:
    """How many elements a resource has."""
    if isinstance(value, dict):
        return 1 + sum(map(parts, value.values()))
    return sum(map(parts, value)) if isinstance(value, list) else 0
