"""What a study's stored DICOM JSON says that FHIR has a place for."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

# FHIR date precision needs whole parts; a time without its zone may not stand in a dateTime (FHIR datatypes).
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(\.\d+)?")
_ZONE = re.compile(r"([+-]\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """One instance of a series."""

    sop_instance_uid: str
    sop_class_uid: str
    number: int | None
    title: str


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """One series and its instances in the order of their numbers.

    Attributes:
        counted: how many instances there are where they are not known one by one.
    """

    series_instance_uid: str
    first: Record
    instances: tuple[InstanceFacts, ...]
    counted: int | None = None

    @property
    def number_of_instances(self) -> int:
        """How many instances the series has."""
        return len(self.instances) if self.counted is None else self.counted


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """One study; `first` is the DICOM JSON of an instance, for what all have in common."""

    study_instance_uid: str
    first: Record
    series: tuple[SeriesFacts, ...]

    @property
    def modalities(self) -> list[str]:
        """The modalities of its series, each once, sorted."""
        return sorted({value(one.first, "00080060") for one in self.series} - {""})


def study_of(study_instance_uid: str, texts: Iterable[bytes]) -> StudyFacts:
    """The facts of a study from the DICOM JSON of its instances, at least one."""
    by_series: dict[str, list[Record]] = {}
    for text in texts:
        record = json.loads(text)
        by_series.setdefault(value(record, "0020000E"), []).append(record)
    series = [
        SeriesFacts(uid, records[0], tuple(sorted(map(_instance, records), key=_order)))
        for uid, records in by_series.items()
    ]
    series.sort(key=lambda one: (number(one.first, "00200011") or 0, one.series_instance_uid))
    return StudyFacts(study_instance_uid, series[0].first, tuple(series))


def value(record: Record, tag: str) -> str:
    """The first value of an attribute as text, empty if there is none; of a person's name its main group."""
    values = record.get(tag, {}).get("Value") or [""]
    first = values[0]
    if isinstance(first, Mapping):
        first = first.get("Alphabetic") or first.get("Ideographic") or ""
    return str(first if first is not None else "").strip()


def number(record: Record, tag: str) -> int | None:
    """The first value as a whole number that FHIR takes (0 to 2^31 - 1), None for anything else."""
    try:
        found = int(float(value(record, tag)))
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found < 2**31 else None


def date(record: Record, tag: str) -> str | None:
    """A DA value as a FHIR date."""
    parts = _DATE.fullmatch(value(record, tag))
    if parts is None or not 1 <= int(parts[2]) <= 12 or not 1 <= int(parts[3]) <= 31:
        return None
    return "-".join(parts.groups())


def moment(record: Record, date_tag: str, time_tag: str) -> str | None:
    """DA and TM values as a FHIR dateTime: with its time only where (0008,0201) tells the zone."""
    day = date(record, date_tag)
    time, zone = _TIME.match(value(record, time_tag)), _ZONE.fullmatch(value(record, "00080201"))
    if day is None or time is None or zone is None:
        return day
    return f"{day}T{time[1]}:{time[2]}:{time[3]}{zone[1]}:{zone[2]}"


def resource_id(kind: str, *parts: str) -> str:
    """An id that is the same for the same thing, wherever and whenever it is made."""
    return f"{kind}-{uuid.uuid5(uuid.NAMESPACE_OID, chr(31).join((kind, *parts)))}"


def _instance(record: Record) -> InstanceFacts:
    title = " ".join(str(one) for one in record.get("00080008", {}).get("Value") or [] if one)
    return InstanceFacts(value(record, "00080018"), value(record, "00080016"), number(record, "00200013"), title)


def _order(instance: InstanceFacts) -> tuple[int, str]:
    return (instance.number or 0, instance.sop_instance_uid)
