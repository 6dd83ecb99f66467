"""FHIR R4 and R5 definitions as generated tables, and the readers and writers of FHIR bodies that they drive.

Nothing here knows of HTTP or storage: bytes in, canonical resources out, and the other way round.
"""

from fhantom.definitions.canonical import canonical, parse_json
from fhantom.definitions.jsontext import DecimalText, compact, dump_json, indent, load_json, read_json
from fhantom.definitions.model import (
    Coding,
    Element,
    Invariant,
    Key,
    SearchComponent,
    SearchParameter,
    TypeDefinition,
    Version,
)
from fhantom.definitions.refusal import ParseRefusal
from fhantom.definitions.subset import SUBSETTED, subset
from fhantom.definitions.tables import Definitions, UnknownType, load
from fhantom.definitions.turtle import dump_turtle
from fhantom.definitions.xmlread import parse_xml
from fhantom.definitions.xmlwrite import dump_xml

__all__ = [
    "SUBSETTED",
    "Coding",
    "DecimalText",
    "Definitions",
    "Element",
    "Invariant",
    "Key",
    "ParseRefusal",
    "SearchComponent",
    "SearchParameter",
    "TypeDefinition",
    "UnknownType",
    "Version",
    "canonical",
    "compact",
    "dump_json",
    "dump_turtle",
    "dump_xml",
    "indent",
    "load",
    "load_json",
    "parse_json",
    "parse_xml",
    "read_json",
    "subset",
]
