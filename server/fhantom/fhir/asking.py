"""From parameters to a search, with what the settings switch on and the terminology that is known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions.jsontext import load_json
from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import Finder, NotExpandable, Terminology, terminology
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.kept import rendered
from fhantom.fhir.parameters import Pairs
from fhantom.resources import store, understanding
from fhantom.resources.criteria import Modifier
from fhantom.resources.query import Search, Sort
from fhantom.resources.records import Stored
from fhantom.resources.scope import Feature, Subsumption
from fhantom.settings import Settings
from fhantom.wire.notes import Finding

_MOST_SORTS = 24
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Switch:
    """What the real server has off and a setting switches on.

    Attributes:
        number: by which the real server refuses it.
        is_on: reads the setting.
        uses: whether a search makes use of it: by its resource type and the name of one parameter.
    """

    feature: Feature
    number: str
    is_on: Callable[[Settings], bool]
    uses: Callable[[str, str], bool]


SWITCHES = (
    Switch(
        Feature.TEXT,
        "HAPI-1192",
        lambda settings: settings.search_text,
        lambda resource_type, name: name in ("_text", "_content"),
    ),
    Switch(
        Feature.SOURCE,
        "HAPI-1216",
        lambda settings: settings.search_source,
        lambda resource_type, name: name.partition(":")[0] == "_source",
    ),
    Switch(
        Feature.OF_TYPE,
        "HAPI-2012",
        lambda settings: settings.search_of_type,
        lambda resource_type, name: name.endswith(":of-type"),
    ),
    Switch(
        Feature.IDENTIFIER,
        "HAPI-2498",
        lambda settings: settings.search_identifier,
        lambda resource_type, name: name.endswith(":identifier"),
    ),
    Switch(
        Feature.CONTAINED,
        "HAPI-0984",
        lambda settings: settings.search_contained,
        lambda resource_type, name: name == "_contained",
    ),
    Switch(
        Feature.SYSTEM,
        "HAPI-0287",
        lambda settings: settings.search_system,
        lambda resource_type, name: not resource_type,
    ),
)


def understood(exchange: Exchange, connection: Connection, resource_type: str, pairs: Pairs) -> Search:
    """The search that `pairs` ask for, of all types if `resource_type` is empty.

    SearchRefusal says what cannot be understood. What the real server would refuse is noted for the log.
    """
    on = [switch for switch in SWITCHES if switch.is_on(exchange.world.settings)]
    search = understanding.understand(
        store.model_of(exchange.world, connection, exchange.version),
        resource_type,
        pairs,
        features=[switch.feature for switch in on],
        value_set=_codings(exchange, connection),
        subsumption=_subsumption(exchange, connection),
        base=exchange.base,
    )
    for switch in on:
        if any(switch.uses(resource_type, name) for name, _ in pairs):
            words = f"the real server refuses this search with {switch.number}"
            exchange.notes.findings.append(Finding(f"fhir-search-{switch.feature}", words, "recorded", fails=True))
    return replace(search, sorts=_distinct(search.sorts)) if search.sorts else search


def _distinct(sorts: tuple[Sort, ...]) -> tuple[Sort, ...]:
    """The keys of an order without those that come again, which decide nothing, and as many as can be joined."""
    kept = {(sort.through, sort.parameter.number): sort for sort in reversed(sorts)}
    return tuple(sort for sort in sorts if kept[sort.through, sort.parameter.number] is sort)[:_MOST_SORTS]


def terms(exchange: Exchange, connection: Connection) -> Terminology:
    """What is known in this world, a stored resource hiding one of the definitions with the same url."""
    return terminology(exchange.version).with_stored(stored_terms(exchange, connection))


def stored_terms(exchange: Exchange, connection: Connection) -> Finder:
    """Finds what clients stored, by resource type and url: the one written last."""
    model = store.model_of(exchange.world, connection, exchange.version)

    def find(kind: str, url: str) -> dict[str, Any] | None:
        if not url or not exchange.definitions.is_resource(kind):
            return None
        search = understanding.understand(model, kind, (("url", url.replace(",", "\\,")), ("_count", "1000")))
        found = store.search(exchange.world, connection, search).matches
        if not found:
            return None
        (body,) = store.bodies(exchange.world, found[-1:])
        resource: dict[str, Any] = load_json(rendered(found[-1], body))
        return resource

    return find


def all_stored(exchange: Exchange, connection: Connection, kind: str) -> list[Stored]:
    """Every resource of a type that is not deleted, in the order in which they were written."""
    model = store.model_of(exchange.world, connection, exchange.version)
    found: list[Stored] = []
    more = True
    while more:
        pairs = (("_count", str(_PAGE)), ("_offset", str(len(found))))
        page = store.search(exchange.world, connection, understanding.understand(model, kind, pairs)).matches
        found += page
        more = len(page) == _PAGE
    return sorted(found, key=lambda stored: (stored.updated, stored.number))


def _codings(exchange: Exchange, connection: Connection) -> Callable[[str], Sequence[Coding] | None]:
    """Looks up the codings of a value set, for `:in`; None if it is unknown or cannot be listed."""

    def find(url: str) -> Sequence[Coding] | None:
        known = terms(exchange, connection)
        value_set = known.resource("ValueSet", url)
        try:
            return known.expand(value_set) if value_set else None
        except NotExpandable:
            return None

    return find


def _subsumption(exchange: Exchange, connection: Connection) -> Subsumption:
    """Looks up what stands over or under a code; nothing of a system or code that is not known."""

    def find(system: str, code: str, modifier: Modifier) -> Sequence[str]:
        known = terms(exchange, connection).code_system(system)
        if known is None or code not in known.concepts:
            return ()
        others = known.above(code) if modifier is Modifier.ABOVE else known.below(code)
        return (code, *sorted(others))

    return find
