"""Everything that search knows of one FHIR version in one world: parameters, compiled, with those stored there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import SearchParameter, Version
from fhantom.resources.records import Draft
from fhantom.world import World


class SearchModel:
    """The search parameters of one FHIR version, compiled when first needed; shared by threads.

    Attributes:
        version: R4 or R5.
    """

    version: Version

    def parameters(self, resource_type: str) -> Mapping[str, SearchParameter]:
        """Code to parameter for a type, stored SearchParameters included; what unknown ones are listed against."""
        ...

    def prepare(self, resource: Mapping[str, Any], body: bytes, id: str | None = None) -> Draft:
        """The draft of a canonical resource (parsed JSON) whose text to keep is `body`; pure, about 0.2 ms."""
        ...


def model_of(world: World, connection: Connection, version: Version) -> SearchModel:
    """The model that fits to what `connection` sees; cheap, it is kept until a SearchParameter changes."""
    ...
