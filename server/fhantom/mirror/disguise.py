"""Pseudonyms: the same person, date and object get the same ones in DICOM and in FHIR.

All of them follow from a secret that is thrown away when the pull is finished, so that nobody can lead them back.
One shift of dates holds for the whole pull: it is what keeps DICOM and FHIR, and people who refer to each other, in
step. Pixels are not looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fhantom import dicom
from fhantom.dicom import dicom_json
from fhantom.dicom.deidentifying import STATEMENT, deidentify_record
from fhantom.dicom.editing import from_record
from fhantom.dicom.records import Record, values_of
from fhantom.dicom.uids import UUID_ROOT, is_uid

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020

_DATED = frozenset(("DA", "DT"))
_SHIFTS = 3000  # days back at most; at least a year, so that no date stays the same by chance
_LEAST = 365
_REST_OF_DATE = {4: "-01-01", 7: "-01"}  # of a year, of a month

# PS3.15 E.3.6, the option that dates are modified; PS3.16 CID 7050 has its code.
_MODIFIED: Record = {
    "00120064": {
        "vr": "SQ",
        "Value": [
            *STATEMENT["00120064"]["Value"],
            {
                "00080100": {"vr": "SH", "Value": ["113107"]},
                "00080102": {"vr": "SH", "Value": ["DCM"]},
                "00080104": {
                    "vr": "LO",
                    "Value": ["Retain Longitudinal Temporal Information Modified Dates Option"],
                },
            },
        ],
    },
    "00280303": {"vr": "CS", "Value": ["MODIFIED"]},
}


class Disguise:
    """What stands for what, by one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._days = timedelta(days=_LEAST + int.from_bytes(self._digest("shift")[:4]) % (_SHIFTS - _LEAST))

    def _digest(self, *parts: str) -> bytes:
        return hmac.new(self._secret, "\0".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def token(self, *about: str) -> str:
        """Sixteen hexadecimal digits that stand for something."""
        return self._digest(*about).hex()[:16]

    def patient_id(self, value: str) -> str:
        """A Patient ID, or the value of an identifier."""
        return f"P{self.token('identifier', value)}"

    def name(self, patient_id: str) -> str:
        """The family name of whoever has that Patient ID."""
        return f"Pseudonym {self.token('name', patient_id)[:6].upper()}"

    def uid(self, uid: str) -> str:
        """A UID in place of another."""
        return f"{UUID_ROOT}.{int.from_bytes(self._digest('uid', uid)[:16])}" if is_uid(uid) else self.token(uid)

    def moment(self, text: str) -> str:
        """A FHIR date, dateTime or instant, as exact as before; empty if it is none."""
        day, mark, rest = text.partition("T")
        try:
            shifted = _shifted(date.fromisoformat(day + _REST_OF_DATE.get(len(day), "")), self._days)
        except ValueError:
            return ""
        return f"{shifted.isoformat()[: len(day)]}{mark}{rest}"

    def dicom_moment(self, text: str) -> str:
        """A value of DA or DT; empty if it is none, or not exact to the day."""
        try:
            shifted = _shifted(date.fromisoformat(text[:8]), self._days)
        except ValueError:
            return ""
        return shifted.isoformat().replace("-", "") + text[8:]

    def record(self, record: Record) -> Record:
        """The metadata of an object (PS3.15 E.1, and E.3.6 with modified dates)."""
        patient_id = "".join(values_of(record, PATIENT_ID)[:1])
        return dict(
            sorted(
                {
                    **deidentify_record(record, self.uid),
                    **self._dates(record),
                    **_MODIFIED,
                    "00100010": {"vr": "PN", "Value": [{"Alphabetic": self.name(patient_id)}]},
                    "00100020": {"vr": "LO", "Value": [self.patient_id(patient_id)]},
                }.items()
            )
        )

    def _dates(self, record: Record) -> dict[str, Mapping[str, Any]]:
        """Dates and times of the object itself; those within sequences go as the profile has it."""
        found: dict[str, Mapping[str, Any]] = {}
        for tag, attribute in record.items():
            if int(tag[:4], 16) % 2:  # private
                continue
            if attribute["vr"] in _DATED:
                values = [self.dicom_moment(str(value)) for value in attribute.get("Value", ())]
                found[tag] = (
                    {"vr": attribute["vr"], "Value": values} if all(values) and values else {"vr": attribute["vr"]}
                )
            elif attribute["vr"] == "TM":
                found[tag] = attribute
        return found

    def file(self, content: bytes) -> bytes:
        """A whole object, its pixels as they are. Raises DicomError."""
        file = dicom.read(content)
        return from_record(file, self.record(json.loads(dicom_json.encode(file.dataset, encapsulated=True))))


def _shifted(day: date, days: timedelta) -> date:
    return day - days if day.toordinal() > days.days else date.min
