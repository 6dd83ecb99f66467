"""Writing ImagingStudy, Patient and Endpoint of stored studies into a world.

`archive.ingest` notes a study whenever something of it is stored. What is noted is linked before FHIR is next asked
for, so a STOW request costs one row more, an ImagingStudy gets one version however many requests its objects came
in, and a client never sees FHIR behind DICOM.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from fhantom.archive import changes, retrieve
from fhantom.bridge import mapping
from fhantom.bridge.facts import StudyFacts, study_of, value
from fhantom.bridge.mapping import Resource
from fhantom.definitions import Version
from fhantom.definitions.canonical import canonical
from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.resources import store, understanding
from fhantom.resources.model import SearchModel
from fhantom.resources.records import Draft, Stored
from fhantom.world import World

VERSIONS: tuple[Version, ...] = ("R5", "R4")

# The seed's own Endpoint serves where it is there; its address is shown as this server's on the way out.
SEED_ENDPOINT = "siim-dicomweb"
ADDRESS = "https://hackathon.siim.org/dicomweb"


def link_changed(world: World) -> int:
    """Link every study noted so far that is due by the world's setting; return how many."""
    with world.reading() as connection:
        due = changes.noted(connection, _due_before(world))
    if due:
        link(world, [change.study_instance_uid for change in due])
        with world.writing() as connection:
            changes.forget(connection, due)
    return len(due)


def link(world: World, study_instance_uids: Sequence[str]) -> None:
    """Make or update the resources of these studies in both versions; what clients wrote stays as it is."""
    for study_instance_uid in study_instance_uids:
        with world.reading() as connection:
            rows = retrieve.instances_of(connection, study_instance_uid)
        if not rows:
            continue
        study = study_of(study_instance_uid, world.texts.get_many([row.metadata for row in rows]))
        for version in VERSIONS:
            _link(world, version, study)


def _due_before(world: World) -> int:
    delay = world.settings.imaging_link_delay if world.settings.imaging_link == "time" else 0
    return world.clock.now_ms() - delay * 1000


def _link(world: World, version: Version, study: StudyFacts) -> None:
    with world.reading() as connection:
        drafts = _drafts(world, connection, version, study)
    world.texts.put_many([draft.body for draft in drafts])
    with world.writing() as connection:
        store.put_many(connection, drafts, world.clock.now_ms())


def _drafts(world: World, connection: Connection, version: Version, study: StudyFacts) -> list[Draft]:
    """What is to be written, in an order in which references find their targets."""
    wanted: list[Resource] = []
    existing = imaging_study_of(world, connection, version, study.study_instance_uid)
    if existing is not None and not is_made_here(world, existing):
        return []
    patient = _patient(world, connection, version, study, wanted)
    endpoint = endpoint_of(connection, version, wanted)
    wanted.append(mapping.imaging_study(version, study, patient, endpoint))
    model = store.model_of(world, connection, version)
    return [draft(version, model, resource) for resource in wanted]


def imaging_study_of(world: World, connection: Connection, version: Version, study_instance_uid: str) -> Stored | None:
    """The ImagingStudy that tells of a study, its UID written as an OID (FHIR ImagingStudy.identifier) or bare."""
    oid = f"{mapping.UID_SYSTEM}|urn:oid:{study_instance_uid}"
    existing = found(world, connection, version, "ImagingStudy", oid)
    return existing or found(world, connection, version, "ImagingStudy", f"{mapping.UID_SYSTEM}|{study_instance_uid}")


def _patient(world: World, connection: Connection, version: Version, study: StudyFacts, wanted: list[Resource]) -> str:
    patient_id = value(study.first, "00100020")
    existing = found(world, connection, version, "Patient", patient_id) if patient_id else None
    if existing is not None:
        return existing.reference
    made = mapping.patient(version, study.first)
    if store.read(connection, version, "Patient", made["id"]) is None:
        wanted.append(made)
    return f"Patient/{made['id']}"


def endpoint_of(connection: Connection, version: Version, wanted: list[Resource]) -> str:
    """The reference to the DICOMweb service's Endpoint, which joins `wanted` where there is none yet."""
    if store.read(connection, version, "Endpoint", SEED_ENDPOINT) is None:
        wanted.append(mapping.endpoint(version, SEED_ENDPOINT, ADDRESS))
    return f"Endpoint/{SEED_ENDPOINT}"


def found(world: World, connection: Connection, version: Version, kind: str, identifier: str) -> Stored | None:
    """The first resource with an identifier, if there is one."""
    model = store.model_of(world, connection, version)
    escaped = identifier.replace("\\", "\\\\").replace(",", "\\,").replace("$", "\\$")
    asked = understanding.understand(model, kind, (("identifier", escaped), ("_count", "1")))
    matches = store.search(world, connection, asked).matches
    return matches[0] if matches else None


def is_made_here(world: World, stored: Stored) -> bool:
    """Whether it was made of stored DICOM, so that it may be replaced."""
    if stored.digest is None:
        return False
    tags = read_json(world.texts.get(stored.digest)).get("meta", {}).get("tag", ())
    origin = (mapping.TAG["system"], mapping.TAG["code"])
    return any((tag.get("system"), tag.get("code")) == origin for tag in tags)


def draft(version: Version, model: SearchModel, resource: Resource) -> Draft:
    """A resource made ready to be written under its own id."""
    kept = canonical(version, resource)
    id = kept.pop("id")
    return model.prepare(kept, dump_json(kept), id)
