"""Loading the photographs with their CSV, in folders or zips, as JPEG or DICOM; or the CSV alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from fhantom.archive import retrieve
from fhantom.bridge.facts import StudyFacts, study_of, value
from fhantom.datasets import dicom_files
from fhantom.datasets.isic.rows import Row, picked, tables_of
from fhantom.datasets.isic.telling import telling_of
from fhantom.datasets.isic.wrapping import prepare, record, study_uid
from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.pieces import Piece, piece_of_file, pieces_of
from fhantom.datasets.studies import describe, describe_stored
from fhantom.dicom import records
from fhantom.loading.report import Fate
from fhantom.world import World

IMAGES = "images"

_SUFFIXES = (".dcm", ".jpg", ".jpeg")  # the first of them that is there counts
_IMAGE_COMMENTS = "00204000"
_AT_ONCE = 200


def load(job: Job) -> None:
    """Load photographs that the CSV tells of, and of the others only what the CSV tells."""
    pieces = list(_pieces(job))
    tables = tables_of(job, [piece for piece in pieces if _suffix(piece) == ".csv"])
    if not tables.rows:
        raise Unusable(f"{job.source} holds no CSV with columns for image and patient; --csv names one elsewhere")
    images = _images(job, pieces)
    rows = dict(tables.rows)
    if not job.option("keep_duplicates"):
        for copy in sorted(rows.keys() & tables.duplicates.keys()):
            job.note(IMAGES, Fate.SKIPPED, copy, "it is a copy of another, by the list of duplicates")
            del rows[copy]
    for name in sorted(images.keys() - tables.rows.keys()):
        job.note(IMAGES, Fate.REFUSED, images[name].name, "no line of the CSV is about it")
    # Few of 33,126 images are usually there; then the lines about the others are not wanted.
    candidates = [row for name, row in sorted(rows.items()) if name in images or not images]
    chosen = {row.image: row for row in picked(candidates, job.limit)}
    if absent := len(rows.keys() - images.keys()) if images else 0:
        job.report.remark(
            IMAGES, f"{absent} lines of the CSV are about images that are not here; they were passed over"
        )
    _store(job, images, chosen)
    if not images:
        _tell_of_rows(job, list(chosen.values()))
    job.licensed()


def _pieces(job: Job) -> Iterable[Piece]:
    """Files of the source, of zips that lie in it, and the CSV that the user names."""
    if job.source.suffix.lower() == ".csv":
        yield piece_of_file(job.source, job.source.name)
    else:
        for piece in pieces_of(job.source, job.cut_short):
            if not piece.member and _suffix(piece) == ".zip":
                yield from _of_zip(job, piece)
            else:
                yield piece
    if job.option("csv"):
        path = Path(job.option("csv"))
        yield piece_of_file(path, path.name)


def _of_zip(job: Job, piece: Piece) -> Iterable[Piece]:
    try:
        return pieces_of(piece.path, job.cut_short)
    except Unusable:
        job.note("zips", Fate.REFUSED, piece.name, "it is no zip")
        return ()


def _suffix(piece: Piece) -> str:
    return PurePosixPath(piece.name).suffix.lower()


def _images(job: Job, pieces: Iterable[Piece]) -> dict[str, Piece]:
    """The file of each image: of a DICOM and a JPEG of one name the DICOM."""
    found: dict[str, Piece] = {}
    wanted = (piece for piece in pieces if _suffix(piece) in _SUFFIXES)
    for piece in sorted(wanted, key=lambda piece: (_SUFFIXES.index(_suffix(piece)), piece.name)):
        name = PurePosixPath(piece.name).stem
        if name in found:
            job.note(IMAGES, Fate.SKIPPED, piece.name, "the same image is there in another file")
        else:
            found[name] = piece
    return found


def _store(job: Job, images: dict[str, Piece], rows: dict[str, Row]) -> None:
    sop = job.option("sop")
    wanted = [
        images[name].noted(json.dumps({"row": row.as_dict(), "sop": sop}, sort_keys=True))
        for name, row in rows.items()
        if name in images
    ]
    dicom_files.store(job, wanted, prepare)
    describe_stored(job, telling_of(lambda study: _rows_of(job.world, study, rows)))


def _rows_of(world: World, study: StudyFacts, rows: dict[str, Row]) -> list[Row]:
    """The lines about a stored study, found by the names that its images keep in their headers."""
    with world.reading() as connection:
        found = retrieve.instances_of(connection, study.study_instance_uid)
    texts = world.texts.get_many([row.metadata for row in found])
    names = [value(json.loads(text), _IMAGE_COMMENTS) for text in texts]
    return [rows[name] for name in names if name in rows]


def _tell_of_rows(job: Job, rows: Sequence[Row]) -> None:
    """Studies that only the CSV tells of: registered, without images."""
    by_study: dict[str, list[Row]] = {}
    for row in rows:
        by_study.setdefault(study_uid(row), []).append(row)
    telling = telling_of(lambda study: by_study[study.study_instance_uid], status="registered")
    studies = [study_of(uid, [_text(job.option("sop"), row) for row in some]) for uid, some in by_study.items()]
    for at in range(0, len(studies), _AT_ONCE):
        describe(job, telling, studies[at : at + _AT_ONCE])
        job.progress("studies", min(at + _AT_ONCE, len(studies)), len(studies))


def _text(sop: Any, row: Row) -> bytes:
    return records.encode(record(row, sop))
