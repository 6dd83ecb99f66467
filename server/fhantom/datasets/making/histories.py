"""Visits, diagnoses, measurements and prescriptions of a made-up patient, as R4 resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from fhantom.datasets.making.people import Person
from fhantom.datasets.making.plan import TODAY, Plan

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"


class _Measure(NamedTuple):
    """One kind of Observation: LOINC, UCUM unit, mean and spread, decimals."""

    code: str
    display: str
    unit: str
    mean: float
    spread: float
    digits: int


class _Illness(NamedTuple):
    """A condition by SNOMED CT, how likely somebody has it, and a medicine by RxNorm."""

    code: str
    display: str
    likelihood: float
    medicine: str
    medicine_display: str


_MEASURES = (
    _Measure("29463-7", "Body weight", "kg", 76, 14, 1),
    _Measure("8302-2", "Body height", "cm", 171, 9, 0),
    _Measure("8867-4", "Heart rate", "/min", 74, 10, 0),
    _Measure("8480-6", "Systolic blood pressure", "mm[Hg]", 128, 15, 0),
    _Measure("8462-4", "Diastolic blood pressure", "mm[Hg]", 80, 9, 0),
    _Measure("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 98, 18, 0),
    _Measure("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.95, 0.2, 2),
    _Measure("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 13.9, 1.3, 1),
)
_ILLNESSES = (
    _Illness("38341003", "Hypertensive disorder", 0.45, "314076", "lisinopril 10 MG Oral Tablet"),
    _Illness("44054006", "Diabetes mellitus type 2", 0.2, "860975", "metformin hydrochloride 500 MG Oral Tablet"),
    _Illness("55822004", "Hyperlipidemia", 0.35, "617310", "atorvastatin 20 MG Oral Tablet"),
    _Illness("195967001", "Asthma", 0.12, "745679", "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
)
_MOST_VISITS = 6
_YEARS_BACK = 8 * 365


def history(plan: Plan, person: Person) -> Iterator[Resource]:
    """What happened to a patient, oldest first; what is referred to comes first."""
    draw = plan.drawing("history", person.number)
    days = sorted(TODAY - timedelta(days=draw.randint(1, _YEARS_BACK)) for _ in range(draw.randint(2, _MOST_VISITS)))
    for number, day in enumerate(days, start=1):
        yield from _visit(draw, person, number, day)
    yield from _illnesses(draw, person, days[0])


def _visit(draw: Random, person: Person, number: int, day: date) -> Iterator[Resource]:
    encounter = f"{person.id}-visit-{number}"
    yield {
        "resourceType": "Encounter",
        "id": encounter,
        "status": "finished",
        "class": {"system": f"{_HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [_concept(SNOMED, "185349003", "Encounter for check up")],
        "subject": _reference(person),
        "period": {"start": f"{day}T09:00:00Z", "end": f"{day}T09:30:00Z"},
    }
    for measure in draw.sample(_MEASURES, draw.randint(3, len(_MEASURES))):
        value = round(draw.gauss(measure.mean, measure.spread), measure.digits)
        yield {
            "resourceType": "Observation",
            "id": f"{encounter}-{measure.code}",
            "status": "final",
            "category": [_concept(f"{_HL7}/observation-category", "vital-signs", "Vital Signs")],
            "code": _concept(LOINC, measure.code, measure.display),
            "subject": _reference(person),
            "encounter": {"reference": f"Encounter/{encounter}"},
            "effectiveDateTime": f"{day}T09:10:00Z",
            "valueQuantity": {
                "value": value if measure.digits else int(value),
                "unit": measure.unit,
                "system": UCUM,
                "code": measure.unit,
            },
        }


def _illnesses(draw: Random, person: Person, since: date) -> Iterator[Resource]:
    for illness in _ILLNESSES:
        if draw.random() >= illness.likelihood:
            continue
        condition = f"{person.id}-condition-{illness.code}"
        yield {
            "resourceType": "Condition",
            "id": condition,
            "clinicalStatus": _concept(f"{_HL7}/condition-clinical", "active", "Active"),
            "code": _concept(SNOMED, illness.code, illness.display),
            "subject": _reference(person),
            "onsetDateTime": since.isoformat(),
        }
        yield {
            "resourceType": "MedicationRequest",
            "id": f"{person.id}-medicine-{illness.medicine}",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": _concept(RXNORM, illness.medicine, illness.medicine_display),
            "subject": _reference(person),
            "authoredOn": since.isoformat(),
            "reasonReference": [{"reference": f"Condition/{condition}"}],
        }


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _reference(person: Person) -> Resource:
    return {"reference": f"Patient/{person.id}"}
