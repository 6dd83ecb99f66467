"""ImagingStudy and ImagingSelection: counts and lists are those of the DICOM objects that are embedded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhantom_seed import facts
from fhantom_seed.facts import Selection, StudyFact
from fhantom_seed.fhir.parts import SYSTEMS, Part, Resource, coding, concept, narrative, reference
from fhantom_seed.plan import PlannedInstance, PlannedSeries, planned_studies, study_by_uid

# Studies of the Cancer Imaging Archive have the UID as a URN, the others bare: clients cut off 8 characters
TCIA_ROOT = "1.3.6.1.4.1.14519."


def resources() -> Iterator[Resource]:
    for study in facts.studies():
        yield _imaging_study(study)
    for selection in facts.selections():
        yield _imaging_selection(selection)


def _uid_identifier(uid: str) -> Part:
    return {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}" if uid.startswith(TCIA_ROOT) else uid}


def _identifiers(study: StudyFact) -> list[Part]:
    accession: Part = {
        "use": "usual",
        "type": {"coding": [{"system": SYSTEMS["acsn"], "code": "ACSN"}]},
        "value": study.accession,
        "assigner": reference("Organization/siim"),
    }
    if not study.accession:
        del accession["value"]
    return [_uid_identifier(study.uid), accession]


def _series(series: PlannedSeries, shown: Iterable[PlannedInstance]) -> Part:
    part: Part = {
        "uid": series.uid,
        "number": series.fact.number,
        "modality": concept("dcm", series.fact.modality),
    }
    if series.fact.description:
        part["description"] = series.fact.description
    return part | {
        "numberOfInstances": len(series.instances),
        "instance": [
            {"uid": instance.uid, "sopClass": _sop_class(instance.sop_class_uid), "number": instance.number}
            for instance in shown
        ],
    }


def _sop_class(uid: str) -> Part:
    return coding("urn:ietf:rfc:3986", f"urn:oid:{uid}")


def _listed(study: StudyFact) -> list[Part]:
    """Every series; a study that shares its UID with another one lists only the key images of the two."""
    planned = study_by_uid()[study.uid]
    if planned.fact is study:
        return [_series(series, series.instances) for series in planned.series]
    keys = {(s.series, s.image) for s in facts.selections() if s.study == planned.fact.id}
    return [
        _series(series, [i for i in series.instances if (series.fact.number, i.number) in keys])
        for series in planned.series
        if series.fact.number in {number for number, _ in keys}
    ]


def _imaging_study(study: StudyFact) -> Resource:
    planned = study_by_uid()[study.uid]
    described = {"description": study.description} if study.description else {}
    return {
        "resourceType": "ImagingStudy",
        "id": study.id,
        "text": narrative(f"{study.description or 'Study'} of {study.started[:10]}, {planned.patient.given}"),
        "identifier": _identifiers(study),
        "status": "available",
        "modality": [concept("dcm", modality) for modality in planned.modalities],
        "subject": reference(f"Patient/{study.patient}"),
        "started": study.started,
        "endpoint": [reference("Endpoint/siim-dicomweb")],
        "numberOfSeries": len(planned.series),
        "numberOfInstances": planned.instance_count,
        **described,
        "series": _listed(study),
    }


def _imaging_selection(selection: Selection) -> Resource:
    study = next(study for study in planned_studies() if study.fact.id == selection.study)
    series = study.numbered(selection.series)
    instance = next(i for i in series.instances if i.number == selection.image)
    name = f"{study.uid}.{selection.series}.{selection.image}"
    return {
        "resourceType": "ImagingSelection",
        "id": selection.id,
        "text": narrative(f"Key image: series {selection.series}, image {selection.image}"),
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{name}"}],
        "status": "available",
        "subject": {"type": "Patient", "reference": f"Patient/{study.patient.id}"},
        "code": {"text": "Key Images"},
        "studyUid": study.uid,
        "derivedFrom": [{"type": "ImagingStudy", "identifier": _uid_identifier(study.uid)}],
        "seriesUid": series.uid,
        "frameOfReferenceUid": series.frame_of_reference_uid,
        "instance": [{"uid": instance.uid, "sopClass": _sop_class(instance.sop_class_uid)}],
    }
