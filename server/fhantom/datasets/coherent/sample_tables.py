"""CSV files of the sample: some of what its bundles tell, a person whom only they tell of, and a genetic panel."""

from __future__ import annotations

import base64
import csv
import io
import struct
import zlib
from collections.abc import Sequence

from fhantom.datasets.coherent.sample_people import ONLY_IN_TABLES, Person, made_id

_COLUMNS = {
    "patients": "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,"
    "GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE",
    "conditions": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
    "observations": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
    "imaging_studies": "Id,DATE,PATIENT,ENCOUNTER,SERIES_UID,BODYSITE_CODE,BODYSITE_DESCRIPTION,MODALITY_CODE,"
    "MODALITY_DESCRIPTION,INSTANCE_UID,SOP_CODE,SOP_DESCRIPTION",
    "supplies": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY",
}
_PANEL = (
    "INDEX,INDEX_PREFIX,CHROMOSOME,LOCATION,STRAND,ANCESTRAL_ALLELE,VARIANT_ALLELE_LIST,GENE,"
    "CLINICAL_SIGNIFICANCE,ALLELE,VARIANT",
    "1,rs,1,101,+,A,A;G,FHN1,Benign,G,rs1000001",
    "2,rs,7,20202,+,C,C;T,FHN2,Pathogenic,T,rs1000002",
    "3,rs,7,20303,-,G,G;A,FHN2,Benign,G,rs1000003",
)


def panel() -> str:
    """A patient's genetic panel."""
    return "\n".join(_PANEL) + "\n"


def tables(people: Sequence[Person]) -> dict[str, str]:
    """The text of each table by its name."""
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in _COLUMNS}
    for person in (*people, ONLY_IN_TABLES):
        encounter = made_id(person.id, "Encounter")
        common = {"PATIENT": person.id, "ENCOUNTER": encounter, "DATE": f"{person.study_date}T09:10:00Z"}
        rows["patients"].append(
            {
                "Id": person.id,
                "BIRTHDATE": person.birth_date,
                "FIRST": person.given,
                "LAST": person.family,
                "GENDER": person.sex,
            }
        )
        headache = {"START": person.study_date, "CODE": "25064002", "DESCRIPTION": "Headache (finding)"}
        rows["conditions"].append({**common, **headache})
        weight = {"CODE": "29463-7", "DESCRIPTION": "Body Weight", "VALUE": "71.5", "UNITS": "kg", "TYPE": "numeric"}
        ecg = {"CODE": "29303009", "DESCRIPTION": "Electrocardiographic procedure", "VALUE": ECG, "TYPE": "text"}
        rows["observations"] += [{**common, **weight}, {**common, **ecg}]
        rows["imaging_studies"].append({**common, **_imaging(person)})
        rows["supplies"].append({**common, "CODE": "337388004", "DESCRIPTION": "Blood glucose testing strips"})
    return {name: _text(name, found) for name, found in rows.items()}


def _imaging(person: Person) -> dict[str, object]:
    return {
        "Id": made_id(person.id, "ImagingStudy"),
        "SERIES_UID": f"1.2.840.99999999.1.{40_000_000 + person.number}.1",
        "BODYSITE_CODE": "51185008",
        "BODYSITE_DESCRIPTION": "Chest",
        "MODALITY_CODE": "DX",
        "MODALITY_DESCRIPTION": "Digital Radiography",
        "INSTANCE_UID": f"1.2.840.99999999.1.1.{40_000_000 + person.number}.1",
        "SOP_CODE": "1.2.840.10008.5.1.4.1.1.1.1",
        "SOP_DESCRIPTION": "Digital X-Ray Image Storage",
    }


def _text(name: str, rows: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    columns = _COLUMNS[name].split(",")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _ecg() -> bytes:
    """A PNG of 64 x 16 with a heartbeat in it."""
    width, height = 64, 16
    beat = {20: 9, 21: 11, 22: 3, 23: 14, 24: 10, 36: 8, 37: 7, 38: 8}
    lines = bytearray()
    for row in range(height):
        lines.append(0)  # no filter
        lines += bytes(0 if beat.get(column, 10) == row else 255 for column in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(lines), 9)), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


ECG = base64.b64encode(_ecg()).decode()
"""A picture of an ECG, in base64."""
