"""The people of the sample."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

_SPACE = uuid.UUID("6f1c53a2-3c62-4c8e-9d52-2f3f1a5b7c11")
SYNTHEA = "https://github.com/synthetichealth/synthea"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, as Synthea names people."""

    number: int
    given: str
    family: str
    sex: str
    birth_date: str
    study_date: str
    has_images: bool = False
    has_panel: bool = False

    @property
    def id(self) -> str:
        """Synthea's UUID."""
        return made_id(self.given, self.family)

    @property
    def file_name(self) -> str:
        """`Ada101_Quist202_<UUID>`."""
        return f"{self.given}_{self.family}_{self.id}"

    @property
    def study_instance_uid(self) -> str:
        """A UID as Synthea makes it."""
        return f"1.2.840.99999999.{10_000_000 + self.number}.94327526808{self.number}"


PEOPLE = (
    Person(8701, "Ada101", "Quist202", "F", "1950-11-20", "1999-11-22", has_images=True, has_panel=True),
    Person(8702, "José303", "Ibáñez404", "M", "1944-02-03", "2001-05-07", has_images=True),
    Person(8703, "Noor505", "Vale606", "F", "1962-07-15", "2010-01-31"),
)
ONLY_IN_TABLES = Person(8704, "Olaf707", "Berg808", "M", "1970-01-01", "2012-03-04")


def made_id(*parts: str) -> str:
    """A UUID that is the same for the same thing."""
    return str(uuid.uuid5(_SPACE, "|".join(parts)))
