"""The basic confidentiality profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.sequence import Sequence

from dicom.dicom_samples import UNCOMPRESSED, dataset, image, oracle, readable_files, written
from fhantom import dicom
from fhantom.dicom import pixel_layout
from fhantom.dicom.deidentifying import deidentify

NAME, PATIENT_ID, BIRTH_DATE, COMMENTS = 0x00100010, 0x00100020, 0x00100030, 0x00104000


def identified(syntax: str = UNCOMPRESSED["explicit"]) -> bytes:
    made = image(
        PatientName="Doe^Jane",
        PatientID="SECRET",
        PatientBirthDate="19700101",
        PatientComments="lives in SECRET street",
        StudyDate="20200101",
        Modality="CT",
        SliceThickness="1.5",
        InstitutionName="SECRET hospital",
    )
    made.private_block(0x0009, "ACME", create=True).add_new(1, "LO", "SECRET")
    made.ReferencedImageSequence = Sequence([dataset(ReferencedSOPInstanceUID="2.25.3", PatientID="SECRET")])
    return written(made, syntax)


@pytest.mark.parametrize("syntax", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
def test_what_identifies_is_gone_and_what_describes_stays(syntax: str) -> None:
    content = deidentify(dicom.read(identified(syntax)))
    file = dicom.read(content)
    assert file.transfer_syntax.uid == syntax
    read = file.dataset
    assert (read.text(NAME), read.text(0x00080020), read.text(0x00080080)) == ("", "", "ANONYMIZED")
    assert COMMENTS not in read and 0x00091001 not in read and 0x00090010 not in read
    assert (read.text(0x00080060), read.text(0x00180050)) == ("CT", "1.5")
    assert read.raw(0x7FE00010) == dicom.read(identified(syntax)).dataset.raw(0x7FE00010)
    assert syntax == UNCOMPRESSED["deflated"] or b"SECRET" not in content


def test_uids_become_others_that_still_refer_to_each_other() -> None:
    read = dicom.read(deidentify(dicom.read(identified()))).dataset
    sop_instance_uid = read.text(0x00080018)
    (reference,) = read.items_of(0x00081140)
    assert sop_instance_uid not in ("", "2.25.3")
    assert reference.text(0x00081155) == sop_instance_uid
    assert read.text(0x00080016) == "1.2.840.10008.5.1.4.1.1.7", "classes are no instances"


def test_items_are_cleaned_as_well() -> None:
    (item,) = dicom.read(deidentify(dicom.read(identified()))).dataset.items_of(0x00081140)
    assert item.text(PATIENT_ID) == "ANONYMIZED"


def test_the_object_says_that_it_was_deidentified() -> None:
    read = dicom.read(deidentify(dicom.read(identified()))).dataset
    assert read.text(0x00120062) == "YES"
    (code,) = read.items_of(0x00120064)
    assert (code.text(0x00080100), code.text(0x00080102)) == ("113100", "DCM")


def test_the_same_file_becomes_the_same_again() -> None:
    assert deidentify(dicom.read(identified())) == deidentify(dicom.read(identified()))


@pytest.mark.parametrize("path", readable_files(), ids=lambda path: path.name)
def test_pydicoms_files_can_be_deidentified_and_keep_their_frames(path: Path) -> None:
    source = dicom.read(path.read_bytes())
    content = deidentify(source)
    file = dicom.read(content)
    assert not file.dataset.text(NAME)
    assert oracle(content) is not None
    try:
        before = pixel_layout.of(source)
    except dicom.DicomError:
        return
    after = pixel_layout.of(file)
    if before is not None and after is not None:
        first = pixel_layout.frame_bytes(source.dataset, before, 1)
        assert pixel_layout.frame_bytes(file.dataset, after, 1).rstrip(b"\0") == first.rstrip(b"\0")
