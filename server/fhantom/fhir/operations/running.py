"""Finds the operation that a path names and has its module answer."""

from __future__ import annotations

import importlib
from types import ModuleType

from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations.arguments import check
from fhantom.fhir.operations.table import Operation, named
from fhantom.fhir.operations.target import Target, recorded
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.reading import unsupported
from fhantom.fhir.sessions import Session

_TOLD = {"GET": "0426", "DELETE": "0427"}  # of the other methods HAPI says that they lead nowhere


def is_operation(path: str) -> bool:
    """Whether a segment of a path names an operation."""
    return any(segment.startswith("$") for segment in path.split("/"))


def path_of(path: str) -> str:
    """The path up to its operation, as HAPI passes over what follows."""
    segments = path.split("/")
    at = next(at for at, segment in enumerate(segments) if segment.startswith("$"))
    return "/".join(segments[: at + 1])


def _module(operation: Operation) -> ModuleType:
    return importlib.import_module(f"{__package__}.{operation.module}")


def _is_on(exchange: Exchange, operation: Operation) -> bool:
    return not operation.setting or bool(getattr(exchange.world.settings, operation.setting))


def _found(exchange: Exchange) -> tuple[Operation, Target]:
    *segments, name = exchange.path.split("/")
    if segments[1:] == ["_history"]:
        raise Refusal("0299", path=exchange.path)
    if segments[2:] == ["_history"] and exchange.method == "GET":
        recorded(exchange, Target(segments[0], segments[1], name))  # as a version, which none is called by
    target = Target.of(segments)
    if target is None:
        raise unsupported(exchange)
    operation = named(name[1:], target.type, instance=bool(target.id))
    if operation is None or not operation.module or not _is_on(exchange, operation):
        raise unsupported(exchange)
    return operation, target


def run(exchange: Exchange) -> Answer:
    """Answer an operation. Refusal: 0426 or 0427 for GET or DELETE if it does not take them, else no interaction."""
    operation, target = _found(exchange)
    if exchange.method not in operation.methods:
        if exchange.method not in _TOLD:
            raise unsupported(exchange)
        methods = [method for method in ("POST", "GET") if method in operation.methods]
        refusal = Refusal(_TOLD[exchange.method], method=exchange.method, allowed=", ".join(methods))
        raise refusal.carrying(("Allow", ",".join(methods)))
    check(exchange, operation, target)
    answer: Answer = _module(operation).run(exchange, target)
    return answer


def further(exchange: Exchange, session: Session, offset: int, count: int) -> Answer:
    """A later page of an operation that answers with a searchset."""
    operation, target = _found(exchange)
    answer: Answer = _module(operation).further(exchange, target, session, offset, count)
    return answer
