"""References of a resource on its way in: made relative, resolved, and checked against what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.fhir import conditions, reference_types
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.records import Draft, Reference

Json = Any

# References that are kept as they stand: relative without a version, and to contained resources.
_PLAIN = re.compile(rb'"reference": "(?!#|[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")')
_VERSIONED = re.compile(r"^([A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})/_history/[A-Za-z0-9.\-]+$")

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
_ELSEWHERE = ("#", *_LOGICAL)
"""What references begin with that lead into the resource itself, or nowhere."""
_PROFILE = ".meta.profile"  # which R5 searches as a reference, but HAPI checks as none


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


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a resource's references.

    Attributes:
        changed: whether any is another now.
        found: those that conditions led to, which may be of any type.
    """

    changed: bool = False
    found: frozenset[str] = frozenset()


def settled(exchange: Exchange, resource: dict[str, Json], text: bytes, find: Callable[[str], str]) -> Settled:
    """Change a resource's references in place to what is kept of them.

    Own addresses become relative, versions go, conditions become what they find but for those in Bundles.
    Refusal: 1684 for a condition on a type that is none.

    Args:
        text: the resource's JSON, to pass over the many that have nothing to change.
        find: from a match URL to the reference that it stands for.
    """
    if not _PLAIN.search(text):
        return Settled()
    changed, found = False, set()
    own = f"{exchange.base}/"
    for holder in holders(resource):
        reference = before = holder["reference"]
        if reference.startswith(own):
            reference = reference[len(own) :]
        reference = reference.removeprefix("/")
        if versioned := _VERSIONED.match(reference):
            reference = versioned[1]
        if "?" in reference and resource["resourceType"] != "Bundle" and (type := _type_asked(reference)):
            if not exchange.definitions.is_resource(type):
                raise Refusal("1684", type=type)
            reference = find(reference)
            found.add(reference)
        if reference != before:
            holder["reference"] = reference
            changed = True
    return Settled(changed, frozenset(found))


def _type_asked(reference: str) -> str:
    """The type that a conditional reference asks for, empty for an address elsewhere."""
    place = reference.partition("?")[0]
    return "" if place.startswith("#") or ":" in place else place.rpartition("/")[2]


def place_of(text: str) -> tuple[str, str]:
    """Type and id that a reference names, each empty where there is none; the id need not be a valid one."""
    path = text.partition("/_history/")[0]
    before, slash, id = path.rpartition("/")
    if not slash or text.startswith("urn:"):
        return "", path
    head, _, type = before.rpartition("/")
    return (id, "") if head.endswith("/") else (type, id)  # http://server/x is read as a type without id


def finder(exchange: Exchange, connection: Connection) -> Callable[[str], str]:
    """Resolves conditional references on what the connection sees. Refusal: 1091 or 1092 if not to one."""

    def find(url: str) -> str:
        stored = conditions.one(exchange, connection, url, "1092")
        if stored is None:
            raise Refusal("1091", url=url)
        return stored.reference

    return find


def check_form(exchange: Exchange, resource: dict[str, Json], draft: Draft, found: Collection[str] = ()) -> None:
    """Refuse references that can never lead to a stored resource: 0505 to 0508, 0931, 1094.

    Args:
        found: references that came of conditions, whose types are not looked at.
    """
    for path, text, allowed in reference_types.limited(exchange.definitions, resource):
        type, _ = place_of(text)
        if type and type not in allowed and text not in found and not text.startswith(_ELSEWHERE):
            raise Refusal("0931", path=path, type=type)
    for reference in draft.references:
        if reference.text in found or reference.text.startswith(_ELSEWHERE) or reference.path.endswith(_PROFILE):
            continue
        text, path = reference.text, reference.path
        type, id = place_of(text)
        if not type:
            raise Refusal("0505", path=path, reference=text)
        if not id:
            raise Refusal("0508", path=path, reference=text)
        if not exchange.definitions.is_resource(type):
            raise Refusal("0506", path=path, reference=text)
        if "://" in text:
            raise Refusal("0507", reference=text)
        if not reference.type:  # an id that no resource can have
            raise Refusal("1094", path=path, reference=text)


def check_targets(exchange: Exchange, connection: Connection, references: Sequence[Reference]) -> None:
    """Refuse references whose target is not there or was deleted: 1094, 1096."""
    checked = [reference for reference in references if not reference.path.endswith(_PROFILE)]
    for reference, state in store.unmet(connection, exchange.version, checked):
        number = "1096" if state == "deleted" else "1094"
        raise Refusal(number, reference=f"{reference.type}/{reference.id}", path=reference.path)
