"""Our DICOM JSON and XML beside what Orthanc was recorded to answer for the same files."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dicom.dicom_samples import PYDICOM_FILES
from fhantom import dicom
from fhantom.dicom import dicom_json, native_xml, records

# What differs on purpose: (case or "", tag) -> why ours is better.
DELIBERATE = {
    ("file.pydicom-data.color3d_jpeg_baseline.dcm.metadata", "00191050"): "Orthanc splits UT at backslashes",
    ("meta.s7_everything", "00082218"): "Orthanc drops empty items",
    ("meta.s7_everything", "00640009"): "Orthanc gives the first number only of an OF",
    ("meta.s7_everything", "00660129"): "Orthanc gives the first number only of an OL",
    ("meta.s7_everything", "00720073"): "Orthanc gives the first number only of an OD",
    (
        "file.pydicom.test_files.rtdose.dcm.metadata",
        "00280008",
    ): "an array without a value is no Value (F.2.2)",
}


@cache
def cases(shared: Path) -> dict[str, Any]:
    with gzip.open(shared / "golden" / "orthanc" / "cases.jsonl.gz") as lines:
        found = [json.loads(line) for line in lines]
    return {case["id"]: case for case in found if case["request"]["path"].split("?")[0].endswith("/metadata")}


@cache
def files_by_sop_instance_uid(shared: Path) -> dict[str, Path]:
    """The file that Orthanc kept of each instance: the first one that it took, if it is at hand here."""
    golden = shared / "golden" / "orthanc"
    found: dict[str, Path] = {}
    with (golden / "load.tsv").open() as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            top, _, rest = row["file"].partition("/")
            path = {"golden": golden, "pydicom": PYDICOM_FILES}.get(top, Path("absent")) / rest
            if row["stow_status"] == "200" and row["sop"]:
                found.setdefault(row["sop"], path)
    return {uid: path for uid, path in found.items() if path.exists()}


def recorded(shared: Path) -> Iterator[tuple[str, dict[str, Any], Path]]:
    """Case, recorded DICOM JSON of one instance, and its file."""
    files = files_by_sop_instance_uid(shared)
    for name, case in cases(shared).items():
        body = case["response"].get("json")
        for instance in body if isinstance(body, list) else []:
            path = files.get(instance.get("00080018", {}).get("Value", [""])[0])
            if path:
                yield name, instance, path


def bulkdata_url(instance: records.Record) -> str:
    study, series, sop = (instance[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))
    return f"/studies/{study}/series/{series}/instances/{sop}/bulk"


def below_root(text: str) -> str:
    return text.replace("http://127.0.0.1:8042/dicom-web", "").replace("https://example.org/dicom-web", "")


def test_metadata_is_what_orthanc_answers_but_for_known_faults(shared: Path) -> None:
    compared = 0
    for name, instance, path in recorded(shared):
        if name == "meta.forwarded":
            continue  # its URLs name another host
        encoded = dicom_json.encode(dicom.read(path.read_bytes()).dataset)
        ours = json.loads(dicom_json.rebase(encoded, bulkdata_url(instance)))
        theirs = json.loads(below_root(json.dumps(instance)))
        differing = {tag for tag in ours.keys() | theirs.keys() if ours.get(tag) != theirs.get(tag)}
        assert not {tag for tag in differing if (name, tag) not in DELIBERATE}, name
        compared += 1
    assert compared >= 30


def test_every_deliberate_difference_still_is_one(shared: Path) -> None:
    seen = set()
    for name, instance, path in recorded(shared):
        ours = json.loads(dicom_json.encode(dicom.read(path.read_bytes()).dataset))
        seen |= {(name, tag) for tag in ours if ours[tag] != instance.get(tag)}
    assert set(DELIBERATE) <= seen


def test_native_xml_is_what_orthanc_answers_but_for_the_attribute_of_references(shared: Path) -> None:
    recorded_xml = cases(shared)["meta.s6_japanese_xml"]["response"]["parts"][0]["xml"]
    path = shared / "golden" / "orthanc" / "data" / "s6_sc_1.dcm"
    (record,) = records.parse_json(dicom_json.encode(dicom.read(path.read_bytes()).dataset))
    theirs = ElementTree.fromstring(below_root(recorded_xml).replace("<BulkData URI=", "<BulkData uri="))
    ours = ElementTree.fromstring(native_xml.encode(record, bulkdata_url(record)))
    assert outline(ours) == outline(theirs)


def outline(node: Any) -> list[Any]:
    children = [outline(child) for child in node]
    attributes = {key: value for key, value in node.attrib.items() if "schemaLocation" not in key}
    return [node.tag, attributes, (node.text or "").strip(), children]


def test_every_file_that_orthanc_took_is_read(shared: Path) -> None:
    found = files_by_sop_instance_uid(shared)
    assert len(found) > 100
    for uid, path in found.items():
        assert dicom.read(path.read_bytes()).sop_instance_uid == uid
