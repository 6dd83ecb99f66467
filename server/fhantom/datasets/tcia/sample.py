"""TCIA in small: a manifest, a folder as the NBIA Data Retriever leaves it, and a zip as NBIA's REST sends it."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

from fhantom.datasets.series.making import files_of, table_of
from fhantom.datasets.series.rows import SeriesRow
from fhantom.dicom.uids import derived_uid

_COLLECTION = "Sample-Sarcoma"
_LICENCE = (
    "This data is licensed under the Creative Commons Attribution 3.0 Unported License,"
    " http://creativecommons.org/licenses/by/3.0/, https://doi.org/10.7937/K9/TCIA.2015.SAMPLE\n"
)
_MANIFEST = (
    "downloadServerUrl=https://public.cancerimagingarchive.net/nbia-download/servlet/DownloadServlet",
    "includeAnnotation=true",
    "noOfrRetry=4",
    "databasketId=manifest-sample.tcia",
    "manifestVersion=3.0",
    "ListOfSeriesToDownload=",
)


def _row(patient: int, series: int, modality: str, description: str, count: int) -> SeriesRow:
    return SeriesRow(
        derived_uid("tcia sample", f"series {patient}.{series}"),
        derived_uid("tcia sample", f"study {patient}"),
        f"SAS_{patient:03}",
        _COLLECTION,
        study_date="20000903",
        study_description="^THIGH",
        series_date="20091017",
        series_description=description,
        series_number=str(series),
        modality=modality,
        sop_class_uid={"MR": "1.2.840.10008.5.1.4.1.1.4", "PT": "1.2.840.10008.5.1.4.1.1.128"}[modality],
        body_part="EXTREMITY",
        manufacturer="A maker",
        instance_count=count,
        licence="Creative Commons Attribution 3.0 Unported License",
        licence_url="http://creativecommons.org/licenses/by/3.0/",
        doi="10.7937/K9/TCIA.2015.SAMPLE",
    )


_IN_FOLDER = (_row(1, 1, "MR", "T2FS", 2), _row(1, 2, "PT", "FDG", 1))
_IN_ZIP = _row(2, 1, "MR", "T1", 2)
_NOT_HERE = _row(3, 1, "MR", "STIR", 5)  # the table tells of it; its download failed


def make(folder: Path) -> None:
    """Write a manifest's folder with metadata.csv and LICENSE, and a zip with md5hashes.csv."""
    rows = (*_IN_FOLDER, _IN_ZIP, _NOT_HERE)
    root = folder / "manifest-sample"
    root.mkdir(parents=True)
    lines = (*_MANIFEST, *(row.series_instance_uid for row in rows))
    (folder / "manifest-sample.tcia").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = (*_IN_FOLDER, _NOT_HERE)
    (root / "metadata.csv").write_text(table_of([_line(row) for row in listed]), encoding="utf-8")
    for row in _IN_FOLDER:
        study = f"09-03-2000-NA-THIGH-{row.study_instance_uid[-5:]}"
        series = f"{row.series_number}.000000-{row.series_description}-{row.series_instance_uid[-5:]}"
        path = root / _COLLECTION / row.patient_id / study / series
        path.mkdir(parents=True)
        for number, content in enumerate(files_of(row), start=1):
            (path / f"1-{number:03}.dcm").write_bytes(content)
    (root / _COLLECTION / "LICENSE").write_text(_LICENCE, encoding="utf-8")
    _write_zip(folder / f"{_IN_ZIP.series_instance_uid}.zip")


def _write_zip(path: Path) -> None:
    """A series as getImageWithMD5Hash sends it; the time of each member is fixed, so that the bytes are."""
    contents = {f"1-{number:03}.dcm": content for number, content in enumerate(files_of(_IN_ZIP), start=1)}
    digests = [
        {"Filename": name, "MD5 Hash": hashlib.md5(content, usedforsecurity=False).hexdigest()}
        for name, content in contents.items()
    ]
    members: dict[str, bytes | str] = {**contents, "LICENSE": _LICENCE, "md5hashes.csv": table_of(digests)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)


def _line(row: SeriesRow) -> dict[str, Any]:
    """As metadata.csv has it."""
    return {
        "Series UID": row.series_instance_uid,
        "Collection": row.collection,
        "3rd Party Analysis": "",
        "Data Description URI": f"https://doi.org/{row.doi}",
        "Subject ID": row.patient_id,
        "Study UID": row.study_instance_uid,
        "Study Description": row.study_description,
        "Study Date": "09-03-2000",
        "Series Description": row.series_description,
        "Manufacturer": row.manufacturer,
        "Modality": row.modality,
        "SOP Class Name": "",
        "SOP Class UID": row.sop_class_uid,
        "Number of Images": row.instance_count,
        "File Size": f"{row.instance_count} KB",
        "License Name": row.licence,
        "License URL": row.licence_url,
    }
