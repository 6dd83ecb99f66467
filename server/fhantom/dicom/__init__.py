"""The DICOM file format, pure: elements, DICOM JSON, Native DICOM Model XML, dictionary, UIDs, writing.

    buffer ── reader.read ──► DicomFile(meta, dataset, transfer_syntax)
                                  │    dataset: tag -> Element(vr, offset, length, items, fragments)
                                  ├── dataset.values, text, integer    decoded text
                                  ├── dicom_json.encode ──► bytes ── rebase ──► answer of /metadata
                                  ├── bulkdata.locate, pieces          bytes by tag path
                                  ├── pixel_layout.of, frame_bytes     where each frame lies
                                  ├── rewriting.rewrite                another transfer syntax, other pixels
                                  ├── editing.edit                     other attributes
                                  └── deidentifying.deidentify         the same without the patient

    record (parsed DICOM JSON) ◄── records.parse_json, native_xml.parse
        ├── records.values_of, text                    the same text as from bytes
        ├── native_xml.encode ──► NativeDicomModel
        ├── assembling.assemble ──► Part 10 file, with bulk data that came apart
        └── dicomdir.write_dicomdir ──► DICOMDIR of several

Nothing here opens a file, knows HTTP or decodes pixels. Tags are ints (0x00100020), UIDs and VRs are str.
"""

from __future__ import annotations

from fhantom.dicom.dataset import Dataset, DicomFile, Element, Span
from fhantom.dicom.errors import DicomError, LimitExceeded, NotDicom, Truncated, UnsupportedTransferSyntax
from fhantom.dicom.reader import read, read_dataset
from fhantom.dicom.syntaxes import TransferSyntax, transfer_syntax

__all__ = [
    "Dataset",
    "DicomError",
    "DicomFile",
    "Element",
    "LimitExceeded",
    "NotDicom",
    "Span",
    "TransferSyntax",
    "Truncated",
    "UnsupportedTransferSyntax",
    "read",
    "read_dataset",
    "transfer_syntax",
]
