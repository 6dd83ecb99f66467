"""Small DICOM objects for tests, made with pydicom, and STOW bodies that carry them."""

from __future__ import annotations

import io
import warnings
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.8.498.4711"
BOUNDARY = "fhantom-test-boundary"
MULTIPART = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


def dataset(study: int = 1, series: int = 1, number: int = 1, **attributes: Any) -> Dataset:
    """A CT slice of 4 x 4; a keyword given as None leaves the attribute out."""
    made = Dataset()
    values: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{ROOT}.{study}.{series}.{number}",
        "StudyDate": "20200115",
        "StudyTime": "101500",
        "AccessionNumber": f"ACC{study}",
        "Modality": "CT",
        "ReferringPhysicianName": "House^Gregory",
        "StudyDescription": "CT Head",
        "SeriesDescription": "Axial",
        "PatientName": f"Doe^John^{study}",
        "PatientID": f"P{study}",
        "PatientBirthDate": "19700101",
        "PatientSex": "M",
        "StudyInstanceUID": f"{ROOT}.{study}",
        "SeriesInstanceUID": f"{ROOT}.{study}.{series}",
        "StudyID": str(study),
        "SeriesNumber": str(series),
        "InstanceNumber": str(number),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 4,
        "Columns": 4,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": bytes(range(16)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of values that tests give on purpose
        for keyword, value in {**values, **attributes}.items():
            if value is not None:
                setattr(made, keyword, value)
    if "PixelData" in made:
        made["PixelData"].VR = "OB"
    return made


def encoded(made: Dataset) -> bytes:
    """The data set as a Part 10 file in Explicit VR Little Endian."""
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.get("SOPClassUID") or CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.get("SOPInstanceUID") or "1.2.3"
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.ImplementationClassUID = f"{ROOT}.0"
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def instance(study: int = 1, series: int = 1, number: int = 1, **attributes: Any) -> bytes:
    """The file of such a slice."""
    return encoded(dataset(study, series, number, **attributes))


def multipart(*bodies: bytes, part_type: str | None = "application/dicom", closed: bool = True) -> bytes:
    """The files as the body of a STOW request of type `MULTIPART`."""
    header = f"\r\nContent-Type: {part_type}" if part_type else ""
    parts = [f"--{BOUNDARY}{header}\r\n\r\n".encode() + body + b"\r\n" for body in bodies]
    return b"".join(parts) + (f"--{BOUNDARY}--\r\n".encode() if closed else b"")
