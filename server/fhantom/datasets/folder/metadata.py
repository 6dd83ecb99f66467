"""Reading metadata.ndjson, the DICOM JSON of objects without bytes: by several processes, some megabytes each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fhantom.archive import ingest
from fhantom.datasets.folder.manifest import File
from fhantom.datasets.folder.writing import TRANSFER_SYNTAX_UID
from fhantom.datasets.job import Job
from fhantom.datasets.ledger import Ledger, mark
from fhantom.dicom import DicomError, records
from fhantom.dicom.dictionary import format_tag
from fhantom.loading import dicom
from fhantom.loading.report import Fate
from fhantom.world import World

KIND = "DICOM metadata"

OTHER_BYTES = "its bytes are not those that the manifest names"

_PART = 2 * 1024 * 1024  # what a process takes at a time: one transaction, and done again after an interruption


@dataclass(frozen=True, slots=True)
class _Part:
    """Some lines of the file."""

    path: Path
    name: str
    begin: int
    end: int
    first_line: int
    count: int
    mark: str


def load(job: Job, file: File) -> None:
    """Store a record for each line that no earlier load has stored."""
    try:
        parts = _parts(job.source / file.path, file)
    except OSError as error:
        job.note(KIND, Fate.REFUSED, file.path, error.strerror or str(error))
        return
    if parts is None:
        job.note(KIND, Fate.REFUSED, file.path, OTHER_BYTES)
        return
    ledger = Ledger(job.world, job.dataset.name)
    finished = ledger.finished([part.mark for part in parts])
    done = 0
    for part in parts:
        if part.mark in finished:
            done += part.count
            job.report.counts[KIND, Fate.UNCHANGED] += part.count
    left = [part for part in parts if part.mark not in finished]
    for part, outcomes in dicom.in_processes(job.worlds, job.settings, _store, left, job.processes, job.key):
        done += part.count
        if all(outcome.fate is not Fate.REFUSED for outcome in outcomes):
            ledger.finish([part.mark])
        for outcome in outcomes:
            job.note(KIND, outcome.fate, outcome.name, outcome.reason)
        job.progress(KIND, done, file.count)


def _parts(path: Path, file: File) -> list[_Part] | None:
    """The file in parts of whole lines; None if its bytes are not those of the manifest."""
    digest = hashlib.sha256()
    parts: list[_Part] = []
    begin, line = 0, 1
    with path.open("rb") as opened:
        while some := opened.read(_PART) + opened.readline():
            digest.update(some)
            end, count = begin + len(some), some.count(b"\n") + (not some.endswith(b"\n"))
            parts.append(_Part(path, file.path, begin, end, line, count, mark(file.sha256, begin, end)))
            begin, line = end, line + count
    return parts if digest.hexdigest() == file.sha256 else None


def _store(world: World, part: _Part) -> list[dicom.Outcome]:
    refused: list[dicom.Outcome] = []
    incoming = list(_incoming(part, refused))
    kept = ingest.keep(world, incoming)
    fates = (Fate.STORED if outcome is ingest.Outcome.STORED else Fate.UNCHANGED for outcome in kept)
    return [*refused, *(dicom.Outcome("", fate) for fate in fates)]


def _incoming(part: _Part, refused: list[dicom.Outcome]) -> Iterator[ingest.Incoming]:
    with part.path.open("rb") as opened:
        opened.seek(part.begin)
        lines = opened.read(part.end - part.begin).split(b"\n")
    for number, line in enumerate(lines[: part.count], start=part.first_line):
        accepted = _accepted(line)
        if isinstance(accepted, ingest.Refusal):
            refused.append(dicom.Outcome(f"{part.name} line {number}", Fate.REFUSED, accepted.message))
        else:
            yield ingest.Incoming(accepted)


def _accepted(line: bytes) -> ingest.Accepted | ingest.Refusal:
    try:
        [record] = records.parse_json(line)
    except (DicomError, ValueError) as error:
        return ingest.Refusal(ingest.Reason.CANNOT_UNDERSTAND, str(error))
    syntax = records.values_of(record, TRANSFER_SYNTAX_UID)
    kept = {tag: attribute for tag, attribute in record.items() if tag != format_tag(TRANSFER_SYNTAX_UID)}
    return ingest.accept_record(kept, *syntax)
