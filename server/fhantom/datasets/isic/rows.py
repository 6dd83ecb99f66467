"""The CSV files: every form of them that the challenge and Kaggle have had, told apart by their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from fhantom.datasets.job import Job
from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.loading.report import Fate

KIND = "CSV rows"

# Column of a file -> field of a Row: GroundTruth (v1, v2), Kaggle's train and test, and the challenge's test metadata.
_COLUMNS: dict[str, str] = {
    "image_name": "image",
    "image": "image",
    "isic_id": "image",
    "patient_id": "patient",
    "patient": "patient",
    "lesion_id": "lesion",
    "sex": "sex",
    "age_approx": "age",
    "anatom_site_general_challenge": "site",
    "anatom_site_general": "site",
    "diagnosis": "diagnosis",
    "benign_malignant": "benign_malignant",
}
_DUPLICATES = ("image_name_1", "image_name_2")


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one photograph; "" where the CSV says nothing, age in years as the patient gave it."""

    image: str
    patient: str
    lesion: str = ""
    sex: str = ""
    age: int | None = None
    site: str = ""
    diagnosis: str = ""
    benign_malignant: str = ""

    def as_dict(self) -> dict[str, object]:
        """Its fields, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class Tables:
    """All CSV files together: rows by image, and which image is a copy of which."""

    rows: dict[str, Row]
    duplicates: dict[str, str]


def tables_of(job: Job, pieces: Iterable[Piece]) -> Tables:
    """Read the CSV files; a bad row is refused with its line, a file that is none of the set's is skipped."""
    found = Tables({}, {})
    for piece in pieces:
        try:
            reader = csv.DictReader(io.StringIO(read(piece).decode("utf-8-sig")))
            names = [name.strip() for name in reader.fieldnames or ()]
        except (Unfit, UnicodeDecodeError, csv.Error) as error:
            job.note("tables", Fate.REFUSED, piece.name, f"it cannot be read: {error}")
            continue
        fields = {name: _COLUMNS[name] for name in names if name in _COLUMNS}
        if set(_DUPLICATES) <= set(names):
            found.duplicates |= {row[_DUPLICATES[1]]: row[_DUPLICATES[0]] for _, row in _whole(job, piece, reader)}
        elif {"image", "patient"} <= set(fields.values()):
            _add_rows(job, piece, _whole(job, piece, reader), fields, found.rows)
        else:
            job.note("tables", Fate.SKIPPED, piece.name, "it has no columns for image and patient")
    return found


def _whole(job: Job, piece: Piece, reader: csv.DictReader[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        for row in reader:
            if None in row or None in row.values():
                reason = "it has not as many values as there are columns"
                job.note(KIND, Fate.REFUSED, f"{piece.name} line {reader.line_num}", reason)
            else:
                yield reader.line_num, {str(name).strip(): value.strip() for name, value in row.items()}
    except csv.Error as error:
        job.note(KIND, Fate.REFUSED, f"{piece.name} line {reader.line_num}", str(error))


def _add_rows(
    job: Job,
    piece: Piece,
    lines: Iterable[tuple[int, Mapping[str, str]]],
    fields: Mapping[str, str],
    rows: dict[str, Row],
) -> None:
    for line, values in lines:
        try:
            row = _row({field: values[name] for name, field in fields.items()})
        except ValueError as error:
            job.note(KIND, Fate.REFUSED, f"{piece.name} line {line}", str(error))
            continue
        known = rows.get(row.image)
        # Of two files the one that tells more of an image counts: v2 has lesions, test metadata has no diagnosis.
        if known is None or _told(row) > _told(known):
            rows[row.image] = row


def _row(values: Mapping[str, str]) -> Row:
    if not values["image"] or not values["patient"]:
        raise ValueError("it names no image or no patient")
    text = values.get("age", "")
    try:
        age = int(float(text)) if text and text.lower() != "na" else None
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no age") from None
    if age is not None and not 0 <= age <= 120:
        raise ValueError(f"{text!r} is no age")
    others = {field: value for field, value in values.items() if field not in ("image", "patient", "age")}
    return Row(values["image"].rsplit(".", 1)[0], values["patient"], age=age, **others)


def _told(row: Row) -> int:
    return sum(1 for value in row.as_dict().values() if value not in ("", None))


def picked(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """The first so many, a diagnosis at a time, so that a few show every kind; with None, all of them."""
    if limit is None or len(rows) <= limit:
        return list(rows)
    by_diagnosis: dict[str, list[Row]] = {}
    for row in rows:
        by_diagnosis.setdefault(row.diagnosis, []).append(row)
    groups = sorted(by_diagnosis.values(), key=len)
    ordered = [row for turn in range(max(map(len, groups))) for group in groups for row in group[turn : turn + 1]]
    return ordered[:limit]
