"""Conditions of conditional interactions: which resources a match URL names (FHIR http 3.2.0.7.1)."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import unquote

from sqlalchemy import Connection

from fhantom.fhir import asking, parameters
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.outcomes import Refusal
from fhantom.resources import store
from fhantom.resources.query import Search
from fhantom.resources.records import Stored
from fhantom.resources.refusal import SearchRefusal

_UNKNOWN_PARAMETER = ("0524", "1223")
_OF_DELETES = "0962"  # which HAPI lets a condition without values choose from all resources of the type

# Of the parameters that begin with an underscore, the real server's conditions know these and pass over the others.
_NOT_JUDGED = re.compile(r"\.|^_has:|^_lastUpdated$|:(?:contains|exact|text)$")
_OF_PAGES = ("_count", "_offset")
_COMMON = ("_id", "_lastUpdated", "_tag", "_profile", "_security", "_has", "_source", "_count", "_offset")
_REFUSED = {"_language": "0488", "_list": "1223"}


def match_url(resource_type: str, text: str) -> str:
    """A condition in full: `identifier=x`, raw or encoded, and `Patient?identifier=x` mean the same."""
    condition = text.strip()
    if "=" not in condition and "%3D" in condition.upper():
        condition = unquote(condition)
    before, mark, after = condition.partition("?")
    return f"{resource_type}?{after if mark and '=' not in before else condition}"


def understood(exchange: Exchange, connection: Connection, url: str, may_be_empty: bool = False) -> Search:
    """The search that a match URL in full stands for. Refusal: 0488 or 0518 if it stands for none.

    Args:
        may_be_empty: a condition without values stands for all resources of the type.
    """
    resource_type, _, query = url.partition("?")
    if " " in url:
        raise Refusal("1744", url=url)
    asked = parameters.parse(query.replace("+", "%2B"))
    for name, _ in asked:
        if number := _REFUSED.get(name):
            raise Refusal(number, url=url, type=resource_type, parameter=name)
    pairs = tuple(pair for pair in asked if _counts(pair[0]))
    if not may_be_empty and not any(value for name, value in pairs if name not in _OF_PAGES):
        raise Refusal("0518", url=url)
    try:
        return asking.understood(exchange, connection, resource_type, pairs)
    except SearchRefusal as refusal:
        if refusal.number not in _UNKNOWN_PARAMETER:
            raise
        facts = refusal.values
        raise Refusal("0488", url=url, type=resource_type, parameter=facts.get("parameter")) from None


def check_names(exchange: Exchange, connection: Connection, url: str) -> None:
    """Refuse (0488) a match URL with a parameter that is none, even where it decides nothing."""
    understood(exchange, connection, url, may_be_empty=True)


def _counts(name: str) -> bool:
    return not name.startswith("_") or re.split("[.:]", name)[0] in _COMMON


def matches(exchange: Exchange, connection: Connection, url: str, may_be_empty: bool = False) -> tuple[Stored, ...]:
    """The resources that fulfil a match URL in full; all of them, as refusals tell how many there are."""
    asked = dataclasses.replace(understood(exchange, connection, url, may_be_empty), count=1000)
    return store.search(exchange.world, connection, asked).matches


def one(exchange: Exchange, connection: Connection, url: str, number: str, told: str = "") -> Stored | None:
    """The one resource that fulfils a match URL, None if there is none.

    Args:
        number: the refusal if several do.
        told: the condition as the client wrote it, if that is how the refusal tells it.
    """
    found = matches(exchange, connection, url, may_be_empty=number == _OF_DELETES)
    if len(found) > 1:
        raise Refusal(number, type=url.partition("?")[0], url=told or url, count=len(found))
    return found[0] if found else None


def needs_store(name: str) -> bool:
    """Whether HAPI cannot judge a parameter by a resource alone: chains, `_has`, times, modifiers of text."""
    return _NOT_JUDGED.search(name) is not None


def holds(exchange: Exchange, connection: Connection, url: str, stored: Stored) -> bool:
    """Whether what was just written fulfils the condition that it came with.

    HAPI does not hold a resource in hand to chains, `_has` and the modifiers of strings.
    """
    if any(needs_store(name) for name, _ in parameters.parse(url.partition("?")[2])):
        return True
    asked = understood(exchange, connection, url)
    found = store.search(exchange.world, connection, dataclasses.replace(asked, count=1000))
    return any(match.key == stored.key for match in found.matches)
