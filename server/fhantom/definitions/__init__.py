"""FHIR R4 and R5 definitions as generated tables, and the readers and writers of FHIR bodies that they drive.

Nothing here knows of HTTP or storage: bytes in, canonical resources out, and the other way round.
"""

from fhantom.definitions.model import (
    Coding,
    Element,
    Key,
    SearchComponent,
    SearchParameter,
    TypeDefinition,
    Version,
)
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.tables import Definitions, UnknownType, load

__all__ = [
    "Coding",
    "Definitions",
    "Element",
    "Key",
    "ParseRefusal",
    "SearchComponent",
    "SearchParameter",
    "TypeDefinition",
    "UnknownType",
    "Version",
    "load",
]
