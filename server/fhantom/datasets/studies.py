"""FHIR of the studies that a load has stored: Patient, ImagingStudy and Endpoint by the one mapper, labelled.

What DICOM headers say is mapped by `bridge.mapping`; a `Telling` adds what only the data set knows. An ImagingStudy
that came with the data set, or that a client wrote, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom.archive import retrieve
from fhantom.bridge import linking, mapping
from fhantom.bridge.facts import StudyFacts, study_of
from fhantom.bridge.mapping import Resource
from fhantom.datasets.job import Job, licence_of
from fhantom.datasets.keeping import VERSIONS, keep
from fhantom.datasets.labels import labelled
from fhantom.datasets.ledger import Ledger
from fhantom.definitions import Version
from fhantom.world import World
from fhantom.world.provenance import Licence

KIND = "studies"

_AT_ONCE = 50


def _nothing_more(version: Version, study: StudyFacts) -> list[Resource]:
    return []


def _as_mapped(version: Version, study: StudyFacts, imaging_study: Resource) -> Resource:
    return imaging_study


def _patient_of_header(version: Version, study: StudyFacts) -> Resource:
    return mapping.patient(version, study.first)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a data set knows of its studies beyond their headers.

    Attributes:
        patient: the study's Patient, with an id that is the same for the same patient.
        refine: the ImagingStudy with what the headers do not say.
        around: what else tells of the study (ResearchStudy, DiagnosticReport), after the ImagingStudy.
        licence: of this study, None for that of the whole data set.
        source: where it is from, empty for the page of the data set.
        keeps_patients: whether a Patient that is there with the header's Patient ID as an identifier is taken instead.
        status: of the ImagingStudy.
    """

    patient: Callable[[Version, StudyFacts], Resource] = _patient_of_header
    refine: Callable[[Version, StudyFacts, Resource], Resource] = _as_mapped
    around: Callable[[Version, StudyFacts], list[Resource]] = _nothing_more
    licence: Callable[[StudyFacts], Licence | None] = lambda study: None
    source: Callable[[StudyFacts], str] = lambda study: ""
    keeps_patients: bool = False
    status: str = "available"


def describe_stored(job: Job, telling: Telling, versions: Sequence[Version] = VERSIONS) -> None:
    """Tell in FHIR of every study of which this load, or an interrupted one before it, has stored objects."""
    ledger = Ledger(job.world, job.dataset.name)
    pending = ledger.pending()
    for at in range(0, len(pending), _AT_ONCE):
        some = pending[at : at + _AT_ONCE]
        studies = [study for uid in some if (study := facts_of(job.world, uid)) is not None]
        describe(job, telling, studies, versions)
        ledger.settle(some)
        job.progress(KIND, at + len(some), len(pending))


def describe(job: Job, telling: Telling, studies: Sequence[StudyFacts], versions: Sequence[Version] = VERSIONS) -> None:
    """Tell of these studies in these FHIR versions."""
    for version in versions:
        keep(job, version, _resources(job, telling, version, studies))
    for study in studies:
        job.licensed(telling.licence(study))


def facts_of(world: World, study_instance_uid: str) -> StudyFacts | None:
    """The facts of a stored study, None if there is none."""
    with world.reading() as connection:
        rows = retrieve.instances_of(connection, study_instance_uid)
    return study_of(study_instance_uid, world.texts.get_many([row.metadata for row in rows])) if rows else None


def _resources(job: Job, telling: Telling, version: Version, studies: Sequence[StudyFacts]) -> Iterator[Resource]:
    told: dict[str, Resource] = {}
    for study in studies:
        licence = telling.licence(study) or licence_of(job.dataset)
        with job.world.reading() as connection:
            made = _made(job.world, connection, telling, version, study)
        for resource in made:
            name = f"{resource['resourceType']}/{resource['id']}"
            if told.get(name) != resource:  # studies share patients and the Endpoint
                told[name] = resource
                yield labelled(resource, job.dataset, licence, telling.source(study))


def _made(
    world: World, connection: Connection, telling: Telling, version: Version, study: StudyFacts
) -> list[Resource]:
    wanted: list[Resource] = []
    existing = linking.imaging_study_of(world, connection, version, study.study_instance_uid)
    if existing is not None and not linking.is_made_here(world, existing):
        return []
    patient = telling.patient(version, study)
    known = None
    if telling.keeps_patients and patient.get("identifier"):
        known = linking.found(world, connection, version, "Patient", patient["identifier"][0]["value"])
    if known is None:
        wanted.append(patient)
    reference = known.reference if known else f"Patient/{patient['id']}"
    endpoint = linking.endpoint_of(connection, version, wanted)
    resource = mapping.imaging_study(version, study, reference, endpoint, telling.status)
    wanted.append(telling.refine(version, study, resource))
    return [*wanted, *telling.around(version, study)]
