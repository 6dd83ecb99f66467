"""The DICOM file format, pure: elements, DICOM JSON, Native DICOM Model XML, dictionary, UIDs, writing.

    buffer ── reader.read ──► DicomFile(meta, dataset, transfer_syntax)
                                  │    dataset: tag -> Element(vr, offset, length, items, fragments)
                                  ├── dataset.values, text, integer    decoded text, for search
                                  ├── dicom_json.encode ──► bytes ── rebase ──► answer of /metadata
                                  ├── bulkdata.locate                  bytes by tag path
                                  ├── pixel_layout.of                  where each frame lies
                                  └── rewriting.rewrite                another transfer syntax, other pixels

    record (parsed DICOM JSON) ◄── records.parse_json, native_xml.parse
        ├── records.values_of, text                    the same text as from bytes
        ├── native_xml.encode                          NativeDicomModel
        └── writing.write_record ──► Part 10 bytes

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
