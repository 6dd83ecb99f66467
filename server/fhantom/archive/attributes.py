"""Which attributes a search returns unasked, and which ones have a column of their own.

The default attributes are Orthanc's main DICOM tags as its DICOMweb plugin returns them (recorded from 1.10.1 with
plugin 1.7); PS3.18 table 10.6.3-3 to 10.6.3-5 would have some more, which come by `includefield`.
"""

from __future__ import annotations

from typing import NamedTuple

from fhantom.archive.query import Level

DEFAULT: dict[Level, tuple[str, ...]] = {
    Level.STUDY: (
        "00080020",  # StudyDate
        "00080030",  # StudyTime
        "00080050",  # AccessionNumber
        "00080056",  # InstanceAvailability
        "00080090",  # ReferringPhysicianName
        "00080201",  # TimezoneOffsetFromUTC
        "00100010",  # PatientName
        "00100020",  # PatientID
        "00100030",  # PatientBirthDate
        "00100040",  # PatientSex
        "0020000D",  # StudyInstanceUID
        "00200010",  # StudyID
    ),
    Level.SERIES: (
        "00080060",  # Modality
        "0008103E",  # SeriesDescription
        "0020000E",  # SeriesInstanceUID
        "00200011",  # SeriesNumber
        "00400244",  # PerformedProcedureStepStartDate
        "00400245",  # PerformedProcedureStepStartTime
    ),
    Level.INSTANCE: (
        "00080016",  # SOPClassUID
        "00080018",  # SOPInstanceUID
        "00200013",  # InstanceNumber
        "00280008",  # NumberOfFrames
        "00280010",  # Rows
        "00280011",  # Columns
        "00280100",  # BitsAllocated
    ),
}

STUDY_INSTANCE_UID = "0020000D"
SERIES_INSTANCE_UID = "0020000E"
MODALITIES_IN_STUDY = "00080061"
NUMBER_OF_STUDY_RELATED_SERIES = "00201206"
NUMBER_OF_STUDY_RELATED_INSTANCES = "00201208"
NUMBER_OF_SERIES_RELATED_INSTANCES = "00201209"
AVAILABLE_TRANSFER_SYNTAX_UID = "00083002"
INSTANCE_AVAILABILITY = "00080056"
TIMEZONE_OFFSET_FROM_UTC = "00080201"
"""Of the study, but a row of any level carries it (recorded from Orthanc)."""


class Column(NamedTuple):
    """Where the values of an attribute are found without opening its DICOM JSON.

    Attributes:
        level: whose table it stands in.
        name: of the column.
        stored: False for a count, which no object carries.
    """

    level: Level
    name: str
    stored: bool = True


COLUMNS: dict[str, Column] = {
    "00080020": Column(Level.STUDY, "study_date"),
    "00080030": Column(Level.STUDY, "study_time"),
    "00080050": Column(Level.STUDY, "accession_number"),
    "00080090": Column(Level.STUDY, "referring_physician_name"),
    "00081030": Column(Level.STUDY, "study_description"),
    "00100010": Column(Level.STUDY, "patient_name"),
    "00100020": Column(Level.STUDY, "patient_id"),
    "00100030": Column(Level.STUDY, "patient_birth_date"),
    "00100040": Column(Level.STUDY, "patient_sex"),
    "0020000D": Column(Level.STUDY, "study_instance_uid"),
    "00200010": Column(Level.STUDY, "study_id"),
    NUMBER_OF_STUDY_RELATED_SERIES: Column(Level.STUDY, "number_of_series", stored=False),
    NUMBER_OF_STUDY_RELATED_INSTANCES: Column(Level.STUDY, "number_of_instances", stored=False),
    "00080060": Column(Level.SERIES, "modality"),
    "0008103E": Column(Level.SERIES, "series_description"),
    "00180015": Column(Level.SERIES, "body_part_examined"),
    "0020000E": Column(Level.SERIES, "series_instance_uid"),
    "00200011": Column(Level.SERIES, "series_number"),
    "00400244": Column(Level.SERIES, "performed_procedure_step_start_date"),
    "00400245": Column(Level.SERIES, "performed_procedure_step_start_time"),
    NUMBER_OF_SERIES_RELATED_INSTANCES: Column(Level.SERIES, "number_of_instances", stored=False),
    "00080016": Column(Level.INSTANCE, "sop_class_uid"),
    "00080018": Column(Level.INSTANCE, "sop_instance_uid"),
    "00200013": Column(Level.INSTANCE, "instance_number"),
}
