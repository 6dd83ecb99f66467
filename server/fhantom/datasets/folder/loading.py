"""Reading a seed folder back into a world; a file whose bytes are not those of the manifest is refused whole."""

from __future__ import annotations

import hashlib
import json
from itertools import islice

from fhantom.archive import elsewhere
from fhantom.datasets import dicom_files
from fhantom.datasets.folder import manifest, metadata
from fhantom.datasets.folder.manifest import File
from fhantom.datasets.folder.metadata import OTHER_BYTES
from fhantom.datasets.job import Job
from fhantom.datasets.keeping import VERSIONS, kind_of
from fhantom.datasets.pieces import Piece, Unfit, piece_of_file
from fhantom.definitions import Version
from fhantom.loading import bulk, sources
from fhantom.loading.report import Fate
from fhantom.world import provenance

ELSEWHERE_KIND = "commands that fetch pixels"

_WORTH_PROCESSES = 4 * 1024 * 1024  # bytes of NDJSON; less is loaded before processes have started


def load(job: Job) -> None:
    """Load FHIR of both versions, DICOM, and what is known of DICOM objects whose bytes are not there."""
    told = manifest.read(job.source)
    for version in VERSIONS:
        _load_resources(job, version, told.of(version))
    _load_objects(job, told.of("DICOM"))
    for file in told.of("metadata"):
        metadata.load(job, file)
    for file in told.of("elsewhere"):
        _note_elsewhere(job, file)
    for remark in told.remarks:
        job.report.remark(manifest.NAME, remark)
    for dataset in told.datasets:
        for licence in dataset.licences:
            job.licensed(licence)
    with job.world.writing() as connection:
        for dataset in told.datasets:
            provenance.note(connection, dataset)
        if told.has_people:
            provenance.note_people(connection, told.origin)


def _load_resources(job: Job, version: Version, files: list[File]) -> None:
    size = sum(file.size for file in files)
    whole = {file.path for file in files if _is_whole(job, kind_of(version), file)}
    found = (source for source in sources.below(job.source) if source.name in whole)
    bulk.load(
        job.worlds,
        job.settings,
        version,
        found,
        job.note,
        jobs=job.processes if size > _WORTH_PROCESSES else 1,
        expected=sum(-(-file.size // sources.PIECE) for file in files),
        progress=job.progress,
        key=job.key,
        kind=kind_of(version),
    )


def _load_objects(job: Job, files: list[File]) -> None:
    pieces = []
    for file in islice(files, job.limit):
        try:
            piece = piece_of_file(job.source / file.path, file.path)
        except OSError as error:
            job.note(dicom_files.KIND, Fate.REFUSED, file.path, error.strerror or str(error))
            continue
        pieces.append(piece.noted(file.sha256))
    dicom_files.store(job, pieces, checked)


def checked(piece: Piece, content: bytes) -> bytes:
    """The bytes of a file of which the manifest tells. Raises Unfit."""
    if hashlib.sha256(content).hexdigest() != piece.note:
        raise Unfit(OTHER_BYTES)
    return content


def _is_whole(job: Job, kind: str, file: File) -> bool:
    try:
        with open(job.source / file.path, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        job.note(kind, Fate.REFUSED, file.path, error.strerror or str(error))
        return False
    if digest != file.sha256:
        job.note(kind, Fate.REFUSED, file.path, OTHER_BYTES)
        return False
    return True


def _note_elsewhere(job: Job, file: File) -> None:
    """Remember what fetches the bytes of series that are not here."""
    if not _is_whole(job, ELSEWHERE_KIND, file):
        return
    try:
        lines = [json.loads(line) for line in (job.source / file.path).read_bytes().splitlines()]
        commands = {str(line["SeriesInstanceUID"]): str(line["command"]) for line in lines}
    except (ValueError, KeyError, TypeError) as error:
        job.note(ELSEWHERE_KIND, Fate.REFUSED, file.path, f"it cannot be read: {error}")
        return
    with job.world.writing() as connection:
        elsewhere.note(connection, commands)
