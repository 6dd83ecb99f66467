"""What every object of the seed has in common: patient, study, series, equipment, file meta."""

from __future__ import annotations

import io
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import UID

from fhantom_seed.facts import invented_uid
from fhantom_seed.plan import PlannedInstance, PlannedSeries, PlannedStudy

SYNTHETIC = "Synthetic, made by fhantom; not a person"
IMPLEMENTATION_CLASS_UID = invented_uid("implementation")
SEXES = {"male": "M", "female": "F", "other": "O"}

# facts/series.tsv writes transfer syntaxes in short (PS3.5 8 and 10, PS3.6 A)
SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big-endian": "1.2.840.10008.1.2.2",
    "jpeg": "1.2.840.10008.1.2.4.50",
    "jpeg-process-14": "1.2.840.10008.1.2.4.57",
    "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jls": "1.2.840.10008.1.2.4.80",
    "j2k": "1.2.840.10008.1.2.4.90",
    "j2k-lossy": "1.2.840.10008.1.2.4.91",
    "mpeg4": "1.2.840.10008.1.2.4.102",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "rle": "1.2.840.10008.1.2.5",
}


def item(**elements: Any) -> Dataset:
    """A data set of the given keywords."""
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def put(dataset: Dataset, **elements: Any) -> Dataset:
    """Set elements by keyword."""
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence (PS3.3 8.8)."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def codes(value: str, scheme: str, meaning: str) -> Sequence:
    """A code sequence of one item."""
    return Sequence([code(value, scheme, meaning)])


def study_date(study: PlannedStudy) -> str:
    return study.fact.started[:10].replace("-", "")


def study_time(study: PlannedStudy) -> str:
    return (study.fact.started[11:19] or study.fact.time or "12:00:00").replace(":", "")


def accession_number(study: PlannedStudy) -> str:
    """The accession number as VR SH holds it: of 17 characters, the `a` that FHIR ids need is left off."""
    accession = study.fact.accession
    return accession if len(accession) <= 16 else accession.removeprefix("a")


def _age(study: PlannedStudy) -> str:
    years = int(study.fact.started[:4]) - int(study.patient.birth_date[:4])
    return f"{years:03d}Y"


def new_object(study: PlannedStudy, series: PlannedSeries, instance: PlannedInstance) -> Dataset:
    """A data set with patient, study, series and SOP common modules filled (PS3.3 C.7.1 to C.7.5, C.12.1)."""
    patient, fact = study.patient, series.fact
    dataset = item(
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=instance.sop_class_uid,
        SOPInstanceUID=instance.uid,
        StudyDate=study_date(study),
        SeriesDate=study_date(study),
        ContentDate=study_date(study),
        StudyTime=study_time(study),
        SeriesTime=study_time(study),
        ContentTime=study_time(study),
        AccessionNumber=accession_number(study),
        Modality=fact.modality,
        Manufacturer="fhantom",
        ManufacturerModelName="body phantom",
        DeviceSerialNumber="1",
        SoftwareVersions="1",
        ReferringPhysicianName="SIIM^Provider^^^MD",
        StudyDescription=study.fact.description,
        SeriesDescription=fact.description,
        PatientName=f"SIIM^{patient.given}",
        PatientID=patient.mrn,
        IssuerOfPatientID=patient.assigner,
        PatientBirthDate=patient.birth_date.replace("-", ""),
        PatientSex=SEXES[patient.gender],
        PatientAge=_age(study),
        PatientComments=SYNTHETIC,
        StudyInstanceUID=study.uid,
        SeriesInstanceUID=series.uid,
        StudyID="1",
        SeriesNumber=fact.number,
        InstanceNumber=instance.number,
    )
    dataset.file_meta = _file_meta(instance, SYNTAXES[fact.syntax])
    return dataset


def _file_meta(instance: PlannedInstance, transfer_syntax_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(instance.sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(instance.uid)
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = "FHANTOM_SEED"
    return meta


def part10(dataset: Dataset) -> bytes:
    """The object as a file (PS3.10 7.1)."""
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
