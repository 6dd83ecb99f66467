"""What one patient has, in either FHIR version: studies with their images, reports, and other resources by type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.definitions import Version, load
from fhantom.errors import NotFound
from fhantom.pages.images import Study, studies_by
from fhantom.pages.people import VERSIONS, Resource, name_of, resources, search, versions_of, words_of
from fhantom.resources import store
from fhantom.resources.records import Stored
from fhantom.world import World

MOST = 200
"""Of each kind; the page says so when there are more."""

# What else of a patient is shown, by the search parameter that names the patient (the patient compartment of R5).
OTHERS = (
    ("Condition", "subject"),
    ("AllergyIntolerance", "patient"),
    ("Observation", "subject"),
    ("MedicationRequest", "subject"),
    ("ServiceRequest", "subject"),
    ("Procedure", "subject"),
    ("Encounter", "subject"),
    ("Specimen", "subject"),
    ("ImagingSelection", "subject"),
    ("DocumentReference", "subject"),
)

_UIDS = "urn:dicom:uid"
_OID = "urn:oid:"


@dataclass(frozen=True, slots=True)
class Item:
    """A resource in a list.

    Attributes:
        versions: in which FHIR versions it is there.
        study: whose images it is about, None without images here.
    """

    reference: str
    versions: tuple[Version, ...]
    date: str
    words: str
    status: str = ""
    study: Study | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the patient's page shows.

    Attributes:
        unlinked: studies in the image archive under one of the patient's identifiers of which FHIR says nothing.
        others: lists by resource type, none of them empty.
    """

    id: str
    name: str
    birth_date: str
    sex: str
    identifiers: tuple[str, ...]
    versions: tuple[Version, ...]
    imaging: tuple[Item, ...]
    reports: tuple[Item, ...]
    unlinked: tuple[Study, ...]
    others: dict[str, tuple[Item, ...]]
    more: bool


def chart(world: World, connection: Connection, patient: str) -> Chart:
    """The chart of a patient. Raises NotFound."""
    both = (store.read(connection, version, "Patient", patient) for version in VERSIONS)
    stored = next((one for one in both if one is not None and one.digest is not None), None)
    if stored is None:
        raise NotFound(f"there is no Patient/{patient}")
    (resource,) = resources(world, [stored])
    reader = _Reader(world, connection, patient)
    imaging = reader.all_of("ImagingStudy", "subject", ("_sort", "-started"))
    reports = reader.all_of("DiagnosticReport", "subject", ("_sort", "-date"))
    uids = {one.stored.reference: _study_uids(one.resource) for one in imaging}
    in_archive = studies_by(world, connection, "0020000D", "UI", [uid for found in uids.values() for uid in found])
    by_uid = {study.uid: study for study in in_archive}
    identifiers = tuple(str(one.get("value")) for one in resource.get("identifier") or () if one.get("value"))
    own = studies_by(world, connection, "00100020", "LO", [patient, *identifiers])
    others = {name: tuple(map(_item, reader.all_of(name, parameter))) for name, parameter in OTHERS}
    return Chart(
        id=patient,
        name=name_of(resource),
        birth_date=str(resource.get("birthDate") or ""),
        sex=str(resource.get("gender") or ""),
        identifiers=identifiers,
        versions=versions_of(connection, [stored])[stored.reference],
        imaging=_newest_first(_item(one, by_uid.get(next(iter(uids[one.stored.reference]), ""))) for one in imaging),
        reports=_newest_first(map(_item, reports)),
        unlinked=tuple(study for study in own if study.uid not in by_uid),
        others={name: items for name, items in others.items() if items},
        more=reader.more,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A resource as it was read."""

    stored: Stored
    resource: Resource
    versions: tuple[Version, ...]


@dataclass(slots=True)
class _Reader:
    """Reads the resources of a patient, and remembers whether some were left out."""

    world: World
    connection: Connection
    patient: str
    more: bool = False

    def all_of(self, resource_type: str, parameter: str, *shape: tuple[str, str]) -> list[_Found]:
        """Those of both FHIR versions; what is there in both is told once, by its R5 resource."""
        pairs = [(parameter, f"Patient/{self.patient}"), ("_count", str(MOST)), *shape]
        found: dict[str, _Found] = {}
        for version in VERSIONS:
            if load(version).is_resource(resource_type):
                page = search(self.world, self.connection, version, resource_type, pairs)
                self.more = self.more or page.more
                new = [stored for stored in page.matches if stored.reference not in found]
                versions = versions_of(self.connection, new)
                for stored, resource in zip(new, resources(self.world, new), strict=True):
                    found[stored.reference] = _Found(stored, resource, versions[stored.reference])
        return list(found.values())


def _newest_first(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.date, reverse=True))


def _study_uids(resource: Resource) -> list[str]:
    """Its StudyInstanceUIDs, which some write as URNs and some as they are (FHIR R5 ImagingStudy.identifier)."""
    found = [(one.get("system"), str(one.get("value") or "")) for one in resource.get("identifier") or ()]
    return [value.removeprefix(_OID) for system, value in found if system == _UIDS or value.startswith(_OID)]


def _item(found: _Found, study: Study | None = None) -> Item:
    resource = found.resource
    dates = ("started", "effectiveDateTime", "recordedDate", "onsetDateTime", "authoredOn", "issued", "date")
    date = next((str(resource[name]) for name in dates if resource.get(name)), "")
    words = next((words_of(resource[name]) for name in ("code", "medication", "type") if resource.get(name)), "")
    return Item(
        reference=found.stored.reference,
        versions=found.versions,
        date=date[:10],
        words=str(resource.get("description") or words or resource.get("conclusion") or "(no description)"),
        status=str(resource.get("status") or "") if isinstance(resource.get("status"), str) else "",
        study=study,
    )
