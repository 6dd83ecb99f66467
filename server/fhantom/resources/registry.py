"""Search models of worlds: the definitions' parameters with the SearchParameters that are stored there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import SearchComponent, SearchParameter, Version, load
from fhantom.resources.compiling import compile_expression
from fhantom.resources.model import SearchModel
from fhantom.resources.numbers import type_number
from fhantom.resources.refusal import UnusableExpression
from fhantom.resources.rows import fetch
from fhantom.world import World

_ANY_RESOURCE = frozenset({"Resource", "DomainResource"})


_MOST_KEPT = 32
_kept: dict[tuple[Version, tuple[bytes, ...]], SearchModel] = {}


def model_of(world: World, connection: Connection, version: Version) -> SearchModel:
    """The model that fits to what `connection` sees; made once for each set of stored SearchParameters."""
    select = "SELECT digest FROM fhir_resource WHERE type = ? AND digest IS NOT NULL ORDER BY number"
    rows = fetch(connection, select, (type_number(version, "SearchParameter"),))
    digests = tuple(row[0] for row in rows)
    found = _kept.get((version, digests))
    if found is None:
        bodies = world.texts.get_many(digests)
        found = SearchModel(version, [at for body in bodies for at in _parameters(version, json.loads(body))])
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[version, digests] = found
    return found


def _parameters(version: Version, resource: Mapping[str, Any]) -> Iterator[tuple[str, SearchParameter]]:
    """Resource type and parameter, for every base of an active SearchParameter that can be followed."""
    definitions = load(version)
    expression, code = resource.get("expression") or "", resource.get("code")
    if resource.get("status") != "active" or not code:
        return
    components = tuple(
        SearchComponent(part.get("definition", ""), part.get("expression", ""))
        for part in resource.get("component") or ()
    )
    parameter = SearchParameter(
        code=code,
        type=resource.get("type", ""),
        expression=expression,
        url=resource.get("url", ""),
        targets=tuple(resource.get("target") or ()),
        components=components,
    )
    bases = resource.get("base") or ()
    types = definitions.resource_types if _ANY_RESOURCE.intersection(bases) else bases
    for resource_type in types:
        if definitions.is_resource(resource_type):
            try:
                compile_expression(definitions, resource_type, expression)
            except UnusableExpression:
                continue
            yield resource_type, parameter
