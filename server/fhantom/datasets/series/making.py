"""DICOM files for samples of TCIA and IDC, made of rows by the same mapping as records without pixels."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from fhantom.datasets.series.registering import records_of
from fhantom.datasets.series.rows import SeriesRow
from fhantom.dicom import syntaxes
from fhantom.dicom.uids import derived_uid
from fhantom.dicom.writing import write_record

_SIDE = 32


def files_of(row: SeriesRow) -> list[bytes]:
    """A file for each instance of a series of images: a ramp that is another one in each."""
    return [_file(record, row, number) for number, record in enumerate(records_of(row), start=1)]


def table_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV with the columns of the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _file(record: dict[str, Any], row: SeriesRow, number: int) -> bytes:
    pixels = bytes((column * 8 + line * number) % 256 for line in range(_SIDE) for column in range(_SIDE))
    made = {
        **record,
        "00080018": {"vr": "UI", "Value": [derived_uid("sample", row.series_instance_uid, str(number))]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": row.patient_id}]},
        "00120062": {"vr": "CS", "Value": ["YES"]},
        "00280002": {"vr": "US", "Value": [1]},
        "00280004": {"vr": "CS", "Value": ["MONOCHROME2"]},
        "00280010": {"vr": "US", "Value": [_SIDE]},
        "00280011": {"vr": "US", "Value": [_SIDE]},
        "00280100": {"vr": "US", "Value": [8]},
        "00280101": {"vr": "US", "Value": [8]},
        "00280102": {"vr": "US", "Value": [7]},
        "00280103": {"vr": "US", "Value": [0]},
        "7FE00010": {"vr": "OB", "BulkDataURI": "pixels"},
    }
    syntax = syntaxes.transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN)
    return write_record(dict(sorted(made.items())), syntax, lambda uri: pixels)
