"""Imaging studies of a made-up patient: DICOM headers, and phantoms as pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from fhantom.datasets.making.people import Person
from fhantom.datasets.making.plan import TODAY, Plan
from fhantom.dicom import syntaxes
from fhantom.dicom.records import Record
from fhantom.dicom.uids import derived_uid
from fhantom.dicom.writing import write_record

PIXEL_DATA = "7FE00010"


class _Kind(NamedTuple):
    """What images of a modality are stored as (PS3.6 A-1), and what they show."""

    sop_class_uid: str
    description: str
    body_part: str


_KINDS = {
    "CT": _Kind("1.2.840.10008.5.1.4.1.1.2", "CT chest", "CHEST"),
    "MR": _Kind("1.2.840.10008.5.1.4.1.1.4", "MR brain", "BRAIN"),
    "DX": _Kind("1.2.840.10008.5.1.4.1.1.1.1", "Radiography chest", "CHEST"),
    "CR": _Kind("1.2.840.10008.5.1.4.1.1.1", "Radiography hand", "HAND"),
    "MG": _Kind("1.2.840.10008.5.1.4.1.1.1.2", "Mammography", "BREAST"),
    "US": _Kind("1.2.840.10008.5.1.4.1.1.6.1", "Ultrasound abdomen", "ABDOMEN"),
    "PT": _Kind("1.2.840.10008.5.1.4.1.1.128", "PET whole body", "WHOLEBODY"),
    "NM": _Kind("1.2.840.10008.5.1.4.1.1.20", "Bone scan", "WHOLEBODY"),
    "OT": _Kind("1.2.840.10008.5.1.4.1.1.7", "Secondary capture", "CHEST"),
}
MODALITIES = tuple(_KINDS)

_YEARS_BACK = 5 * 365
_INSIDE, _OUTSIDE, _WHITEST = 1000, 0, 4095


@dataclass(frozen=True, slots=True)
class Study:
    """One study: what all of its instances say, and how many there are."""

    study_instance_uid: str
    modality: str
    header: Record
    count: int

    @property
    def title(self) -> str:
        """What was examined."""
        return _KINDS[self.modality].description

    def records(self) -> Iterator[Record]:
        """The header of each instance."""
        for number in range(1, self.count + 1):
            uid = derived_uid(self.study_instance_uid, str(number))
            yield {**self.header, "00080018": _value("UI", uid), "00200013": _value("IS", number)}


def studies(plan: Plan, person: Person) -> Iterator[Study]:
    """The studies of a patient, in no order of time."""
    draw = plan.drawing("studies", person.number)
    for number in range(1, plan.studies + 1):
        day = TODAY - timedelta(days=draw.randint(1, _YEARS_BACK))
        modality = draw.choice(plan.modalities)
        kind = _KINDS[modality]
        uid = derived_uid("made", str(plan.seed), person.mrn, str(number))
        header: dict[str, Any] = {
            "00080016": _value("UI", kind.sop_class_uid),
            "00080020": _value("DA", f"{day:%Y%m%d}"),
            "00080030": _value("TM", f"{draw.randint(7, 18):02}{draw.randint(0, 59):02}00"),
            "00080050": _value("SH", f"A{plan.seed}-{person.number}-{number}"),
            "00080060": _value("CS", modality),
            "00081030": _value("LO", kind.description),
            "0008103E": _value("LO", f"{kind.description} series"),
            "00100010": _value("PN", {"Alphabetic": f"{person.family}^{person.given}"}),
            "00100020": _value("LO", person.mrn),
            "00100030": _value("DA", f"{person.birth_date:%Y%m%d}"),
            "00100040": _value("CS", person.gender[0].upper()),
            "00180015": _value("CS", kind.body_part),
            "0020000D": _value("UI", uid),
            "0020000E": _value("UI", derived_uid(uid, "series")),
            "00200010": _value("SH", str(number)),
            "00200011": _value("IS", 1),
            "00280002": _value("US", 1),
            "00280004": _value("CS", "MONOCHROME2"),
            "00280010": _value("US", plan.side),
            "00280011": _value("US", plan.side),
            "00280100": _value("US", 16),
            "00280101": _value("US", 12),
            "00280102": _value("US", 11),
            "00280103": _value("US", 0),
        }
        yield Study(uid, modality, header, plan.instances)


def file_of(record: Record, plan: Plan, study: Study) -> bytes:
    """A whole DICOM file: a sphere, of which each instance of the series is a section."""
    [number] = record["00200013"]["Value"]
    pixels = _section(plan.side, (2 * number - 1) / study.count - 1)
    described = {**record, PIXEL_DATA: {"vr": "OW", "BulkDataURI": "pixels"}}
    return write_record(described, syntaxes.transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN), lambda uri: pixels)


@lru_cache(maxsize=256)
def _section(side: int, height: float) -> bytes:
    """A section through a sphere at a height from -1 to 1, as little endian words of 12 bits."""
    radius = math.sqrt(max(0.0, 1 - height * height)) * side / 2
    rows = []
    for row in range(side):
        across = row + 0.5 - side / 2
        half = round(math.sqrt(max(0.0, radius * radius - across * across)))
        edge = side // 2 - half
        outside = _OUTSIDE.to_bytes(2, "little") * edge
        inside = min(_INSIDE + row, _WHITEST).to_bytes(2, "little") * (side - 2 * edge)
        rows.append(outside + inside + outside)
    return b"".join(rows)


def _value(vr: str, value: object) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}
