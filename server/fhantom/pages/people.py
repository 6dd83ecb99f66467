"""Patients as the pages list them: FHIR resources with what hangs on each, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from fhantom.definitions import Version
from fhantom.definitions.jsontext import load_json
from fhantom.resources import store
from fhantom.resources.query import Total
from fhantom.resources.records import Page, Stored
from fhantom.resources.understanding import understand
from fhantom.world import World

PER_PAGE = 20

Resource = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list of patients.

    Attributes:
        studies, reports: how many ImagingStudies and DiagnosticReports name the patient.
        latest: the date of the newest of these studies, empty without one.
    """

    id: str
    name: str
    birth_date: str
    sex: str
    studies: int
    latest: str
    reports: int


@dataclass(frozen=True, slots=True)
class People:
    """A page of them; `total` is None where counting would mean reading them all."""

    rows: tuple[Person, ...]
    more: bool
    total: int | None


def people(world: World, connection: Connection, name: str, page: int) -> People:
    """The patients of one page, by family name; `name` as in `Patient?name=`."""
    asked = [("name", name)] if name else []
    paging = [("_sort", "family"), ("_count", str(PER_PAGE)), ("_offset", str((page - 1) * PER_PAGE))]
    found = search(world, connection, "R5", "Patient", [*asked, *paging])
    rows = tuple(
        _person(world, connection, stored, resource)
        for stored, resource in zip(found.matches, resources(world, found.matches), strict=True)
    )
    total = found.total if name else store.counts(connection, "R5").get("Patient", 0)
    return People(rows, found.more, total)


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
    codings = concept.get("coding") or [{}]
    return str(concept.get("text") or codings[0].get("display") or codings[0].get("code") or "")


def _person(world: World, connection: Connection, stored: Stored, resource: Resource) -> Person:
    newest = _of(world, connection, stored.id, "ImagingStudy", ("_sort", "-started"), ("_count", "1"))
    started = [study.get("started") or "" for study in resources(world, newest.matches)]
    return Person(
        id=stored.id,
        name=name_of(resource),
        birth_date=str(resource.get("birthDate") or ""),
        sex=str(resource.get("gender") or ""),
        studies=newest.total or 0,
        latest="".join(started)[:10],
        reports=_of(world, connection, stored.id, "DiagnosticReport", ("_summary", "count")).total or 0,
    )


def _of(world: World, connection: Connection, patient: str, resource_type: str, *shape: tuple[str, str]) -> Page:
    pairs = [("subject", f"Patient/{patient}"), ("_total", Total.ACCURATE.value), *shape]
    return search(world, connection, "R5", resource_type, pairs)
