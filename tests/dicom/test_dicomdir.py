"""DICOMDIR, as pydicom reads it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pydicom.fileset import FileSet

from dicom.dicom_samples import EXPLICIT, dataset, image, oracle, written
from fhantom import dicom
from fhantom.dicom import dicom_json, records
from fhantom.dicom.dicomdir import DirectoryEntry, record_type, write_dicomdir

SC = "1.2.840.10008.5.1.4.1.1.7"


def entry(number: int, patient: str, study: str, series: str) -> tuple[DirectoryEntry, bytes]:
    made = image(PatientID=patient, PatientName="Müller^Jörg", Modality="OT", StudyDate="20200101")
    made.StudyInstanceUID, made.SeriesInstanceUID, made.SOPInstanceUID = study, series, f"2.25.9.{number}"
    made.StudyTime, made.StudyID, made.SeriesNumber, made.InstanceNumber = "1200", "1", 1, number
    made.SpecificCharacterSet = "ISO_IR 100"
    content = written(made)
    (record,) = records.parse_json(dicom_json.encode(dicom.read(content).dataset))
    return DirectoryEntry(("DICOM", f"I{number:07}"), record, EXPLICIT), content


def test_pydicom_finds_every_instance_by_patient_study_and_series(tmp_path: Path) -> None:
    places = [
        ("P1", "2.25.1", "2.25.11"),
        ("P1", "2.25.1", "2.25.12"),
        ("P2", "2.25.2", "2.25.21"),
        ("P1", "2.25.3", "2.25.31"),
    ]
    made = [entry(number, *place) for number, place in enumerate(places, start=1)]
    (tmp_path / "DICOM").mkdir()
    for item, content in made:
        tmp_path.joinpath(*item.file_id).write_bytes(content)
    (tmp_path / "DICOMDIR").write_bytes(write_dicomdir([item for item, _ in made], "FHANTOM"))

    file_set = FileSet(tmp_path / "DICOMDIR")
    assert file_set.ID == "FHANTOM"
    found = {(node.PatientID, node.StudyInstanceUID, node.SeriesInstanceUID) for node in file_set}
    assert found == set(places)
    assert {str(node.load().PatientName) for node in file_set} == {"Müller^Jörg"}
    file_set._stage["t"].cleanup()  # pydicom leaves it to the collector, which warns


def test_names_are_readable_in_the_directory_itself() -> None:
    read = oracle(write_dicomdir([entry(1, "P1", "2.25.1", "2.25.11")[0]]))
    patient = read.DirectoryRecordSequence[0]
    assert (patient.DirectoryRecordType, str(patient.PatientName)) == ("PATIENT", "Müller^Jörg")
    assert read.file_meta.MediaStorageSOPClassUID == "1.2.840.10008.1.3.10"


def test_what_an_instance_does_not_say_stands_without_a_value() -> None:
    content = written(dataset(PatientID="P1"))
    (record,) = records.parse_json(dicom_json.encode(dicom.read(content).dataset))
    read = oracle(write_dicomdir([DirectoryEntry(("A",), record, EXPLICIT)]))
    patient, study, series, _ = read.DirectoryRecordSequence
    assert (patient.PatientName, study.StudyDate, study.AccessionNumber, series.Modality) == ("", "", "", "")
    assert (patient.PatientID, study.StudyInstanceUID) == ("P1", "2.25.1")


def test_an_empty_set_has_an_empty_directory() -> None:
    read = oracle(write_dicomdir([]))
    assert len(read.DirectoryRecordSequence) == 0
    assert read.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity == 0


def test_a_directory_is_no_instance_to_store() -> None:
    file = dicom.read(io.BytesIO(write_dicomdir([entry(1, "P", "2.25.1", "2.25.2")[0]])).getvalue())
    assert file.sop_instance_uid == dataset().get("Nothing", "")


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("2", "IMAGE"),
        ("66", "RAW DATA"),
        ("66.4", "IMAGE"),
        ("11.1", "PRESENTATION"),
        ("88.22", "SR DOCUMENT"),
        ("88.59", "KEY OBJECT DOC"),
        ("481.3", "RT STRUCTURE SET"),
        ("481.4", "RT TREAT RECORD"),
        ("104.1", "ENCAP DOC"),
        ("9.1.1", "WAVEFORM"),
    ],
    ids=str,
)
def test_an_instance_has_the_record_type_of_its_class(suffix: str, kind: str) -> None:
    assert record_type(f"1.2.840.10008.5.1.4.1.1.{suffix}") == kind


def test_a_class_of_someone_else_is_an_image() -> None:
    assert record_type("1.2.3") == "IMAGE"
