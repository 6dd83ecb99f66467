"""Finds the operation that a path names and has its module answer."""

from __future__ import annotations

import importlib
from types import ModuleType

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.table import Operation, named
from fhantom.fhir.operations.target import Target
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.reading import unsupported
from fhantom.fhir.sessions import Session


def is_operation(path: str) -> bool:
    """Whether the last segment of a path names an operation."""
    return path.rpartition("/")[2].startswith("$")


def _module(operation: Operation) -> ModuleType:
    return importlib.import_module(f"{__package__}.{operation.module}")


def _found(exchange: Exchange) -> tuple[Operation, Target]:
    *segments, name = exchange.path.split("/")
    target = Target.of(segments)
    if target is None:
        raise unsupported(exchange)
    operation = named(name[1:], target.type, instance=bool(target.id))
    if operation is None or not operation.module:
        raise unsupported(exchange)
    return operation, target


def run(exchange: Exchange) -> Answer:
    """Answer an operation. Refusal: 0426 for a method that it does not take."""
    operation, target = _found(exchange)
    if exchange.method not in operation.methods:
        allowed = ", ".join(operation.methods)
        refusal = Refusal("0426", method=exchange.method, allowed=allowed)
        raise refusal.carrying(("Allow", allowed))
    answer: Answer = _module(operation).run(exchange, target)
    return answer


def further(exchange: Exchange, session: Session, offset: int, count: int) -> Answer:
    """A later page of an operation that answers with a searchset."""
    operation, target = _found(exchange)
    answer: Answer = _module(operation).further(exchange, target, session, offset, count)
    return answer
