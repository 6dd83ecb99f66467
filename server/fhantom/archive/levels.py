"""To which level an attribute belongs, for `includefield=all`: a row shows what is true of all that it stands for.

The lists are the attributes of the modules of the Study and Series IEs in PS3.3; everything of the Patient IE lies in
group 0010. What stands in neither list is an attribute of the instance.
"""

from __future__ import annotations

from fhantom.archive.query import Level

PATIENT_GROUP = "0010"

STUDY_ATTRIBUTES = frozenset(
    (
        # General Study, PS3.3 C.7.2.1
        "0020000D",  # StudyInstanceUID
        "00080020",  # StudyDate
        "00080030",  # StudyTime
        "00080050",  # AccessionNumber
        "00080051",  # IssuerOfAccessionNumberSequence
        "00080090",  # ReferringPhysicianName
        "00080096",  # ReferringPhysicianIdentificationSequence
        "0008009C",  # ConsultingPhysicianName
        "0008009D",  # ConsultingPhysicianIdentificationSequence
        "00081030",  # StudyDescription
        "00081032",  # ProcedureCodeSequence
        "00081048",  # PhysiciansOfRecord
        "00081049",  # PhysiciansOfRecordIdentificationSequence
        "00081060",  # NameOfPhysiciansReadingStudy
        "00081062",  # PhysiciansReadingStudyIdentificationSequence
        "00081110",  # ReferencedStudySequence
        "00200010",  # StudyID
        "00321033",  # RequestingService
        "00321034",  # RequestingServiceCodeSequence
        "00401012",  # ReasonForPerformedProcedureCodeSequence
        # Patient Study, PS3.3 C.7.2.2 (its attributes of group 0010 aside)
        "00081080",  # AdmittingDiagnosesDescription
        "00081084",  # AdmittingDiagnosesCodeSequence
        "00321066",  # ReasonForVisit
        "00321067",  # ReasonForVisitCodeSequence
        "00380010",  # AdmissionID
        "00380014",  # IssuerOfAdmissionIDSequence
        "00380060",  # ServiceEpisodeID
        "00380062",  # ServiceEpisodeDescription
        "00380064",  # IssuerOfServiceEpisodeIDSequence
        "00380500",  # PatientState
        # Clinical Trial Subject and Study, PS3.3 C.7.1.3 and C.7.2.3
        "00120010",  # ClinicalTrialSponsorName
        "00120020",  # ClinicalTrialProtocolID
        "00120021",  # ClinicalTrialProtocolName
        "00120030",  # ClinicalTrialSiteID
        "00120031",  # ClinicalTrialSiteName
        "00120040",  # ClinicalTrialSubjectID
        "00120042",  # ClinicalTrialSubjectReadingID
        "00120050",  # ClinicalTrialTimePointID
        "00120051",  # ClinicalTrialTimePointDescription
        "00120062",  # PatientIdentityRemoved
        "00120063",  # DeidentificationMethod
        "00120064",  # DeidentificationMethodCodeSequence
        # SOP Common, PS3.3 C.12.1, where searches show it at every level
        "00080201",  # TimezoneOffsetFromUTC
    )
)

SERIES_ATTRIBUTES = frozenset(
    (
        # General Series, PS3.3 C.7.3.1
        "0020000E",  # SeriesInstanceUID
        "00080021",  # SeriesDate
        "00080031",  # SeriesTime
        "00080060",  # Modality
        "0008103E",  # SeriesDescription
        "0008103F",  # SeriesDescriptionCodeSequence
        "00081050",  # PerformingPhysicianName
        "00081052",  # PerformingPhysicianIdentificationSequence
        "00081070",  # OperatorsName
        "00081072",  # OperatorIdentificationSequence
        "00081111",  # ReferencedPerformedProcedureStepSequence
        "00081250",  # RelatedSeriesSequence
        "00180015",  # BodyPartExamined
        "00181030",  # ProtocolName
        "00185100",  # PatientPosition
        "00200011",  # SeriesNumber
        "00200060",  # Laterality
        "00280108",  # SmallestPixelValueInSeries
        "00280109",  # LargestPixelValueInSeries
        "00400244",  # PerformedProcedureStepStartDate
        "00400245",  # PerformedProcedureStepStartTime
        "00400250",  # PerformedProcedureStepEndDate
        "00400251",  # PerformedProcedureStepEndTime
        "00400253",  # PerformedProcedureStepID
        "00400254",  # PerformedProcedureStepDescription
        "00400260",  # PerformedProtocolCodeSequence
        "00400275",  # RequestAttributesSequence
        "00400280",  # CommentsOnThePerformedProcedureStep
        # General Equipment, PS3.3 C.7.5.1
        "00080070",  # Manufacturer
        "00080080",  # InstitutionName
        "00080081",  # InstitutionAddress
        "00081010",  # StationName
        "00081040",  # InstitutionalDepartmentName
        "00081090",  # ManufacturerModelName
        "00181000",  # DeviceSerialNumber
        "00181020",  # SoftwareVersions
        "00181050",  # SpatialResolution
        "00181200",  # DateOfLastCalibration
        "00181201",  # TimeOfLastCalibration
        "00280120",  # PixelPaddingValue
        # Frame of Reference, PS3.3 C.7.4.1
        "00200052",  # FrameOfReferenceUID
        "00201040",  # PositionReferenceIndicator
        # Clinical Trial Series, PS3.3 C.7.3.2
        "00120060",  # ClinicalTrialCoordinatingCenterName
        "00120071",  # ClinicalTrialSeriesID
        "00120072",  # ClinicalTrialSeriesDescription
    )
)


def level_of_attribute(tag: str) -> Level:
    """The highest level at which an attribute has one value for all that a row stands for."""
    if tag.startswith(PATIENT_GROUP) or tag in STUDY_ATTRIBUTES:
        return Level.STUDY
    return Level.SERIES if tag in SERIES_ATTRIBUTES else Level.INSTANCE
