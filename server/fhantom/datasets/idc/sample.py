"""IDC in small: an index with its columns as CSV, a manifest, and a folder in which a part of it was downloaded."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from typing import Any

from fhantom.datasets.idc.manifests import manifest_of
from fhantom.datasets.series.making import files_of, table_of
from fhantom.datasets.series.rows import row_of
from fhantom.dicom.uids import derived_uid

_BUCKET = "idc-open-data"
# Quirks are those of the real index: a sex that is none, dates long ago, a missing and a negative number of a series,
# licences that differ in one study, a Patient ID in two collections.
_INDEX = """\
collection_id,PatientID,StudyInstanceUID,PatientAge,PatientSex,StudyDate,StudyDescription,BodyPartExamined,Modality,\
SOPClassUID,SeriesNumber,SeriesDescription,instanceCount,license_short_name,source_DOI
sample_chest,SAMPLE-0001,1,061Y,F,1999-01-02,CT CHEST,CHEST,CT,\
1.2.840.10008.5.1.4.1.1.2,2,axial,3,CC BY 3.0,10.7937/k9/tcia.2015.sample1
sample_chest,SAMPLE-0001,1,061Y,F,1999-01-02,CT CHEST,CHEST,SEG,\
1.2.840.10008.5.1.4.1.1.66.4,300,nodule,1,CC BY 4.0,10.7937/tcia.2018.sample2
sample_chest,SAMPLE-0002,2,,6657,2000-01-01,,,CT,\
1.2.840.10008.5.1.4.1.1.2,,scout,40,CC BY 3.0,10.7937/k9/tcia.2015.sample1
sample_brain,SAMPLE-0001,3,042Y,M,1880-09-09,MR,BRAIN,MR,\
1.2.840.10008.5.1.4.1.1.4,-1,t1,12,CC BY-NC 4.0,10.7937/k9/tcia.2016.sample3
"""
_DOWNLOADED = (0,)  # by their place in the table


def rows() -> list[dict[str, Any]]:
    """The rows of the sample's index."""
    made: list[dict[str, Any]] = []
    for number, row in enumerate(csv.DictReader(io.StringIO(_INDEX))):
        series = derived_uid("idc sample", f"series {number}")
        folder = str(uuid.uuid5(uuid.NAMESPACE_OID, series))
        made.append(
            {
                **row,
                "StudyInstanceUID": derived_uid("idc sample", f"study {row['StudyInstanceUID']}"),
                "SeriesInstanceUID": series,
                "TransferSyntaxUID": "1.2.840.10008.1.2.1",
                "aws_bucket": _BUCKET,
                "crdc_series_uuid": folder,
                "series_aws_url": f"s3://{_BUCKET}/{folder}/*",
                "series_size_MB": int(row["instanceCount"]) / 2,
            }
        )
    return made


def make(folder: Path) -> None:
    """Write the index, a manifest of all of it, and the series that were downloaded, in folders as IDC's tool has."""
    told = rows()
    (folder / "idc_index.csv").write_text(table_of(told), encoding="utf-8")
    read = [row_of(row) for row in told]
    (folder / "all.s5cmd").write_text(manifest_of(read, "all.s5cmd")[0], encoding="utf-8")
    for place in _DOWNLOADED:
        row = read[place]
        name = f"{row.modality}_{row.series_instance_uid}"
        path = folder / row.collection / row.patient_id / row.study_instance_uid / name
        path.mkdir(parents=True)
        for number, content in enumerate(files_of(row)):
            path.joinpath(f"{uuid.uuid5(uuid.NAMESPACE_OID, f'{name} {number}')}.dcm").write_bytes(content)
