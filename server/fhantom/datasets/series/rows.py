"""One row a series: every table of TCIA and IDC that tells of series, by the names of its columns."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.dicom.uids import is_uid
from fhantom.loading.report import Fate

KIND = "rows"

Note = Callable[[str, Fate, str, str], None]
"""Told kind, fate, name and reason of what is no row, as `Job.note` is."""

_MOST = 1_000_000  # instances that one series may be said to have

# Column, in small letters and digits only -> field. In turn as IDC's idc_index, NBIA's getSeries, and the CSV files of
# the NBIA Data Retriever (metadata.csv) and of a cart (digest) call it.
_COLUMNS: dict[str, str] = {
    "seriesinstanceuid": "series_instance_uid",
    "seriesuid": "series_instance_uid",
    "seriesid": "series_instance_uid",
    "studyinstanceuid": "study_instance_uid",
    "studyuid": "study_instance_uid",
    "collectionid": "collection",
    "collection": "collection",
    "patientid": "patient_id",
    "subjectid": "patient_id",
    "patientage": "patient_age",
    "patientsex": "patient_sex",
    "studydate": "study_date",
    "studydescription": "study_description",
    "studydesc": "study_description",
    "seriesdate": "series_date",
    "seriesdescription": "series_description",
    "seriesnumber": "series_number",
    "modality": "modality",
    "sopclassuid": "sop_class_uid",
    "transfersyntaxuid": "transfer_syntax_uid",
    "bodypartexamined": "body_part",
    "manufacturer": "manufacturer",
    "manufacturermodelname": "manufacturer_model",
    "instancecount": "instance_count",
    "imagecount": "instance_count",
    "numberofimages": "instance_count",
    "licenseshortname": "licence",
    "licensename": "licence",
    "licenseurl": "licence_url",
    "licenseuri": "licence_url",
    "sourcedoi": "doi",
    "datadescriptionuri": "doi",
    "collectionuri": "doi",
    "awsbucket": "bucket",
    "crdcseriesuuid": "crdc_series_uuid",
    "seriessizemb": "megabytes",
}
_JSON = (".json", ".ndjson", ".jsonl")
_NEEDED = frozenset({"series_instance_uid", "study_instance_uid", "patient_id"})
_DATES = (
    (re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:\D.*)?"), (1, 2, 3)),
    (re.compile(r"(\d\d)-(\d\d)-(\d{4})"), (3, 1, 2)),
)  # metadata.csv has the month first


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """What a table says of one series; "" where it says nothing, dates as DA has them.

    Attributes:
        collection: as the table spells it: `Soft-tissue-Sarcoma` of TCIA is `soft_tissue_sarcoma` of IDC.
        licence: as the table names it, short or long.
        doi: without `https://doi.org/`.
        bucket, crdc_series_uuid: where IDC has the files, `s3://<bucket>/<crdc_series_uuid>/`.
    """

    series_instance_uid: str
    study_instance_uid: str
    patient_id: str
    collection: str = ""
    patient_age: str = ""
    patient_sex: str = ""
    study_date: str = ""
    study_description: str = ""
    series_date: str = ""
    series_description: str = ""
    series_number: str = ""
    modality: str = ""
    sop_class_uid: str = ""
    transfer_syntax_uid: str = ""
    body_part: str = ""
    manufacturer: str = ""
    manufacturer_model: str = ""
    instance_count: int = 1
    licence: str = ""
    licence_url: str = ""
    doi: str = ""
    bucket: str = ""
    crdc_series_uuid: str = ""
    megabytes: float = 0.0


def collection_id(name: str) -> str:
    """The name of a collection as IDC writes it."""
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def row_of(values: Mapping[str, Any]) -> SeriesRow:
    """The series that one row, by any of these tables' columns, is about.

    Raises:
        ValueError: it names no series, study and patient, or a number is none; the message is for the user.
    """
    told: dict[str, Any] = {}
    for column, value in values.items():
        field = _field(column)
        text = "" if value is None else " ".join(str(value).split())
        if field and text and not told.get(field):
            told[field] = text
    for field in ("series_instance_uid", "study_instance_uid"):
        if not is_uid(told.get(field, "")):
            raise ValueError(f"its {field} is {told.get(field, '')[:80]!r}, which is no UID")
    if not told.get("patient_id"):
        raise ValueError("it names no patient")
    told |= {field: _date(told[field]) for field in ("study_date", "series_date") if field in told}
    if "instance_count" in told:
        told["instance_count"] = _count(told["instance_count"])
    if "megabytes" in told:
        told["megabytes"] = _number(told["megabytes"])
    if "doi" in told:
        told["doi"] = re.sub(r"^https?://(dx\.)?doi\.org/", "", told["doi"])
    told |= {field: "" for field in ("sop_class_uid", "transfer_syntax_uid") if not is_uid(told.get(field, ""))}
    return SeriesRow(**told)


def is_table(columns: list[str]) -> bool:
    """Whether rows with these columns are about series."""
    return {_field(column) for column in columns} >= _NEEDED


def rows_of(note: Note, piece: Piece) -> list[SeriesRow] | None:
    """The rows of a CSV, TSV, JSON or NDJSON file; bad ones are refused by line. None if it is about something else."""
    try:
        text = read(piece).decode("utf-8-sig")
        found = _json_values(text) if piece.name.lower().endswith(_JSON) else _csv_values(piece.name, text)
    except (Unfit, UnicodeDecodeError, csv.Error, ValueError) as error:
        note("tables", Fate.REFUSED, piece.name, f"it cannot be read: {error}")
        return []
    if not is_table(found.columns):
        return None
    rows = []
    for place, values in found.rows:
        try:
            if not isinstance(values, Mapping):
                raise ValueError("it is no whole row")
            rows.append(row_of(values))
        except ValueError as error:
            note(KIND, Fate.REFUSED, f"{piece.name} {place}", str(error))
    return rows


class _Values(NamedTuple):
    """A file taken apart: what its rows are called, and where they stand; a row that is none is None."""

    columns: list[str]
    rows: list[tuple[str, Any]]


def _csv_values(name: str, text: str) -> _Values:
    reader = csv.DictReader(io.StringIO(text), dialect="excel-tab" if name.lower().endswith(".tsv") else "excel")
    rows = []
    for row in reader:
        # What has more or fewer values than there are columns broke off, or has a comma too many.
        is_whole = None not in row and None not in row.values()
        rows.append((f"line {reader.line_num}", row if is_whole else None))
    return _Values(list(reader.fieldnames or ()), rows)


def _json_values(text: str) -> _Values:
    """An array of rows, or a row on each line."""
    if text.lstrip().startswith("["):
        rows = [(f"row {number}", row) for number, row in enumerate(json.loads(text), start=1)]
    else:
        lines = enumerate(text.splitlines(), start=1)
        rows = [(f"line {number}", _parsed(line)) for number, line in lines if line.strip()]
    columns = {str(column): None for _, row in rows if isinstance(row, Mapping) for column in row}
    return _Values(list(columns), rows)


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _field(column: str | None) -> str | None:
    return _COLUMNS.get(re.sub(r"[^a-z0-9]", "", str(column).lower()))


def _date(text: str) -> str:
    for form, order in _DATES:
        if found := form.fullmatch(text):
            return "".join(found[part] for part in order)
    return ""


def _count(text: str) -> int:
    number = _number(text)
    if not 0 < number <= _MOST or number != int(number):
        raise ValueError(f"{text!r} is no number of instances")
    return int(number)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise ValueError(f"{text[:80]!r} is no number") from None
