"""Synthea's CSV files: the same records as the bundles, for those who took only the tables.

Only rows of patients whom no bundle tells of are loaded. Columns are those that Synthea's CSVExporter writes.
"""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fhantom.bridge.mapping import DCM, Resource
from fhantom.datasets.coherent.mending import to_r4, to_r5
from fhantom.datasets.job import Job
from fhantom.datasets.keeping import keep
from fhantom.datasets.pieces import Piece, Unfit, stream
from fhantom.definitions import Version
from fhantom.definitions.jsontext import DecimalText
from fhantom.loading.report import Fate

KIND = "CSV rows"

Row = Mapping[str, str]

_SNOMED, _LOINC, _UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
_GENDERS = {"M": "male", "F": "female"}
_AT_ONCE = 500
_ECG = "iVBORw0KGgo"  # how a PNG begins in base64
_LONGEST = 16 * 1024 * 1024  # of a value: pictures stand in observations.csv

# Of a table that there is no resource for here: the same is in the bundles.
_UNUSED = "fhantom takes only patients, conditions, observations and imaging_studies from tables; load the bundles"


def keep_tables(job: Job, tables: Mapping[str, Piece], told: Iterable[str], versions: Sequence[Version]) -> None:
    """Store the rows of patients whom no bundle tells of (`told`: those whom one does)."""
    csv.field_size_limit(_LONGEST)
    known = set(told)
    for name in sorted(tables.keys() - TABLES.keys()):
        job.note("tables", Fate.SKIPPED, tables[name].name, _UNUSED)
    for name in TABLES:
        if name in tables:
            _keep_table(job, tables[name], name, known, versions)


def _keep_table(job: Job, piece: Piece, name: str, known: set[str], versions: Sequence[Version]) -> None:
    made: list[Resource] = []
    skipped = 0
    for line, row in _rows(job, piece):
        if row.get("PATIENT", row.get("Id", "")) in known:
            job.note(KIND, Fate.SKIPPED)
            skipped += 1
            continue
        try:
            made.append(TABLES[name](row))
        except (KeyError, ValueError) as error:
            job.note(KIND, Fate.REFUSED, f"{piece.name} line {line}", f"{type(error).__name__}: {error}")
            continue
        if len(made) == _AT_ONCE:
            _keep(job, made, versions)
            made.clear()
    _keep(job, made, versions)
    if skipped:
        job.report.remark(piece.name, f"{skipped} rows are of patients whom a bundle tells of")


def _keep(job: Job, made: Iterable[Resource], versions: Sequence[Version]) -> None:
    for version in versions:
        mend = to_r4 if version == "R4" else to_r5
        keep(job, version, [resource for one in made for resource in mend(_copy(one))])


def _copy(resource: Resource) -> Resource:
    return dict(resource)  # mending sets members of the resource itself


def _rows(job: Job, piece: Piece) -> Iterator[tuple[int, Row]]:
    """The whole rows with their line numbers; a bad one is refused, a file that breaks off gives what is whole."""
    try:
        with stream(piece) as content, io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text)
            for row in rows:
                if None in row or None in row.values():
                    reason = "it has not as many values as there are columns"
                    job.note(KIND, Fate.REFUSED, f"{piece.name} line {rows.line_num}", reason)
                else:
                    yield rows.line_num, row
    except (Unfit, OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile, EOFError) as error:
        job.note(KIND, Fate.REFUSED, piece.name, f"it cannot be read to its end: {error}")


def _patient(row: Row) -> Resource:
    return {
        "resourceType": "Patient",
        "id": row["Id"],
        "identifier": [{"system": "https://github.com/synthetichealth/synthea", "value": row["Id"]}],
        "name": [_filled({"family": row["LAST"], "given": [row["FIRST"]], "prefix": _list(row.get("PREFIX"))})],
        "gender": _GENDERS.get(row["GENDER"], "unknown"),
        **_filled({"birthDate": row["BIRTHDATE"], "deceasedDateTime": row.get("DEATHDATE")}),
    }


def _condition(row: Row) -> Resource:
    return {
        "resourceType": "Condition",
        "id": _id("condition", row),
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "resolved" if row.get("STOP") else "active",
                }
            ]
        },
        "code": _code(_SNOMED, row),
        "subject": _subject(row),
        **_filled({"onsetDateTime": row["START"], "abatementDateTime": row.get("STOP")}),
    }


def _observation(row: Row) -> Resource:
    if row["VALUE"].startswith(_ECG):
        return {
            "resourceType": "Media",
            "id": _id("media", row),
            "status": "completed",
            "reasonCode": [_code(_SNOMED, row)],
            "subject": _subject(row),
            "issued": row["DATE"],
            "content": {"contentType": "image/png", "data": row["VALUE"]},
        }
    return {
        "resourceType": "Observation",
        "id": _id("observation", row),
        "status": "final",
        "code": _code(_LOINC, row),
        "subject": _subject(row),
        "effectiveDateTime": row["DATE"],
        **_observed(row),
    }


def _observed(row: Row) -> dict[str, Any]:
    if row["TYPE"] != "numeric":
        return _filled({"valueString": row["VALUE"]})
    unit = row.get("UNITS", "")
    float(row["VALUE"])  # refuses what is no number; the text keeps its digits
    return {"valueQuantity": _filled({"value": DecimalText(row["VALUE"]), "unit": unit, "system": _UCUM, "code": unit})}


def _imaging_study(row: Row) -> Resource:
    # The table has no Study Instance UID; series and instance UIDs are those of the bundles.
    series = {
        "uid": row["SERIES_UID"],
        "modality": {"system": DCM, "code": row["MODALITY_CODE"], "display": row["MODALITY_DESCRIPTION"]},
        "numberOfInstances": 1,
        "bodySite": {"system": _SNOMED, "code": row["BODYSITE_CODE"], "display": row["BODYSITE_DESCRIPTION"]},
        "instance": [
            {"uid": row["INSTANCE_UID"], "sopClass": {"system": "urn:ietf:rfc:3986", "code": row["SOP_CODE"]}}
        ],
    }
    return {
        "resourceType": "ImagingStudy",
        "id": row["Id"],
        "status": "registered",
        "subject": _subject(row),
        "started": row["DATE"],
        "numberOfSeries": 1,
        "numberOfInstances": 1,
        "series": [series],
    }


TABLES: dict[str, Callable[[Row], Resource]] = {
    "patients": _patient,
    "conditions": _condition,
    "imaging_studies": _imaging_study,
    "observations": _observation,
}
"""By name of the file, in an order in which references find their targets."""


def _id(kind: str, row: Row) -> str:
    """Rows have no ids; the same row has the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join((kind, *row.values()))))


def _code(system: str, row: Row) -> dict[str, Any]:
    return {
        "coding": [{"system": system, "code": row["CODE"], "display": row["DESCRIPTION"]}],
        "text": row["DESCRIPTION"],
    }


def _subject(row: Row) -> dict[str, str]:
    return {"reference": f"Patient/{row['PATIENT']}"}


def _list(text: str | None) -> list[str]:
    return [text] if text else []


def _filled(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value}
