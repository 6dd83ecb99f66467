"""The data set in small, made up: its folders, names and faults, with a few patients instead of 1,278."""

from __future__ import annotations

import json
from pathlib import Path

from fhantom.datasets.coherent import sample_records, sample_tables
from fhantom.datasets.coherent.sample_people import PEOPLE, Person
from fhantom.dicom import syntaxes
from fhantom.dicom.records import Record
from fhantom.dicom.uids import derived_uid
from fhantom.dicom.writing import write_record

_SIDE, _SLICES = 64, 24
_MULTIFRAME_WORD = "1.2.840.10008.5.1.4.1.1.7.3"  # Multi-frame Grayscale Word Secondary Capture, PS3.6


def make(folder: Path, people: tuple[Person, ...] = PEOPLE) -> None:
    """Write `fhir`, `dicom`, `dna` and `csv` as the zip unpacks them."""
    root = folder / "output"
    for name in ("fhir", "dicom", "dna", "csv"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, bundle in sample_records.shared_bundles().items():
        _write_json(root / "fhir" / f"{name}.json", bundle)
    for person in people:
        _write_json(root / "fhir" / f"{person.file_name}.json", sample_records.bundle(person))
        if person.has_images:
            path = root / "dicom" / f"{person.file_name}{person.study_instance_uid}.dcm"
            path.write_bytes(brain(person, _SIDE, _SLICES))
        if person.has_panel:
            (root / "dna" / f"{person.file_name}_dna.csv").write_text(sample_tables.panel(), encoding="utf-8")
    for name, text in sample_tables.tables(people).items():
        (root / "csv" / f"{name}.csv").write_text(text, encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")


def brain(person: Person, side: int, slices: int, pixels: bytes = b"") -> bytes:
    """A file as the set's producers left it: name in VR ST, template's ids and UIDs, UNKNOWN wherever possible.

    Args:
        pixels: words of `slices` squares, in place of a drawn brain.
    """
    pixels = pixels or b"".join(_slice(side, (2 * number + 1) / slices - 1) for number in range(slices))
    content: Record = {
        "00080016": _value("UI", _MULTIFRAME_WORD),
        "00080018": _value("UI", derived_uid("coherent sample", "template", "instance")),
        "00080020": _value("DA", person.study_date.replace("-", "")),
        "00080030": _value("TM", "140728"),
        "00080060": _value("CS", "OT"),
        "00080070": _value("LO", "UNKNOWN"),
        "00081030": _value("LO", "UNKNOWN"),
        "0008103E": _value("LO", "UNKNOWN"),
        "00100010": _value("ST", f"{person.given} {person.family}"),  # not PN
        "00100020": _value("LO", f"SUBJECT{person.number:05}"),
        "00100030": _value("DA", person.birth_date.replace("-", "")),
        "00100040": _value("CS", person.sex),
        "0020000D": _value("UI", person.study_instance_uid),
        "0020000E": _value("UI", derived_uid("coherent sample", "template", "series")),
        "00200010": _value("SH", "2011201407"),
        "00200011": _value("IS", 1),
        "00200013": _value("IS", 1),
        "00280002": _value("US", 1),
        "00280004": _value("CS", "MONOCHROME2"),
        "00280008": _value("IS", slices),
        "00280010": _value("US", side),
        "00280011": _value("US", side),
        "00280100": _value("US", 16),
        "00280101": _value("US", 16),
        "00280102": _value("US", 15),
        "00280103": _value("US", 0),
        "7FE00010": {"vr": "OW", "BulkDataURI": "pixels"},
    }
    return write_record(content, syntaxes.transfer_syntax(syntaxes.EXPLICIT_VR_LITTLE_ENDIAN), lambda uri: pixels)


def _value(vr: str, value: object) -> dict[str, object]:
    return {"vr": vr, "Value": [value]}


def _slice(side: int, height: float) -> bytes:
    """A cut through a skull, a brain and two ventricles, all of them ellipsoids; `height` from -1 to 1."""
    words = []
    for row in range(side):
        y = (2 * row + 1) / side - 1
        for column in range(side):
            x = (2 * column + 1) / side - 1
            far = x * x / 0.55 + y * y / 0.8 + height * height / 0.9
            inner = (abs(x) - 0.15) ** 2 / 0.012 + y * y / 0.08 + height * height / 0.1
            words.append(0 if far > 1 else 900 if far > 0.86 else 150 if inner < 1 else 500 + 100 * (far < 0.55))
    return b"".join(word.to_bytes(2, "little") for word in words)
