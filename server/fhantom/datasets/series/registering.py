"""Studies from a table alone: records that searches find, without bytes, and the command that fetches these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fhantom.archive import elsewhere, ingest, removing, retrieve
from fhantom.datasets.job import Job
from fhantom.datasets.ledger import Ledger
from fhantom.datasets.series.rows import SeriesRow
from fhantom.dicom import syntaxes
from fhantom.dicom.uids import derived_uid
from fhantom.loading.report import Fate
from fhantom.world import World

KIND = "series without pixels"

ENDPOINT = "https://s3.amazonaws.com"

_SERIES_AT_ONCE = 200
_RECORDS_AT_ONCE = 2000

# Modality -> what most of its objects are (PS3.4 B.5), for tables that do not name the SOP Class
_SOP_CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
    "RTDOSE": "1.2.840.10008.5.1.4.1.1.481.2",
    "RTPLAN": "1.2.840.10008.5.1.4.1.1.481.5",
    "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3",
    "SEG": "1.2.840.10008.5.1.4.1.1.66.4",
    "SM": "1.2.840.10008.5.1.4.1.1.77.1.6",
    "SR": "1.2.840.10008.5.1.4.1.1.88.33",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
}
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_SEXES = frozenset("MFO")  # (0010,0040), PS3.3 C.7.1.1; IDC has 0000 and 6657 besides


def register(job: Job, rows: Sequence[SeriesRow]) -> None:
    """Make studies known by their rows; a series that has bytes here stays as it is."""
    ledger = Ledger(job.world, job.dataset.name)
    for at in range(0, len(rows), _SERIES_AT_ONCE):
        some = rows[at : at + _SERIES_AT_ONCE]
        absent = [row for row in some if not _has_bytes(job.world, row)]
        for row in absent:
            job.note(KIND, Fate.STORED if _keep(job, row) else Fate.UNCHANGED)
        with job.world.writing() as connection:
            elsewhere.note(connection, {row.series_instance_uid: command_of(row) for row in absent})
        ledger.finish((), {row.study_instance_uid for row in absent})
        job.progress(KIND, at + len(some), len(rows))


def command_of(row: SeriesRow) -> str:
    """What fetches the pixels of a series, for people."""
    if row.bucket and row.crdc_series_uuid:
        place = f"'s3://{row.bucket}/{row.crdc_series_uuid}/*' idc/{row.crdc_series_uuid}/"
        return f"s5cmd --no-sign-request --endpoint-url {ENDPOINT} cp {place}"
    return f"idc download {row.series_instance_uid} --download-dir idc"


def replace_records(world: World, uid: str) -> None:
    """Take out what stood for objects of the study that have come since."""
    with world.reading() as connection:
        found = retrieve.instances_of(connection, uid)
        here = {row.series_instance_uid for row in found if row.blob is not None}
        come = {series for series in here if elsewhere.command_for(connection, series) is not None}
        spent = [
            id_
            for row in found
            if row.blob is None and row.series_instance_uid in come
            for id_ in retrieve.row_ids_of(connection, uid, row.series_instance_uid, row.sop_instance_uid)
        ]
    if spent:
        removing.remove(world, spent)
    if come:
        with world.writing() as connection:
            elsewhere.forget(connection, come)


def _has_bytes(world: World, row: SeriesRow) -> bool:
    with world.reading() as connection:
        found = retrieve.instances_of(connection, row.study_instance_uid, row.series_instance_uid)
    return any(one.blob is not None for one in found)


def _keep(job: Job, row: SeriesRow) -> bool:
    """Store the records of a series; whether any is new."""
    is_new = False
    batch: list[ingest.Incoming] = []
    syntax = row.transfer_syntax_uid or syntaxes.EXPLICIT_VR_LITTLE_ENDIAN
    for record in records_of(row):
        accepted = ingest.accept_record(record, syntax)
        if isinstance(accepted, ingest.Refusal):
            job.note(KIND, Fate.REFUSED, row.series_instance_uid, accepted.message)
            return False
        batch.append(ingest.Incoming(accepted))
        if len(batch) == _RECORDS_AT_ONCE:
            is_new |= ingest.Outcome.STORED in ingest.keep(job.world, batch)
            batch = []
    return is_new | (ingest.Outcome.STORED in ingest.keep(job.world, batch))


def records_of(row: SeriesRow) -> Iterator[dict[str, Any]]:
    """A header for each instance of the series; SOP Instance UIDs stand in for those that no table tells."""
    header = {
        "00080005": _value("CS", "ISO_IR 192"),
        "00080016": _value("UI", row.sop_class_uid or _SOP_CLASSES.get(row.modality, _SECONDARY_CAPTURE)),
        "00080020": _value("DA", row.study_date),
        "00080021": _value("DA", row.series_date),
        "00080030": {"vr": "TM"},
        "00080050": {"vr": "SH"},
        "00080060": _value("CS", row.modality),
        "00080070": _value("LO", row.manufacturer),
        "00080090": {"vr": "PN"},
        "00081030": _value("LO", row.study_description),
        "0008103E": _value("LO", row.series_description),
        "00081090": _value("LO", row.manufacturer_model),
        "00100010": {"vr": "PN"},
        "00100020": _value("LO", row.patient_id),
        "00100030": {"vr": "DA"},
        "00100040": _value("CS", row.patient_sex if row.patient_sex in _SEXES else ""),
        "00101010": _value("AS", row.patient_age),
        "00180015": _value("CS", row.body_part),
        "0020000D": _value("UI", row.study_instance_uid),
        "0020000E": _value("UI", row.series_instance_uid),
        "00200010": {"vr": "SH"},
        "00200011": _value("IS", _whole(row.series_number)),
    }
    for number in range(1, row.instance_count + 1):
        uid = derived_uid("elsewhere", row.series_instance_uid, str(number))
        record = {**header, "00080018": _value("UI", uid), "00200013": _value("IS", number)}
        yield dict(sorted(record.items()))  # PS3.18 F.2.2: by tag


def _whole(text: str) -> int | None:
    """An IS of PS3.5 6.2, None for the texts that some series have as their number."""
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return None
    return number if -(2**31) <= number < 2**31 else None


def _value(vr: str, value: str | int | None) -> dict[str, Any]:
    return {"vr": vr} if value in ("", None) else {"vr": vr, "Value": [value]}
