"""FHIR of photographs: lesions, ages, findings, a report a visit, and a Condition where there is a melanoma."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fhantom.bridge import mapping
from fhantom.bridge.converting import convert
from fhantom.bridge.facts import StudyFacts, resource_id
from fhantom.bridge.mapping import Resource
from fhantom.datasets.isic.codes import DERMOSCOPY, DIAGNOSES, DISORDERS, LESION, SITES, SKIN, concept
from fhantom.datasets.isic.rows import Row
from fhantom.datasets.studies import Telling
from fhantom.definitions import Version

_LOINC = "http://loinc.org"
_AGE = {"coding": [{"system": _LOINC, "code": "30525-0", "display": "Age"}], "text": "Age at imaging"}
_OBSERVED = {"text": "Benign or malignant"}
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def telling_of(rows_of: Callable[[StudyFacts], list[Row]], status: str = "available") -> Telling:
    """How studies of photographs are told of; `rows_of` gives the lines of CSV about a study."""

    def around(version: Version, study: StudyFacts) -> list[Resource]:
        found = rows_of(study)
        return list(_around(version, study, found)) if found else []

    return Telling(patient=_patient, refine=_refined, around=around, status=status)


def _patient(version: Version, study: StudyFacts) -> Resource:
    made = mapping.patient(version, study.first)
    return {"gender": "unknown", **made}


def _refined(version: Version, study: StudyFacts, imaging_study: Resource) -> Resource:
    procedure = concept(DERMOSCOPY, "Dermoscopy")
    if version == "R4":
        return {**imaging_study, "procedureCode": [procedure]}
    return {**imaging_study, "procedure": [{"concept": procedure}]}


def _around(version: Version, study: StudyFacts, rows: list[Row]) -> Iterator[Resource]:
    patient = {"reference": f"Patient/{_patient(version, study)['id']}"}
    imaging_study = {"reference": f"ImagingStudy/{resource_id('study', study.study_instance_uid)}"}
    results: list[Resource] = []
    for row in rows:
        lesion = _lesion(version, row, patient)
        yield lesion
        made = [*_observations(row, patient, lesion), *_conditions(row, patient)]
        for resource in made:
            converted = resource if version == "R4" else convert("R4", resource)
            if converted is not None:
                yield converted
        results += [one for one in made if one["resourceType"] == "Observation"]
    report = _report(study, rows, patient, imaging_study, results)
    if report is not None:
        converted = report if version == "R4" else convert("R4", report)
        if converted is not None:
            yield converted


def _site(row: Row) -> Resource:
    return concept(SITES.get(row.site, SKIN), row.site or "skin")


def _lesion(version: Version, row: Row, patient: Resource) -> Resource:
    """The place on the skin, which R4 and R5 tell so differently that no conversion is made of it."""
    where = {"location": _site(row)} if version == "R4" else {"includedStructure": [{"structure": _site(row)}]}
    return {
        "resourceType": "BodyStructure",
        "id": resource_id("lesion", row.patient, row.lesion or row.image),
        "identifier": [{"value": row.lesion or row.image, "assigner": {"display": "ISIC"}}],
        "active": True,
        **where,
        "patient": patient,
    }


def _observations(row: Row, patient: Resource, lesion: Resource) -> Iterator[Resource]:
    """Age at imaging, what the lesion is and whether it is malignant, as far as the CSV says."""
    common = {
        "resourceType": "Observation",
        "status": "final",
        "subject": patient,
        "focus": [{"reference": f"BodyStructure/{lesion['id']}"}],
        "note": [{"text": row.image}],
    }
    if row.age is not None:
        years = {"value": row.age, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}
        yield {**common, "id": resource_id("age", row.image), "code": _AGE, "valueQuantity": years}
    if row.diagnosis:
        found = concept(DIAGNOSES.get(row.diagnosis), row.diagnosis)
        finding = {**common, "id": resource_id("finding", row.image), "code": concept(LESION, "Skin lesion")}
        yield {**finding, "bodySite": _site(row), "valueCodeableConcept": found}
    if row.benign_malignant:
        nature = {**common, "id": resource_id("nature", row.image), "code": _OBSERVED}
        yield {**nature, "bodySite": _site(row), "valueCodeableConcept": {"text": row.benign_malignant}}


def _conditions(row: Row, patient: Resource) -> Iterator[Resource]:
    if row.diagnosis not in DISORDERS:
        return
    yield {
        "resourceType": "Condition",
        "id": resource_id("condition", row.patient, row.lesion or row.image),
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": _VERIFIED, "code": "confirmed"}]},
        "code": concept(DIAGNOSES[row.diagnosis], row.diagnosis),
        "bodySite": [_site(row)],
        "subject": patient,
    }


def _report(
    study: StudyFacts, rows: list[Row], patient: Resource, imaging_study: Resource, results: list[Resource]
) -> Resource | None:
    """A report where anything was diagnosed; its words are those of the CSV."""
    told = [row for row in rows if row.diagnosis or row.benign_malignant]
    if not told:
        return None
    lines = [f"{row.image}: {row.diagnosis or 'no diagnosis'}, {row.benign_malignant or 'unknown'}" for row in told]
    return {
        "resourceType": "DiagnosticReport",
        "id": resource_id("report", study.study_instance_uid),
        "status": "final",
        "category": [{"text": "Dermatology"}],
        "code": concept(DERMOSCOPY, "Dermoscopy"),
        "subject": patient,
        "imagingStudy": [imaging_study],
        "result": [{"reference": f"Observation/{one['id']}"} for one in results],
        "conclusion": "\n".join(lines),
    }
