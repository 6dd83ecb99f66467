"""Data sets and files for the tests of the DICOM room, written by pydicom, which is the oracle."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from fhantom import dicom
from fhantom.dicom import syntaxes

PYDICOM_FILES = Path(pydicom.__file__).parent / "data"
IMPLICIT = syntaxes.IMPLICIT_VR_LITTLE_ENDIAN
EXPLICIT = syntaxes.EXPLICIT_VR_LITTLE_ENDIAN
BIG_ENDIAN = syntaxes.EXPLICIT_VR_BIG_ENDIAN
DEFLATED = syntaxes.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
UNCOMPRESSED = {"implicit": IMPLICIT, "explicit": EXPLICIT, "big endian": BIG_ENDIAN, "deflated": DEFLATED}


def dataset(**attributes: Any) -> Dataset:
    """A data set with the UIDs that an instance needs, and these attributes by keyword."""
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    made.SOPInstanceUID = "2.25.3"
    made.StudyInstanceUID = "2.25.1"
    made.SeriesInstanceUID = "2.25.2"
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def image(frames: int = 1, rows: int = 3, columns: int = 5, bits: int = 8, **attributes: Any) -> Dataset:
    """An uncompressed grey image whose bytes count up."""
    made = dataset(Rows=rows, Columns=columns, NumberOfFrames=frames, SamplesPerPixel=1, **attributes)
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = bits, bits, bits - 1, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    size = (frames * rows * columns * bits + 7) // 8
    made.PixelData = (bytes(range(256)) * (size // 256 + 1))[: size + size % 2]
    made["PixelData"].VR = "OW" if bits > 8 else "OB"
    return made


def written(content: Dataset, syntax: str = EXPLICIT) -> bytes:
    """The data set as a Part 10 file."""
    content.file_meta = FileMetaDataset()
    content.file_meta.TransferSyntaxUID = UID(syntax)
    content.file_meta.MediaStorageSOPClassUID = content.get("SOPClassUID", "1.2")
    content.file_meta.MediaStorageSOPInstanceUID = content.get("SOPInstanceUID", "1.2")
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(buffer, content, enforce_file_format=True)
    return buffer.getvalue()


def oracle(content: bytes) -> Dataset:
    """What pydicom reads, also without meta information."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(content), force=True)


def pydicom_files() -> list[Path]:
    """The DICOM files that pydicom ships."""
    found = (path for path in sorted(PYDICOM_FILES.rglob("*")) if path.is_file())
    return [path for path in found if path.suffix == ".dcm" or path.parent.parent.parent.name == "dicomdirtests"]


def readable_files(encapsulated: bool | None = None) -> list[Path]:
    """Those of them that our reader takes; of those with pixel data, the encapsulated or the other ones."""
    found = []
    for path in pydicom_files():
        try:
            element = dicom.read(path.read_bytes()).dataset.get(0x7FE00010)
        except dicom.DicomError:
            continue
        if encapsulated is None or (element is not None and (element.fragments is not None) == encapsulated):
            found.append(path)
    return found
