"""Made-up patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fhantom.datasets.making.plan import TODAY, Plan

MRN = "urn:fhantom:made"

_FAMILY = (
    *("Abara", "Bjornson", "Castellano", "Dvorak", "Eklund", "Fontaine", "Grigoryan", "Haddad", "Ibarra", "Jankowski"),
    *("Kimura", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quintero", "Rasmussen", "Santoro", "Tanaka"),
    *("Underwood", "Vasquez", "Weiss", "Xenakis", "Yilmaz", "Zielinski"),
)
_GIVEN = {
    "male": ("Anton", "Bruno", "Carlos", "Deniz", "Emil", "Farid", "Goran", "Hugo", "Ivan", "Jonas", "Kenji", "Luis"),
    "female": ("Aiko", "Bianca", "Clara", "Daria", "Elena", "Fatima", "Greta", "Hanna", "Ines", "Jana", "Keiko"),
}
_YOUNGEST, _OLDEST = 18 * 365, 92 * 365


@dataclass(frozen=True, slots=True)
class Person:
    """A patient of a synthetic world."""

    number: int
    id: str
    mrn: str
    family: str
    given: str
    gender: str
    birth_date: date


def person(plan: Plan, number: int) -> Person:
    """The patient of that number, from 1."""
    draw = plan.drawing("person", number)
    gender = draw.choice(("male", "female"))
    return Person(
        number=number,
        id=f"made-{plan.seed}-{number}",
        mrn=f"MADE{plan.seed}-{number:06d}",
        family=draw.choice(_FAMILY),
        given=draw.choice(_GIVEN[gender]),
        gender=gender,
        birth_date=TODAY - timedelta(days=draw.randint(_YOUNGEST, _OLDEST)),
    )


def patient(person: Person) -> dict[str, Any]:
    """The Patient, the same in both FHIR versions."""
    return {
        "resourceType": "Patient",
        "id": person.id,
        "identifier": [{"system": MRN, "value": person.mrn}],
        "active": True,
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": person.gender,
        "birthDate": person.birth_date.isoformat(),
    }
