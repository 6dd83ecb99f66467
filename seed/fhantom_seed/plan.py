"""What is embedded, object by object: the one list from which both the FHIR and the DICOM side are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fhantom_seed import facts
from fhantom_seed.facts import Persona, SeriesFact, StudyFact, invented_uid

CT = "1.2.840.10008.5.1.4.1.1.2"
NM = "1.2.840.10008.5.1.4.1.1.20"
MG = "1.2.840.10008.5.1.4.1.1.1.2"
OPHTHALMIC_8_BIT = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
OPHTHALMIC_TOMOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.5.4"
WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"

# recipe -> SOP Class UID (PS3.4 B.5)
SOP_CLASSES: dict[str, str] = {
    "scout": CT,
    "ct-chest": CT,
    "ct-contrast": CT,
    "ct-neck": CT,
    "ct-sharp": CT,
    "ct-large": CT,
    "ct-coronal": CT,
    "ct-sagittal": CT,
    "ct-dental": CT,
    "ct-dental-reformat": CT,
    "pt": "1.2.840.10008.5.1.4.1.1.128",
    "mr-t1": "1.2.840.10008.5.1.4.1.1.4",
    "mr-stir": "1.2.840.10008.5.1.4.1.1.4",
    "cr-chest": "1.2.840.10008.5.1.4.1.1.1",
    "mg": MG,
    "mg-specimen": MG,
    "nm-body": NM,
    "nm-static": NM,
    "nm-capture": "1.2.840.10008.5.1.4.1.1.7",
    "us-cine": "1.2.840.10008.5.1.4.1.1.3.1",
    "us-still": "1.2.840.10008.5.1.4.1.1.6.1",
    "skin": "1.2.840.10008.5.1.4.1.1.77.1.4",
    "fundus-right": OPHTHALMIC_8_BIT,
    "fundus-left": OPHTHALMIC_8_BIT,
    "infrared-right": OPHTHALMIC_8_BIT,
    "infrared-left": OPHTHALMIC_8_BIT,
    "opt-right": OPHTHALMIC_TOMOGRAPHY,
    "opt-left": OPHTHALMIC_TOMOGRAPHY,
    "opt-lines-right": OPHTHALMIC_TOMOGRAPHY,
    "opt-lines-left": OPHTHALMIC_TOMOGRAPHY,
    "opt-edema": OPHTHALMIC_TOMOGRAPHY,
    "slide": WHOLE_SLIDE,
    "slide-all": WHOLE_SLIDE,
    "slide-cover": WHOLE_SLIDE,
    "seg": "1.2.840.10008.5.1.4.1.1.66.4",
    "rtstruct": "1.2.840.10008.5.1.4.1.1.481.3",
    "sr": "1.2.840.10008.5.1.4.1.1.88.33",
    "ko": "1.2.840.10008.5.1.4.1.1.88.59",
    "pr": "1.2.840.10008.5.1.4.1.1.11.1",
    "pdf": "1.2.840.10008.5.1.4.1.1.104.1",
    "ecg": "1.2.840.10008.5.1.4.1.1.9.1.1",
    "video": "1.2.840.10008.5.1.4.1.1.77.1.4.1",
}


@dataclass(frozen=True)
class PlannedInstance:
    """One SOP instance; `number` is its image number in the series as reports count."""

    uid: str
    sop_class_uid: str
    number: int


@dataclass(frozen=True)
class PlannedSeries:
    """A series with its instances in image order and the frame of reference that its study shares."""

    fact: SeriesFact
    uid: str
    frame_of_reference_uid: str
    instances: tuple[PlannedInstance, ...]


@dataclass(frozen=True)
class PlannedStudy:
    """A DICOM study; `fact` is the FHIR ImagingStudy that it is stored under."""

    fact: StudyFact
    patient: Persona
    uid: str
    series: tuple[PlannedSeries, ...]

    @property
    def instance_count(self) -> int:
        return sum(len(series.instances) for series in self.series)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities in order of first appearance, each once."""
        return tuple(dict.fromkeys(series.fact.modality for series in self.series))

    def numbered(self, number: int) -> PlannedSeries:
        """The series with that SeriesNumber."""
        return next(series for series in self.series if series.fact.number == number)


def _instance(series: SeriesFact, image: int) -> PlannedInstance:
    true_uid = facts.true_instances().get((series.uid, image))
    uid = true_uid or invented_uid("instance", series.study, series.number, image)
    return PlannedInstance(uid, SOP_CLASSES[series.recipe], image)


def _series(fact: SeriesFact) -> PlannedSeries:
    frames = {row.study: row.frame_of_reference_uid for row in facts.selections()}
    return PlannedSeries(
        fact,
        fact.uid,
        frames.get(fact.study) or invented_uid("frame", fact.study),
        tuple(_instance(fact, image) for image in fact.images),
    )


@cache
def planned_studies() -> tuple[PlannedStudy, ...]:
    """Every DICOM study of the seed, in the order of facts/studies.tsv."""
    people = {persona.id: persona for persona in facts.personas()}
    series_of: dict[str, list[PlannedSeries]] = {}
    for fact in facts.series():
        series_of.setdefault(fact.study, []).append(_series(fact))
    return tuple(
        PlannedStudy(study, people[study.patient], study.uid, tuple(series_of[study.id]))
        for study in facts.studies()
        if study.id in series_of
    )


@cache
def study_by_uid() -> dict[str, PlannedStudy]:
    return {study.uid: study for study in planned_studies()}
