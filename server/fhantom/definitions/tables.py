"""Definitions of one FHIR version, read type by type from the generated tables in `data/`.

The tables are ZIP archives with one small JSON member per type, so that a server which serves Patients never
pays, in time or memory, for the other two hundred types. `scripts/generate_definitions.py` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from fhantom.definitions.archive import Archive, open_archive
from fhantom.definitions.model import Element, Invariant, Key, SearchComponent, SearchParameter, TypeDefinition, Version

FLAGS = ("is_list", "is_choice", "is_required", "is_summary", "is_modifier")
"""Meaning of each bit, lowest first, of an element's flags in the tables."""


class UnknownType(KeyError):
    """The version has no type of that name."""


class Definitions:
    """All definitions of one FHIR version; get it from `load`, it is shared and never changes."""

    def __init__(self, version: Version, archive: Archive) -> None:
        self.version = version
        self._archive = archive
        self._types: dict[str, TypeDefinition] = {}
        self._search: dict[str, Mapping[str, SearchParameter]] = {}
        self._codes: Mapping[str, frozenset[str]] | None = None
        index = self._archive.member("index.json")
        self.fhir_version: str = index["fhir_version"]
        self.resource_types: tuple[str, ...] = tuple(index["resources"])
        """Concrete resource types, sorted."""
        self.datatypes: tuple[str, ...] = tuple(index["datatypes"])
        """Complex datatypes, sorted."""
        self.primitives: frozenset[str] = frozenset(index["primitives"])
        self._resources = frozenset(self.resource_types)
        self._compartments: dict[str, dict[str, list[str]]] = index["compartments"]

    def is_resource(self, name: str) -> bool:
        """Whether `name` is a concrete resource type of this version."""
        return name in self._resources

    def type(self, path: str) -> TypeDefinition:
        """The type at `path` (`Patient`, `Patient.contact`, `HumanName`); raises UnknownType."""
        found = self._types.get(path)
        if found is None:
            self._types.update(self._read_type(path.partition(".")[0]))
            found = self._types.get(path)
        if found is None:
            raise UnknownType(path)
        return found

    def elements(self, path: str) -> tuple[Element, ...]:
        """The elements of the type at `path` in the order of the definition; raises UnknownType."""
        return self.type(path).elements

    def invariants(self, root: str) -> Mapping[str, Sequence[Invariant]]:
        """The invariants that a resource type or datatype itself states, by element path; not kept, as few ask."""
        try:
            rows = self._archive.member(f"invariants/{root}.json")
        except KeyError:
            return {}
        source = f"http://hl7.org/fhir/StructureDefinition/{root}"
        return {
            path: tuple(
                Invariant(key, severity, expression, words, source) for key, severity, expression, words in found
            )
            for path, found in rows.items()
        }

    def search_parameters(self, resource_type: str) -> Mapping[str, SearchParameter]:
        """Code to parameter, sorted by code, those of every resource (`_id`, `_tag`) included."""
        found = self._search.get(resource_type)
        if found is None:
            if resource_type not in self._resources:
                raise UnknownType(resource_type)
            rows = self._archive.member(f"search/{resource_type}.json")
            found = MappingProxyType({row[0]: _search_parameter(row) for row in rows})
            self._search[resource_type] = found
        return found

    def search_parameter_documentation(self, resource_type: str) -> Mapping[str, str]:
        """Code to the description of the parameter; not kept, as only the capability statement shows it."""
        rows: dict[str, str] = self._archive.member(f"documentation/{resource_type}.json")
        return rows

    def codes(self, value_set: str) -> frozenset[str] | None:
        """The codes of a value set that some element requires; None where they cannot be enumerated."""
        if self._codes is None:
            rows = self._archive.member("codes.json")
            self._codes = {url: frozenset(codes) for url, codes in rows.items()}
        return self._codes.get(value_set)

    def compartment(self, name: str) -> Mapping[str, Sequence[str]]:
        """Resource type to the search parameters that put it into the compartment `name` (`Patient`).

        `{def}` stands for the resource that the compartment is named after itself. Empty for no compartment.
        """
        return self._compartments.get(name, {})

    def _read_type(self, root: str) -> dict[str, TypeDefinition]:
        try:
            rows = self._archive.member(f"types/{root}.json")
        except KeyError:
            raise UnknownType(root) from None
        return {path: self._type(path, row) for path, row in rows.items()}

    def _type(self, path: str, row: dict[str, Any]) -> TypeDefinition:
        elements = tuple(_element(fields) for fields in row["elements"])
        keys: dict[str, Key] = {}
        for element in elements:
            for code in element.types:
                name = element.name + code[:1].upper() + code[1:] if element.is_choice else element.name
                keys[name] = Key(name, len(keys), element, code, code in self.primitives)
        return TypeDefinition(path, row["kind"], row.get("base"), elements, MappingProxyType(keys))


def _element(fields: list[Any]) -> Element:
    name, types, bits, targets, value_set, binding_name, extensible = fields
    flags = {flag: bool(bits >> at & 1) for at, flag in enumerate(FLAGS)}
    return Element(
        name,
        tuple(types),
        **flags,
        targets=tuple(targets),
        value_set=value_set,
        binding_name=binding_name,
        extensible_value_set=extensible,
    )


def _search_parameter(row: list[Any]) -> SearchParameter:
    code, kind, expression, url, targets, components = row
    parts = tuple(SearchComponent(*part) for part in components)
    return SearchParameter(code, kind, expression, url, tuple(targets), parts)


@cache
def load(version: Version) -> Definitions:
    """The definitions of FHIR R4 (4.0.1) or R5 (5.0.0)."""
    return Definitions(version, open_archive(f"{version.lower()}.zip"))
