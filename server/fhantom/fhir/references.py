"""References of a resource on its way in: made relative, resolved, and checked against what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from fhantom.fhir import conditions
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.records import Draft, Reference

Json = Any

# References that are kept as they stand: relative without a version, and to contained resources.
_PLAIN = re.compile(rb'"reference": "(?!#|[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")')
_VERSIONED = re.compile(r"^([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})/_history/[A-Za-z0-9.\-]+$")
_CONDITIONAL = re.compile(r"^([A-Z][A-Za-z]+)\?(.+)$", re.DOTALL)

# Addresses that mean a thing, not a place (the real server's setting logical_urls).
_LOGICAL = (
    "http://terminology.hl7.org/",
    "https://terminology.hl7.org/",
    "http://snomed.info/",
    "https://snomed.info/",
    "http://unitsofmeasure.org/",
    "https://unitsofmeasure.org/",
    "http://loinc.org/",
    "https://loinc.org/",
)


def holders(value: Json) -> Iterator[dict[str, Json]]:
    """Every Reference with a literal reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from holders(item)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                yield from holders(item)


def settled(exchange: Exchange, resource: dict[str, Json], text: bytes, find: Callable[[str], str]) -> bool:
    """Change a resource's references in place to what is kept of them; whether any changed.

    Own addresses become relative, versions go, conditions become what they find.

    Args:
        text: the resource's JSON, to pass over the many that have nothing to change.
        find: from a match URL to the reference that it stands for.
    """
    if not _PLAIN.search(text):
        return False
    changed = False
    own = f"{exchange.base}/"
    for holder in holders(resource):
        reference = before = holder["reference"]
        if reference.startswith(own):
            reference = reference[len(own) :]
        if versioned := _VERSIONED.match(reference):
            reference = versioned[1]
        if (condition := _CONDITIONAL.match(reference)) and exchange.definitions.is_resource(condition[1]):
            reference = find(reference)
        if reference != before:
            holder["reference"] = reference
            changed = True
    return changed


def finder(exchange: Exchange, connection: Connection) -> Callable[[str], str]:
    """Resolves conditional references on what the connection sees. Refusal: 1091 or 1092 if not to one."""

    def find(url: str) -> str:
        stored = conditions.one(exchange, connection, url, "1092")
        if stored is None:
            raise Refusal("1091", url=url)
        return stored.reference

    return find


def check_form(exchange: Exchange, draft: Draft) -> None:
    """Refuse references that can never lead to a stored resource: 0505, 0507, 0931."""
    for reference in draft.references:
        text = reference.text
        if not reference.type:
            if text.startswith(("#", *_LOGICAL)):
                continue
            if text.startswith(("http://", "https://")):
                raise Refusal("0507", reference=text)
            raise Refusal("0505", path=reference.path, reference=text)
        known = exchange.definitions.is_resource(reference.type)
        if not known or (reference.allowed and reference.type not in reference.allowed):
            raise Refusal("0931", path=reference.path, type=reference.type)


def check_targets(exchange: Exchange, connection: Connection, references: Sequence[Reference]) -> None:
    """Refuse references whose target is not there or was deleted: 1094, 1096."""
    for reference, state in store.unmet(connection, exchange.version, references):
        number = "1096" if state == "deleted" else "1094"
        raise Refusal(number, reference=f"{reference.type}/{reference.id}", path=reference.path)
