"""What an operation works on, and the parameters that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir import bodies
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.kept import rendered
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.reading import present
from fhantom.resources import store
from fhantom.resources.records import Stored

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """The server (both empty), a resource type, one resource, or one of its versions."""

    type: str = ""
    id: str = ""
    version: str = ""

    @classmethod
    def of(cls, segments: list[str]) -> Target | None:
        """The target that the segments before the operation's name mean, None if none."""
        if len(segments) == 4 and segments[2] == "_history":
            return cls(segments[0], segments[1], segments[3])
        if len(segments) == 3 and segments[2] != "_history":  # which the real server passes over
            return cls(*segments[:2])
        return cls(*segments) if len(segments) < 3 else None

    @property
    def reference(self) -> str:
        """`Patient/1`."""
        return f"{self.type}/{self.id}"


def loaded(exchange: Exchange, stored: Stored) -> Resource:
    """A version that is no deletion, as JSON."""
    (body,) = store.bodies(exchange.world, (stored,))
    resource: Resource = load_json(rendered(stored, body))
    return resource


def instance(exchange: Exchange, target: Target) -> Stored:
    """The resource or version that an operation works on. Refusal: 2001, 0978, 0979 or gone."""
    return present(exchange, recorded(exchange, target), target.reference)


def recorded(exchange: Exchange, target: Target) -> Stored:
    """The resource or version, which may be a deletion. Refusal: 2001 never was, 0978 or 0979 has no such version."""
    place = exchange.version, target.type, target.id
    with exchange.world.reading() as connection:
        found = store.read(connection, *place)
        if found is None:
            raise Refusal("2001", reference=target.reference)
        if not target.version:
            return found
        if not (target.version.isascii() and target.version.isdecimal()):
            raise Refusal("0978", version=target.version, reference=target.reference)
        number = int(target.version) if len(target.version) < 10 else -1
        version = store.vread(connection, *place, number)
    if version is None:
        raise Refusal("0979", version=target.version, reference=target.reference)
    return version


def parameters_of(exchange: Exchange) -> Resource:
    """The query's parameters as strings, then those of a POST's Parameters; another resource gives none.

    A Content-Type announces a body even where none follows, and the reader then refuses it.
    """
    rows = [{"name": name, "valueString": value} for name, value in exchange.pairs]
    if exchange.method == "POST" and (exchange.body or exchange.header("content-type")):
        sent = bodies.resource_of(exchange, None, "EXTENDED_OPERATION_TYPE")
        if sent["resourceType"] == "Parameters":
            rows += sent.get("parameter", [])
    return {"resourceType": "Parameters", "parameter": rows}


def with_parameters(exchange: Exchange) -> Exchange:
    """The exchange with the simple parameters of its body among its pairs, as if a GET had sent them."""
    pairs = tuple(
        (str(row.get("name")), _as_text(item))
        for row in parameters_of(exchange)["parameter"]
        for key, item in row.items()
        if key.startswith("value") and not isinstance(item, dict | list)
    )
    return exchange.with_(pairs=pairs)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def part(parameters: Resource, name: str) -> Resource | None:
    """The parameter of that name, None if it is absent."""
    return next((row for row in parameters.get("parameter", []) if row.get("name") == name), None)


def value(parameters: Resource, name: str) -> Any:
    """The value of a parameter, whatever its type; None if it is absent."""
    row = part(parameters, name) or {}
    return next((item for key, item in row.items() if key.startswith("value")), row.get("resource"))


def text(parameters: Resource, name: str) -> str:
    """The value of a parameter as text, empty if it is absent."""
    found = value(parameters, name)
    return found if isinstance(found, str) else ""


def answered(*rows: Resource) -> Answer:
    """An answer of Parameters; without rows they have no `parameter`."""
    content: Resource = {"resourceType": "Parameters"}
    if rows:
        content["parameter"] = list(rows)
    return Answer(200, content=dump_json(content))
