"""Reading a seed folder back into a world; a file whose bytes are not those of the manifest is refused whole."""

from __future__ import annotations

import hashlib
from itertools import islice

from fhantom.archive import ingest
from fhantom.datasets import dicom_files
from fhantom.datasets.folder import manifest
from fhantom.datasets.folder.manifest import File
from fhantom.datasets.folder.writing import TRANSFER_SYNTAX_UID
from fhantom.datasets.job import Job
from fhantom.datasets.keeping import VERSIONS, kind_of
from fhantom.datasets.pieces import Piece, Unfit, piece_of_file
from fhantom.definitions import Version
from fhantom.dicom import DicomError, records
from fhantom.dicom.dictionary import format_tag
from fhantom.loading import bulk, sources
from fhantom.loading.report import Fate
from fhantom.world import provenance

RECORDS = "DICOM metadata"

_OTHER_BYTES = "its bytes are not those that the manifest names"
_WORTH_PROCESSES = 4 * 1024 * 1024  # bytes of NDJSON; less is loaded before processes have started
_AT_ONCE = 2000  # records in one transaction


def load(job: Job) -> None:
    """Load FHIR of both versions, DICOM, and what is known of DICOM objects whose bytes are not there."""
    told = manifest.read(job.source)
    for version in VERSIONS:
        _load_resources(job, version, told.of(version))
    _load_objects(job, told.of("DICOM"))
    for file in told.of("metadata"):
        _load_records(job, file)
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
        raise Unfit(_OTHER_BYTES)
    return content


def _is_whole(job: Job, kind: str, file: File) -> bool:
    try:
        with open(job.source / file.path, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        job.note(kind, Fate.REFUSED, file.path, error.strerror or str(error))
        return False
    if digest != file.sha256:
        job.note(kind, Fate.REFUSED, file.path, _OTHER_BYTES)
        return False
    return True


def _load_records(job: Job, file: File) -> None:
    if not _is_whole(job, RECORDS, file):
        return
    done = 0
    with open(job.source / file.path, "rb") as lines:
        numbered = enumerate(lines, start=1)
        while some := list(islice(numbered, _AT_ONCE)):
            _keep_records(job, file, some)
            done += len(some)
            job.progress(RECORDS, done, file.count)


def _keep_records(job: Job, file: File, lines: list[tuple[int, bytes]]) -> None:
    incoming = []
    for number, line in lines:
        accepted = _accepted(line)
        if isinstance(accepted, ingest.Refusal):
            job.note(RECORDS, Fate.REFUSED, f"{file.path} line {number}", accepted.message)
        else:
            incoming.append(ingest.Incoming(accepted))
    for outcome in ingest.keep(job.world, incoming):
        job.note(RECORDS, Fate.STORED if outcome is ingest.Outcome.STORED else Fate.UNCHANGED)


def _accepted(line: bytes) -> ingest.Accepted | ingest.Refusal:
    try:
        [record] = records.parse_json(line)
    except (DicomError, ValueError) as error:
        return ingest.Refusal(ingest.Reason.CANNOT_UNDERSTAND, str(error))
    syntax = records.values_of(record, TRANSFER_SYNTAX_UID)
    kept = {tag: attribute for tag, attribute in record.items() if tag != format_tag(TRANSFER_SYNTAX_UID)}
    return ingest.accept_record(kept, *syntax)
