"""What an operation works on, and the parameters that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir import bodies
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.kept import rendered
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
    """The resource that an operation works on. Refusal: 2001 or gone."""
    with exchange.world.reading() as connection:
        found = store.read(connection, exchange.version, target.type, target.id)
    return present(exchange, found, target.reference)


def parameters_of(exchange: Exchange) -> Resource:
    """The Parameters of a POST; of a GET, the query's as strings."""
    if exchange.method == "POST" and exchange.body:
        return bodies.resource_of(exchange, "Parameters", "EXTENDED_OPERATION_TYPE")
    rows = [{"name": name, "valueString": value} for name, value in exchange.pairs]
    return {"resourceType": "Parameters", "parameter": rows}


def with_parameters(exchange: Exchange) -> Exchange:
    """The exchange with the simple parameters of its body among its pairs, as if a GET had sent them."""
    if exchange.method != "POST" or not exchange.body:
        return exchange
    rows = parameters_of(exchange).get("parameter", [])
    pairs = tuple(
        (str(row.get("name")), str(item))
        for row in rows
        for key, item in row.items()
        if key.startswith("value") and not isinstance(item, dict | list)
    )
    return exchange.with_(pairs=(*exchange.pairs, *pairs))


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
