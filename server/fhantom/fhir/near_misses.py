"""What an empty search of resources nearly found."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from fhantom.definitions import Version, load
from fhantom.errors import FhantomError
from fhantom.fhir.asking import understood
from fhantom.fhir.exchange import Exchange
from fhantom.fhir.parameters import parse
from fhantom.resources import store
from fhantom.resources.names import split_name
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.understanding import SHAPING
from fhantom.wire import near_misses as wire
from fhantom.wire.near_misses import Asked, Pair, Pairs, Search
from fhantom.world import World

ROOTS: dict[str, Version] = {"fhir": "R5", "fhir-r4": "R4"}
_PARTIAL = re.compile(r"(ge|le)(\d{4})(?:-(\d\d))?", re.ASCII)


def near_misses(world: World, asked: Asked) -> list[str]:
    """What would have been found with a little less, or otherwise, or by the other version's server.

    And what parameters that the type does not have may have been meant to be.
    """
    root, resource_type, *rest = [*asked.path.split("/")[1:], "", ""]
    if root not in ROOTS or not resource_type:
        return []
    definitions = load(ROOTS[root])
    if not definitions.is_resource(resource_type):
        return wire.alike(resource_type, definitions.resource_types)
    if rest[0] not in ("", "_search"):
        return _read_elsewhere(world, root, resource_type, rest[0])
    pairs = (*parse(asked.query), *parse(asked.form))
    chosen = tuple((name, value) for name, value in pairs if split_name(name).code not in SHAPING and value.strip())
    names = _names(world, ROOTS[root], resource_type, pairs)
    if not asked.is_empty:
        return names
    noun = (f"{resource_type} resource", f"{resource_type} resources")
    with world.reading() as connection:
        here = _exchange(world, asked, ROOTS[root], resource_type)
        count = _counting(here, connection, resource_type)
        search = Search(chosen, count, lambda pair: _rewrites(here, connection, resource_type, pair), noun)
        return [*names, *_elsewhere(world, connection, asked, root, resource_type, chosen), *wire.told(search)]


def _read_elsewhere(world: World, root: str, resource_type: str, id: str) -> list[str]:
    """A resource that is not here may be on the other version's server."""
    with world.reading() as connection:
        found = {name: store.read(connection, version, resource_type, id) for name, version in ROOTS.items()}
    there = [name for name, stored in found.items() if stored is not None and stored.digest is not None]
    if root in there:
        return []
    return [f"{resource_type}/{id} is there at /{name}/{resource_type}/{id}" for name in there]


def _names(world: World, version: Version, resource_type: str, pairs: Pairs) -> list[str]:
    """What parameters that the type does not have may have been meant to be."""
    with world.reading() as connection:
        known = store.model_of(world, connection, version).parameters(resource_type)
    codes = dict.fromkeys(split_name(name).code for name, _ in pairs)
    unknown = (code for code in codes if code not in known and not code.startswith("_"))
    return [hint for code in unknown for hint in wire.alike(code, known)]


def _exchange(world: World, asked: Asked, version: Version, resource_type: str) -> Exchange:
    root = next(root for root, of in ROOTS.items() if of == version)
    return Exchange(version, "GET", resource_type, world, f"{asked.origin}/{root}")


def _counting(exchange: Exchange, connection: Connection, resource_type: str) -> Callable[[Pairs], int | None]:
    def count(pairs: Pairs) -> int | None:
        try:
            search = understood(exchange, connection, resource_type, (*pairs, ("_summary", "count")))
            found = store.search(exchange.world, connection, search, longest=wire.PATIENCE).total
        except (FhantomError, SearchRefusal):
            return None
        return None if found is None else min(found, wire.MOST)

    return count


def _elsewhere(
    world: World, connection: Connection, asked: Asked, root: str, resource_type: str, chosen: Pairs
) -> Iterator[str]:
    """The two versions are two servers with data of their own."""
    other = next(name for name in ROOTS if name != root)
    exchange = _exchange(world, asked, ROOTS[other], resource_type)
    if exchange.definitions.is_resource(resource_type):
        found = _counting(exchange, connection, resource_type)(chosen)
        if found:
            yield f"{found} would match at /{other}/{resource_type}"


def _rewrites(exchange: Exchange, connection: Connection, resource_type: str, pair: Pair) -> Iterator[Pairs]:
    name = split_name(pair[0])
    if name.chain or name.modifier:
        return
    key = store.model_of(exchange.world, connection, exchange.version).key(resource_type, name.code)
    if key is not None and key.type in _REWRITES:
        yield from _REWRITES[key.type](pair)


def _of_string(pair: Pair) -> Iterator[Pairs]:
    """Words may stand in several parts of a name, and in the middle of one."""
    name, value = pair
    words = value.split()
    if len(words) > 1:
        yield tuple((name, word) for word in words)
    yield ((f"{name}:contains", value),)


def _of_token(pair: Pair) -> Iterator[Pairs]:
    """A code in other letters, of whichever system, or what is displayed for it."""
    name, value = pair
    code = value.rpartition("|")[2]
    for other in dict.fromkeys((code.lower(), code.upper(), code)):
        if other and other != value:
            yield ((name, other),)
    if code:
        yield ((f"{name}:text", code),)


def _of_date(pair: Pair) -> Iterator[Pairs]:
    """The bounds of a year or month as whoever follows the specification means them (`quirks`)."""
    name, value = pair
    found = _PARTIAL.fullmatch(value)
    if found is None:
        return
    prefix, year, month = found[1], int(found[2]), int(found[3] or (1 if found[1] == "ge" else 12))
    if 1 <= month <= 12 and year:
        day = 1 if prefix == "ge" else calendar.monthrange(year, month)[1]
        yield ((name, f"{prefix}{year:04d}-{month:02d}-{day:02d}"),)


def _of_reference(pair: Pair) -> Iterator[Pairs]:
    """What a person knows of somebody is the name or the identifier, not the id."""
    name, value = pair
    yield ((f"{name}.name", value),)
    yield ((f"{name}.identifier", value),)


_REWRITES: dict[str, Callable[[Pair], Iterator[Pairs]]] = {
    "string": _of_string,
    "token": _of_token,
    "date": _of_date,
    "reference": _of_reference,
}
