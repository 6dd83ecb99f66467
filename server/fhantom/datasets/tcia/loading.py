"""Loading folders, zips, manifests and tables: with pixels where these are here, else as the index tells."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from fhantom.datasets import dicom_files
from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.datasets.series import files
from fhantom.datasets.series.folders import knowledge
from fhantom.datasets.series.index import MISSING, Index, first_studies, installed
from fhantom.datasets.series.registering import register
from fhantom.datasets.series.rows import SeriesRow, collection_id, rows_of
from fhantom.datasets.series.telling import Archive, describe_all
from fhantom.datasets.tcia.manifests import digests_of, series_of
from fhantom.loading.report import Fate

ARCHIVE = Archive(
    "tcia",
    lambda name: f"https://www.cancerimagingarchive.net/collection/{collection_id(name).replace('_', '-')}/",
)
LISTED = "series in manifests"


def load(job: Job) -> None:
    """Load DICOM files, and what tables and manifests tell beyond them as studies without pixels.

    Raises:
        Unusable: nothing of it is TCIA's.
    """
    found = files.found_in(job)
    told, digests = _told(job, found.tables)
    listed = _listed(job, found.manifests)
    if not (told or listed or found.objects or job.report.counts):
        raise Unusable(f"{job.source} has no manifest, table or DICOM file of TCIA")
    index = installed() if job.asks_index and (listed or found.objects) else None
    absent = [uid for uid in listed if uid not in told]
    told |= {row.series_instance_uid: row for row in (index.series(absent) if index else ())}
    rows = first_studies(list(told.values()), job.limit)
    wanted = files.among(rows) if job.limit is not None and rows else None
    objects = [_with_digest(piece, digests) for piece in files.chosen(found.objects, job.limit, wanted)]
    dicom_files.store(job, objects, checked)
    register(job, rows)
    describe_all(job, ARCHIVE, knowledge(rows, objects, found.licences, index))
    _tell_of_absent(job, [uid for uid in listed if uid not in told], index)


def checked(piece: Piece, content: bytes) -> bytes:
    """The bytes of a file, if they are those that md5hashes.csv names. Raises Unfit."""
    if piece.note and hashlib.md5(content, usedforsecurity=False).hexdigest() != piece.note:
        raise Unfit("its bytes are not those that md5hashes.csv names")
    return content


def _with_digest(piece: Piece, digests: dict[tuple[str, str], str]) -> Piece:
    path = PurePosixPath(piece.name)
    digest = digests.get((str(path.parent), path.name))
    return piece.noted(digest) if digest else piece


def _told(job: Job, tables: Iterable[Piece]) -> tuple[dict[str, SeriesRow], dict[tuple[str, str], str]]:
    """Rows by Series Instance UID, and digests by folder and name."""
    rows: dict[str, SeriesRow] = {}
    digests: dict[tuple[str, str], str] = {}
    for piece in tables:
        some = rows_of(job.note, piece)
        if some is not None:
            rows |= {row.series_instance_uid: row for row in some}
            continue
        folder = str(PurePosixPath(piece.name).parent)
        if named := _digests(piece):
            digests |= {(folder, name): digest for name, digest in named.items()}
        else:
            job.note("tables", Fate.SKIPPED, piece.name, "it does not tell of series")
    return rows, digests


def _digests(piece: Piece) -> dict[str, str]:
    try:
        return digests_of(read(piece).decode("utf-8-sig"))
    except (Unfit, UnicodeDecodeError, csv.Error):
        return {}


def _listed(job: Job, manifests: Iterable[Piece]) -> list[str]:
    uids: list[str] = []
    for piece in manifests:
        try:
            some = series_of(read(piece).decode("utf-8-sig"))
        except (Unfit, UnicodeDecodeError) as error:
            job.note("manifests", Fate.REFUSED, piece.name, f"it cannot be read: {error}")
            continue
        if not some:
            reason = "it has no list of series" if some is None else "its list of series is empty"
            job.note("manifests", Fate.REFUSED, piece.name, reason)
        uids += some or ()
    return list(dict.fromkeys(uids))


def _tell_of_absent(job: Job, uids: Iterable[str], index: Index | None) -> None:
    """Report what a manifest lists and neither the source nor the index has."""
    reason = "it is not here, and the installed index does not know it" if index else f"it is not here; {MISSING}"
    for uid in uids:
        with job.world.reading() as connection:
            asked = "SELECT 1 FROM series WHERE series_instance_uid = ? LIMIT 1"
            is_here = connection.exec_driver_sql(asked, (uid,)).first() is not None
        job.note(LISTED, Fate.UNCHANGED if is_here else Fate.SKIPPED, uid, "" if is_here else reason)
