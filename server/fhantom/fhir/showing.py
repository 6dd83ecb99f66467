"""Stored versions as they are shown: rendered, cut down to a summary, with addresses that lead here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.definitions.subset import Summary, subset
from fhantom.fhir import parameters
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.kept import rendered
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.parameters import commas
from fhantom.resources import store
from fhantom.resources.records import Stored
from fhantom.world import facts

REAL_SERVER = b'"https://hackathon.siim.org/'
"""What addresses of the real server's services begin with, in the resources of the embedded seed."""

_SUMMARIES = ("true", "data", "text")
_ELEMENTS = (("_elements", "0295"), ("_elements:exclude", "0296"))  # each with its refusal of a colon


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of each resource."""

    summary: Summary | None = None
    elements: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def of(self, version: Version, resource: dict[str, Any]) -> dict[str, Any]:
        """That part of a resource, marked as one; all of it if the elements are of other types alone."""
        resource_type = resource["resourceType"]
        own = tuple(name for name in self.elements if _may_be_of(resource_type, name))
        unwanted = tuple(name for name in self.excluded if name.startswith(f"{resource_type}."))
        return subset(version, resource, own, self.summary, unwanted)

    def of_included(self, resource_type: str) -> Part | None:
        """What is shown of an included resource: elements are those of matches unless they name its type."""
        named = tuple(name for name in self.elements if name.startswith(f"{resource_type}."))
        part = replace(self, elements=named)
        return part if part.summary or part.elements or part.excluded else None


def _may_be_of(resource_type: str, element: str) -> bool:
    """Whether an element's path is not one of another type, as one that begins with a capital is."""
    head = element.partition(".")[0]
    return head == resource_type or not head[:1].isupper()


@dataclass(frozen=True, slots=True)
class View:
    """How resources of one answer are shown; none of it is the whole resource as it is."""

    part: Part | None = None
    endpoint_origin: bytes = b""

    def of_included(self, resource_type: str) -> View:
        """The view of an included resource of a type."""
        if self.part is None:
            return self
        return replace(self, part=self.part.of_included(resource_type))


def view_of(exchange: Exchange, connection: Connection, types: Iterable[str]) -> View:
    """The view that `_summary` and `_elements` ask for, of resources of these types."""
    return View(part_of(exchange), _endpoint_origin(exchange, connection) if "Endpoint" in types else b"")


def part_of(exchange: Exchange) -> Part | None:
    """What `_summary` or `_elements` leave of a resource (FHIR search 3.2.1.7.4); None if all."""
    if not exchange.pairs:
        return None
    summary = parameters.summary(exchange.pairs)
    asked = set(parameters.summaries(exchange.pairs))
    for name, number in _ELEMENTS:
        for value in exchange.every(name):
            if ":" in value:
                raise Refusal(number, value=value)
    elements = commas(exchange.every("_elements"))
    excluded = commas(exchange.every("_elements:exclude"))  # counts where it names the type too
    if "text" in asked and len(asked) > 1:
        raise Refusal("0380")
    if summary in (*_SUMMARIES, "count") and elements:
        raise Refusal("0304")
    if exchange.is_entry:
        elements = excluded = ()
    if summary in _SUMMARIES:
        return Part(summary=cast(Summary, summary))
    return Part(None, elements, excluded) if elements or excluded else None


def _endpoint_origin(exchange: Exchange, connection: Connection) -> bytes:
    if not exchange.world.settings.rewrite_endpoint_address or facts.get(connection, "seed") != "embedded":
        return b""
    parts = urlsplit(exchange.base)
    return f'"{parts.scheme}://{parts.netloc}/'.encode()


def shown(exchange: Exchange, view: View, stored: Stored, body: bytes) -> bytes:
    """One version as indented JSON."""
    text = rendered(stored, body)
    if view.endpoint_origin and stored.type == "Endpoint":
        text = text.replace(REAL_SERVER, view.endpoint_origin)
    if view.part is not None:
        text = dump_json(view.part.of(exchange.version, load_json(text)))
    return text


def all_shown(exchange: Exchange, view: View, records: Sequence[Stored]) -> list[bytes]:
    """Versions that are no deletions, as indented JSON, in their order."""
    bodies = store.bodies(exchange.world, records)
    return [shown(exchange, view, stored, body) for stored, body in zip(records, bodies, strict=True)]


def just_written(exchange: Exchange, stored: Stored, body: bytes | None) -> bytes:
    """The version that a write made or found, as indented JSON; its kept text is read unless it is at hand.

    It is shown whole where `_summary=text` asks for its narrative, which HAPI 8.8.0 does of reads alone (asked).
    """
    if parameters.summary(exchange.pairs) == "text":
        exchange = exchange.with_(pairs=())
    if stored.type == "Endpoint":
        with exchange.world.reading() as connection:
            view = view_of(exchange, connection, (stored.type,))
    else:
        view = View(part_of(exchange))
    if body is None:
        (body,) = store.bodies(exchange.world, (stored,))
    return shown(exchange, view, stored, body)
