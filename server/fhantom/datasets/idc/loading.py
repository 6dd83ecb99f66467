"""Loading from the index, from tables and manifests, from downloaded folders: with pixels where these are here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fhantom.datasets import dicom_files
from fhantom.datasets.idc import manifests
from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.datasets.series import files
from fhantom.datasets.series.folders import knowledge
from fhantom.datasets.series.index import MISSING, Index, Selection, first_studies, installed
from fhantom.datasets.series.registering import register
from fhantom.datasets.series.rows import SeriesRow, collection_id, rows_of
from fhantom.datasets.series.telling import Archive, describe_all
from fhantom.loading.report import Fate

ARCHIVE = Archive(
    "idc", lambda name: f"https://portal.imaging.datacommons.cancer.gov/collections/{collection_id(name)}"
)

_PARQUET = ".parquet"


def load(job: Job) -> None:
    """Load what was downloaded, and what the tables tell beyond that as studies without pixels.

    Raises:
        Unusable: the source is none of IDC's, or everything there is would be loaded.
    """
    selection = Selection.of(job)
    if job.source.suffix.lower() == _PARQUET:
        if selection.is_everything and job.limit is None:
            raise Unusable("the index has more series than can be loaded; --collection and other flags choose some")
        index: Index | None = Index.of_parquet(job.source)
        found, told = files.Found(), None
    else:
        found = files.found_in(job)
        told = _told(job, found)
        index = Index.of_rows(told) if told else None
    rows = first_studies(index.select(selection, job), job.limit) if index else []
    if job.option("write_manifest"):
        _write_manifest(job, rows)
        if not job.option("index_only"):
            return
    if not job.option("index_only"):
        # Files and rows are to be of the same studies; without rows the files are all there is to choose among.
        chooses = not selection.is_everything or (job.limit is not None and bool(rows))
        dicom_files.store(job, files.chosen(found.objects, job.limit, files.among(rows) if chooses else None))
    register(job, rows)
    index = installed() if job.asks_index and found.objects else None
    describe_all(job, ARCHIVE, knowledge(rows, found.objects, found.licences, index))
    if told == [] and not found.objects and not job.report.counts:
        raise Unusable(f"{job.source} has no table, manifest or DICOM file of IDC")


def _told(job: Job, found: files.Found) -> list[SeriesRow]:
    """The rows of tables, and those of the index that manifests name."""
    rows: dict[str, SeriesRow] = {}
    for piece in found.tables:
        some = rows_of(job.note, piece)
        if some is None:
            job.note("tables", Fate.SKIPPED, piece.name, "it does not tell of series")
        rows |= {row.series_instance_uid: row for row in some or ()}
    for row in _of_manifests(job, found.manifests, {row.crdc_series_uuid for row in rows.values()}):
        rows[row.series_instance_uid] = row
    return list(rows.values())


def _of_manifests(job: Job, pieces: Iterable[Piece], known: set[str]) -> list[SeriesRow]:
    uuids: list[str] = []
    for piece in pieces:
        try:
            some = manifests.uuids_of(read(piece).decode("utf-8", "replace"))
        except Unfit as reason:
            job.note("manifests", Fate.REFUSED, piece.name, str(reason))
            continue
        if not some:
            job.note("manifests", Fate.REFUSED, piece.name, "it names no series")
        uuids += [uuid for uuid in some if uuid not in known]
    index = installed() if uuids and job.asks_index else None
    if uuids and index is None:
        job.report.remark("manifests", f"what they name is told of only by the index, and {MISSING}")
    rows = index.downloads(uuids) if index else []
    for uuid in dict.fromkeys(uuids) if index else ():
        if uuid not in {row.crdc_series_uuid for row in rows}:
            job.note("manifests", Fate.SKIPPED, uuid, "the installed index does not know it")
    return rows


def _write_manifest(job: Job, rows: list[SeriesRow]) -> None:
    path = Path(job.option("write_manifest"))
    try:
        count = manifests.write(rows, path)
    except OSError as error:
        raise Unusable(f"cannot write {path}: {error.strerror or error}") from None
    studies = len({row.study_instance_uid for row in rows})
    instances, megabytes = sum(row.instance_count for row in rows), sum(row.megabytes for row in rows)
    job.answered(
        str(path), f"{count} series of {studies} studies, {instances} instances, {megabytes:.1f} MB; s5cmd run {path}"
    )
