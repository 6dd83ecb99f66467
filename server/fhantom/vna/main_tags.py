"""Which attributes Orthanc shows of each level: its main DICOM tags (Orthanc Book, "Main DICOM tags", of 1.10)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fhantom.dicom import dictionary
from fhantom.vna.names import Item, Kind, Patient
from fhantom.world import World

MAIN_TAGS: dict[Kind, tuple[str, ...]] = {
    Kind.PATIENT: ("PatientName", "PatientBirthDate", "PatientSex", "OtherPatientIDs", "PatientID"),
    Kind.STUDY: (
        "StudyDate",
        "StudyTime",
        "StudyID",
        "StudyDescription",
        "AccessionNumber",
        "StudyInstanceUID",
        "RequestedProcedureDescription",
        "InstitutionName",
        "RequestingPhysician",
        "ReferringPhysicianName",
    ),
    Kind.SERIES: (
        "SeriesDate",
        "SeriesTime",
        "Modality",
        "Manufacturer",
        "StationName",
        "SeriesDescription",
        "BodyPartExamined",
        "SequenceName",
        "ProtocolName",
        "SeriesNumber",
        "CardiacNumberOfImages",
        "ImagesInAcquisition",
        "NumberOfTemporalPositions",
        "NumberOfSlices",
        "NumberOfTimeSlices",
        "SeriesInstanceUID",
        "ImageOrientationPatient",
        "SeriesType",
        "OperatorsName",
        "PerformedProcedureStepDescription",
        "AcquisitionDeviceProcessingDescription",
        "ContrastBolusAgent",
    ),
    Kind.INSTANCE: (
        "InstanceCreationDate",
        "InstanceCreationTime",
        "AcquisitionNumber",
        "ImageIndex",
        "InstanceNumber",
        "NumberOfFrames",
        "TemporalPositionIdentifier",
        "SOPInstanceUID",
        "ImagePositionPatient",
        "ImageComments",
        "ImageOrientationPatient",
    ),
}

_TAGS = {
    kind: {keyword: dictionary.format_tag(dictionary.tag_of(keyword) or 0) for keyword in keywords}
    for kind, keywords in MAIN_TAGS.items()
}

_TAG = re.compile(r"([0-9A-Fa-f]{4})[,-]?([0-9A-Fa-f]{4})")

LONGEST = 256
"""Characters of a value that is shown; longer ones are left out."""

Record = Mapping[str, Mapping[str, Any]]


def tag_named(name: str) -> int | None:
    """The tag of a keyword or a number, which may have a comma or hyphen in its middle; None when there is none."""
    number = _TAG.fullmatch(name)
    return dictionary.parse_tag(number[1] + number[2] if number else name)


def record_of(text: bytes) -> Record:
    """DICOM JSON with numbers as they are written."""
    record: Record = json.loads(text, parse_float=str, parse_int=str)
    return record


def record_at(world: World, item: Item) -> Record:
    """The object that an item is described by, which of a patient is that of the first study."""
    entry = item.studies[0] if isinstance(item, Patient) else item
    return record_of(world.texts.get(entry.metadata))


def main_tags(record: Record, kind: Kind) -> dict[str, str]:
    """The main tags that the object has, by keyword, with an empty text for one without a value."""
    found = {keyword: text_of(record[tag]) for keyword, tag in _TAGS[kind].items() if tag in record}
    return {keyword: text for keyword, text in found.items() if len(text) <= LONGEST}


def text_of(attribute: Mapping[str, Any]) -> str:
    """All values of an attribute as DICOM writes them."""
    return "\\".join(_text(value) for value in attribute.get("Value") or ())


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        groups = [str(value.get(name) or "") for name in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(groups).rstrip("=")
    return "" if value is None else str(value)
