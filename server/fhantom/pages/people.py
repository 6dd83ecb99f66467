"""Patients as the pages list them: FHIR resources with what hangs on each, one page at a time, of either version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.jsontext import load_json
from fhantom.resources import store
from fhantom.resources.numbers import resource_key
from fhantom.resources.query import Total
from fhantom.resources.records import Page, Stored
from fhantom.resources.understanding import understand
from fhantom.world import World

PER_PAGE = 20

VERSIONS: tuple[Version, ...] = ("R5", "R4")
"""In the order in which pages name them."""

Resource = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list of patients.

    Attributes:
        versions: the FHIR versions in which the patient is there.
        studies, reports: how many ImagingStudies and DiagnosticReports name the patient.
        latest: the date of the newest of these studies, empty without one.
    """

    id: str
    versions: tuple[Version, ...]
    name: str
    birth_date: str
    sex: str
    studies: int
    latest: str
    reports: int


@dataclass(frozen=True, slots=True)
class People:
    """A page of them."""

    rows: tuple[Person, ...]
    more: bool


def people(world: World, connection: Connection, version: Version, name: str, page: int) -> People:
    """The patients of one page, by family name; `name` as in `Patient?name=`."""
    asked = [("name", name)] if name else []
    paging = [("_sort", "family"), ("_count", str(PER_PAGE)), ("_offset", str((page - 1) * PER_PAGE))]
    found = search(world, connection, version, "Patient", [*asked, *paging])
    there = versions_of(connection, found.matches)
    rows = tuple(
        _person(world, connection, version, stored, there[stored.reference], resource)
        for stored, resource in zip(found.matches, resources(world, found.matches), strict=True)
    )
    return People(rows, found.more)


def counted(world: World, connection: Connection, version: Version, name: str = "") -> int:
    """How many patients a FHIR version has, of that name or in all."""
    if not name:
        return store.counts(connection, version).get("Patient", 0)
    return search(world, connection, version, "Patient", [("name", name), ("_summary", "count")]).total or 0


def versions_of(connection: Connection, records: Sequence[Stored]) -> dict[str, tuple[Version, ...]]:
    """The FHIR versions in which each of these resources is there, by reference."""
    keys = {
        (stored.reference, version): resource_key(version, stored.type, stored.id)
        for stored in records
        for version in VERSIONS
    }
    there = {key for key, stored in store.read_many(connection, keys.values()).items() if stored.digest is not None}
    return {
        stored.reference: tuple(version for version in VERSIONS if keys[stored.reference, version] in there)
        for stored in records
    }


def search(world: World, connection: Connection, version: Version, resource_type: str, pairs: Pairs) -> Page:
    """What the FHIR routes would find. Raises SearchRefusal."""
    model = store.model_of(world, connection, version)
    return store.search(world, connection, understand(model, resource_type, pairs))


def resources(world: World, records: Sequence[Stored]) -> list[Resource]:
    """The parsed texts of records that are no deletions."""
    return [load_json(body) for body in store.bodies(world, records)]


def name_of(resource: Resource) -> str:
    """A person's name as it is read aloud, or what there is of it."""
    names = [name for name in resource.get("name") or () if isinstance(name, dict)]
    if not names:
        return "(no name)"
    name = next((name for name in names if name.get("use") == "official"), names[0])
    parts = [*(name.get("given") or ()), name.get("family") or ""]
    return name.get("text") or " ".join(part for part in parts if part) or "(no name)"


def words_of(concept: Any) -> str:
    """A CodeableConcept in words; of a list, the first."""
    if isinstance(concept, list):
        concept = concept[0] if concept else {}
    if not isinstance(concept, dict):
        return ""
    concept = concept.get("concept") or concept  # R5's CodeableReference
    codings = concept.get("coding") or [{}]
    return str(concept.get("text") or codings[0].get("display") or codings[0].get("code") or "")


def _person(
    world: World,
    connection: Connection,
    version: Version,
    stored: Stored,
    versions: tuple[Version, ...],
    resource: Resource,
) -> Person:
    def of(resource_type: str, *shape: tuple[str, str]) -> Page:
        pairs = [("subject", f"Patient/{stored.id}"), ("_total", Total.ACCURATE.value), *shape]
        return search(world, connection, version, resource_type, pairs)

    newest = of("ImagingStudy", ("_sort", "-started"), ("_count", "1"))
    started = [study.get("started") or "" for study in resources(world, newest.matches)]
    return Person(
        id=stored.id,
        versions=versions,
        name=name_of(resource),
        birth_date=str(resource.get("birthDate") or ""),
        sex=str(resource.get("gender") or ""),
        studies=newest.total or 0,
        latest="".join(started)[:10],
        reports=of("DiagnosticReport", ("_summary", "count")).total or 0,
    )
