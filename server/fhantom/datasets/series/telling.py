"""FHIR of series that tables tell of: Patients by collection, the licences of a study, and what is without pixels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fhantom.archive import elsewhere, retrieve
from fhantom.bridge import mapping
from fhantom.bridge.facts import StudyFacts, resource_id, study_of, value
from fhantom.bridge.mapping import Resource
from fhantom.datasets.job import Job
from fhantom.datasets.ledger import Ledger
from fhantom.datasets.series.registering import replace_records
from fhantom.datasets.series.rows import SeriesRow
from fhantom.datasets.studies import KIND, Telling, describe
from fhantom.definitions import Version
from fhantom.world import World
from fhantom.world.provenance import Licence

_AT_ONCE = 50
_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)", re.IGNORECASE)
_LONG_NAME = re.compile(r"Creative Commons Attribution([- a-z]*?) (\d\.\d)", re.IGNORECASE)
_SHORT_NAME = re.compile(r"CC (BY[-A-Z]*) (\d\.\d)", re.IGNORECASE)

Known = Mapping[str, SeriesRow]
"""Rows by Series Instance UID."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Who publishes the series.

    Attributes:
        system: of a Patient's identifier, from the name of the collection: Patient IDs are repeated among these.
    """

    name: str
    system: Callable[[str], str]


def licence_of(row: SeriesRow, archive: Archive) -> Licence:
    """The terms of a series, by the short name that Creative Commons have, and whom they name."""
    url, name = row.licence_url, row.licence
    if found := _COMMONS.search(url):
        name = f"CC {found[1].upper()} {found[2]}"
    elif found := _LONG_NAME.search(name):
        name = f"CC BY{'-NC' if 'commercial' in found[1].lower() else ''} {found[2]}"
    if found := _SHORT_NAME.fullmatch(name):
        url = f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    source = f"https://doi.org/{row.doi}" if row.doi else ""
    told = ", ".join(part for part in (f"collection {row.collection}" if row.collection else "", source) if part)
    return Licence(
        name or "as its collection says", url, told or f"the collection's makers, as {archive.name} lists them"
    )


def describe_all(job: Job, archive: Archive, known: Callable[[list[str]], Known]) -> None:
    """Tell in FHIR of every study that this load, or an interrupted one before it, has made known.

    Args:
        known: the rows of studies by their UIDs.
    """
    ledger = Ledger(job.world, job.dataset.name)
    pending = ledger.pending()
    for at in range(0, len(pending), _AT_ONCE):
        some = pending[at : at + _AT_ONCE]
        rows = known(some)
        for uid in some:
            replace_records(job.world, uid)
        by_status: dict[str, list[StudyFacts]] = {"available": [], "registered": []}
        for uid in some:
            facts, status = _facts(job.world, uid)
            if facts is not None:
                by_status[status].append(facts)
                _tell_of_patients(job, facts, rows)
        for status, studies in by_status.items():
            telling = _telling(archive, rows, status)
            describe(job, telling, studies)
            for study in studies:  # of whose licences `describe` has counted the one of most series
                for licence in {licence_of(row, archive) for row in _rows(study, rows)} - {telling.licence(study)}:
                    job.licensed(licence)
        ledger.settle(some)
        job.progress(KIND, at + len(some), len(pending))


def _facts(world: World, uid: str) -> tuple[StudyFacts | None, str]:
    """The study and the status of its ImagingStudy; of series without pixels only the number of instances."""
    with world.reading() as connection:
        found = retrieve.instances_of(connection, uid)
        absent = {row.series_instance_uid for row in found if row.blob is None}
        counted = {series for series in absent if elsewhere.command_for(connection, series) is not None}
    if not found:
        return None, ""
    study = study_of(uid, world.texts.get_many([row.metadata for row in found]))
    series = tuple(
        replace(one, instances=(), counted=len(one.instances)) if one.series_instance_uid in counted else one
        for one in study.series
    )
    status = "available" if any(row.blob is not None for row in found) else "registered"
    return replace(study, series=series), status


def _rows(study: StudyFacts, known: Known) -> list[SeriesRow]:
    return [known[one.series_instance_uid] for one in study.series if one.series_instance_uid in known]


def _tell_of_patients(job: Job, study: StudyFacts, known: Known) -> None:
    patients = Counter(row.patient_id for row in _rows(study, known))
    if len(patients) > 1:
        names = ", ".join(sorted(patients))
        job.report.remark(study.study_instance_uid, f"its series name several patients ({names}); FHIR has the first")


def _telling(archive: Archive, known: Known, status: str) -> Telling:
    def row(study: StudyFacts) -> SeriesRow | None:
        found = _rows(study, known)
        # A third party's annotations lie in a study under terms of their own; what most series have speaks for it.
        most = Counter((one.doi, one.licence) for one in found).most_common(1)
        return next((one for one in found if (one.doi, one.licence) == most[0][0]), None)

    def patient(version: Version, study: StudyFacts) -> Resource:
        told = row(study)
        return _patient(version, study, archive, told.collection if told else "")

    def refine(version: Version, study: StudyFacts, imaging_study: Resource) -> Resource:
        terms = Counter(licence_of(one, archive) for one in _rows(study, known))
        notes = [{"text": f"{count} series: {term.name}; {term.attribution}"} for term, count in terms.items()]
        return {**imaging_study, **({"note": notes} if notes else {})}

    def licence(study: StudyFacts) -> Licence | None:
        told = row(study)
        return licence_of(told, archive) if told else None

    def source(study: StudyFacts) -> str:
        told = row(study)
        return f"https://doi.org/{told.doi}" if told and told.doi else ""

    return Telling(patient=patient, refine=refine, licence=licence, source=source, status=status)


def _patient(version: Version, study: StudyFacts, archive: Archive, collection: str) -> Resource:
    """The Patient of one collection: de-identified, so without a birth date."""
    made = mapping.patient(version, study.first)
    patient_id = value(study.first, "00100020")
    made.pop("birthDate", None)
    identifier = {"system": archive.system(collection), "value": patient_id} if collection else {"value": patient_id}
    return {
        "gender": "unknown",
        "name": [{"text": patient_id}],
        **made,
        "id": resource_id("patient", archive.name, collection, patient_id),
        "identifier": [identifier],
    }
