"""Choosing among series: the installed index of IDC by duckdb, a table that is at hand by SQLite, both by one SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.series.rows import SeriesRow, collection_id, row_of
from fhantom.loading.report import Fate

MISSING = "the index of IDC is not installed: pip install 'fhantom[idc]'"

_AT_ONCE = 500  # UIDs in one statement

# Field of a SeriesRow -> column of idc_index, which --where may name
_COLUMNS: dict[str, str] = {
    "collection": "collection_id",
    "patient_id": "PatientID",
    "study_instance_uid": "StudyInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "patient_age": "PatientAge",
    "patient_sex": "PatientSex",
    "study_date": "StudyDate",
    "study_description": "StudyDescription",
    "series_date": "SeriesDate",
    "series_description": "SeriesDescription",
    "series_number": "SeriesNumber",
    "modality": "Modality",
    "sop_class_uid": "SOPClassUID",
    "transfer_syntax_uid": "TransferSyntaxUID",
    "body_part": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "manufacturer_model": "ManufacturerModelName",
    "instance_count": "instanceCount",
    "licence": "license_short_name",
    "doi": "source_DOI",
    "bucket": "aws_bucket",
    "crdc_series_uuid": "crdc_series_uuid",
    "megabytes": "series_size_MB",
}
_FLAGS = ("collection", "modality", "patient", "study", "series")  # options whose values may be several, by commas


class _Connection(Protocol):
    """What SQLite and duckdb have in common."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which series are wanted; all of them if nothing is said.

    Attributes:
        where: an SQL condition over the columns of idc_index.
    """

    collection: tuple[str, ...] = ()
    modality: tuple[str, ...] = ()
    patient: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    where: str = ""

    @classmethod
    def of(cls, job: Job) -> Selection:
        """What the flags of a load say."""
        told = {flag: tuple(part.strip() for part in (job.option(flag) or "").split(",")) for flag in _FLAGS}
        kept = {flag: tuple(part for part in parts if part) for flag, parts in told.items()}
        return cls(**kept, where=job.option("where") or "")

    @property
    def is_everything(self) -> bool:
        """Whether nothing is said."""
        return self == Selection()

    def condition(self) -> tuple[str, list[str]]:
        """As SQL with its parameters."""
        by_column = {
            "collection_id": [collection_id(name) for name in self.collection],
            "Modality": [code.upper() for code in self.modality],
            "PatientID": list(self.patient),
            "StudyInstanceUID": list(self.study),
            "SeriesInstanceUID": list(self.series),
        }
        parts = [f"{column} IN ({_marks(values)})" for column, values in by_column.items() if values]
        # In lines of its own, so that a comment at its end does not swallow the bracket.
        parts += [f"(\n{self.where}\n)"] if self.where else []
        return " AND ".join(parts) or "1 = 1", [value for values in by_column.values() for value in values]


class Index:
    """Series to choose among."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    @classmethod
    def of_rows(cls, rows: Iterable[SeriesRow]) -> Index:
        """Of rows that are at hand."""
        connection = sqlite3.connect(":memory:")
        connection.execute(f"CREATE TABLE series ({', '.join(_COLUMNS.values())})")
        kept = [tuple(_stored(row, field) for field in _COLUMNS) for row in rows]
        connection.executemany(f"INSERT INTO series VALUES ({_marks(_COLUMNS)})", kept)
        return cls(connection)

    @classmethod
    def of_parquet(cls, path: Path) -> Index:
        """Of a file in the form of idc_index.parquet. Raises Unusable."""
        try:
            import duckdb
        except ImportError:
            raise Unusable(f"to read {path.name}, {MISSING}") from None
        connection = duckdb.connect()
        try:
            quoted = str(path).replace("'", "''")
            connection.execute(f"CREATE VIEW series AS SELECT * FROM read_parquet('{quoted}')")
            connection.execute(f"SELECT {', '.join(_COLUMNS.values())} FROM series LIMIT 1")
        except duckdb.Error as error:
            raise Unusable(f"{path} is no index of IDC: {_first_line(error)}") from None
        return cls(connection)

    def select(self, selection: Selection, note: Job | None = None) -> list[SeriesRow]:
        """The series that are wanted, study by study.

        Args:
            note: whose report is told of rows that are not whole.

        Raises:
            Unusable: the condition is no SQL.
        """
        where, parameters = selection.condition()
        order = "collection_id, PatientID, StudyInstanceUID, SeriesInstanceUID"
        try:
            asked = f"SELECT {', '.join(_COLUMNS.values())} FROM series WHERE {where} ORDER BY {order}"
            found = self._connection.execute(asked, parameters).fetchall()
        except Exception as error:  # duckdb and SQLite have no other base in common
            raise Unusable(f"the selection cannot be made: {_first_line(error)}") from None
        rows = []
        for values in found:
            try:
                rows.append(row_of(dict(zip(_COLUMNS.values(), values, strict=True))))
            except ValueError as error:
                if note is not None:
                    note.note("rows", Fate.REFUSED, str(values[3]), str(error))
        return rows

    def series(self, uids: Sequence[str]) -> list[SeriesRow]:
        """The rows of these series, as far as they are known."""
        return self._among("SeriesInstanceUID", uids)

    def of_studies(self, uids: Sequence[str]) -> list[SeriesRow]:
        """The rows of all series of these studies."""
        return self._among("StudyInstanceUID", uids)

    def downloads(self, uuids: Sequence[str]) -> list[SeriesRow]:
        """The rows of series by the names of their folders in IDC's buckets."""
        return self._among("crdc_series_uuid", uuids)

    def _among(self, column: str, values: Sequence[str]) -> list[SeriesRow]:
        rows: list[SeriesRow] = []
        for at in range(0, len(values), _AT_ONCE):
            listed = ", ".join(f"'{value}'" for value in values[at : at + _AT_ONCE] if "'" not in value)
            rows += self.select(Selection(where=f"{column} IN ({listed})")) if listed else []
        return rows


def installed_parquet() -> Path:
    """Where the installed index lies.

    Raises:
        Unusable: none is installed.
    """
    try:
        import duckdb  # noqa: F401  # without a reader the index is of no use
        import idc_index_data
    except ImportError:
        raise Unusable(f"{MISSING}, or name a table by --from") from None
    return Path(str(idc_index_data.IDC_INDEX_PARQUET_FILEPATH))


def installed() -> Index | None:
    """The index of all series, if it is installed."""
    try:
        return Index.of_parquet(installed_parquet())
    except Unusable:
        return None


def first_studies(rows: Sequence[SeriesRow], limit: int | None) -> list[SeriesRow]:
    """The rows of the first so many studies."""
    if limit is None:
        return list(rows)
    studies = list(dict.fromkeys(row.study_instance_uid for row in rows))[:limit]
    wanted = set(studies)
    return [row for row in rows if row.study_instance_uid in wanted]


def _stored(row: SeriesRow, field: str) -> Any:
    value = getattr(row, field)
    if field == "collection":
        return collection_id(value)
    if field.endswith("_date") and value:
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
