"""What a folder, a zip or a file of TCIA or IDC holds: tables, manifests, DICOM, licences; zips within are opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fhantom import dicom
from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.pieces import Piece, Unfit, piece_of_file, pieces_of, read, stream
from fhantom.datasets.series.rows import SeriesRow
from fhantom.dicom import DicomFile
from fhantom.loading.report import Fate

OTHERS = "other files"

_TABLES = frozenset({".csv", ".tsv", ".json", ".ndjson", ".jsonl"})
_MANIFESTS = frozenset({".tcia", ".s5cmd"})
_PREAMBLE = 132  # PS3.10 7.1: 128 bytes and DICM
_PATIENT_ID = 0x00100020


@dataclass(slots=True)
class Found:
    """The files of a source by what they are."""

    tables: list[Piece] = field(default_factory=list)
    manifests: list[Piece] = field(default_factory=list)
    licences: list[Piece] = field(default_factory=list)
    objects: list[Piece] = field(default_factory=list)


def found_in(job: Job) -> Found:
    """The files of the source; what belongs to nothing is skipped by name. Raises Unusable."""
    found = Found()
    for piece in _pieces(job):
        suffix, name = suffix_of(piece), PurePosixPath(piece.name).name
        if suffix in _TABLES:
            found.tables.append(piece)
        elif suffix in _MANIFESTS:
            found.manifests.append(piece)
        elif name.upper().startswith("LICENSE"):
            found.licences.append(piece)
        elif suffix == ".dcm" or _has_preamble(piece):
            found.objects.append(piece)
        else:
            job.note(OTHERS, Fate.SKIPPED, piece.name, "it is no DICOM file")
    return found


def suffix_of(piece: Piece) -> str:
    """The end of its name in small letters, as `.dcm`."""
    return PurePosixPath(piece.name).suffix.lower()


def is_alone(path: Path) -> bool:
    """Whether a source is one table or manifest instead of a folder or zip."""
    return path.is_file() and path.suffix.lower() in _TABLES | _MANIFESTS


def _pieces(job: Job) -> Iterator[Piece]:
    if is_alone(job.source):
        yield piece_of_file(job.source, job.source.name)
        return
    for piece in pieces_of(job.source, job.cut_short):
        if piece.member or suffix_of(piece) != ".zip":
            yield piece
            continue
        try:
            yield from pieces_of(piece.path, job.cut_short)
        except Unusable:
            job.note("zips", Fate.REFUSED, piece.name, "it is no zip")


def _has_preamble(piece: Piece) -> bool:
    try:
        with stream(piece) as file:
            return file.read(_PREAMBLE)[128:] == b"DICM"
    except Exception:  # whatever reading a broken zip raises; the member is told when it is loaded
        return True


def header(piece: Piece) -> DicomFile | None:
    """The DICOM file that a piece is, None if it cannot be read, as its storing will tell."""
    try:
        return dicom.read(read(piece))
    except (Unfit, dicom.DicomError):
        return None


def chosen(objects: Sequence[Piece], limit: int | None, wanted: Callable[[DicomFile], bool] | None) -> list[Piece]:
    """Those of the objects that are wanted, of the first so many studies; headers are read only if anything is said."""
    if limit is None and wanted is None:
        return list(objects)
    studies: set[str] = set()
    kept = []
    for piece in objects:
        file = header(piece)
        if file is None:
            kept.append(piece)
        elif wanted is None or wanted(file):
            if file.study_instance_uid not in studies and limit is not None and len(studies) >= limit:
                continue
            studies.add(file.study_instance_uid)
            kept.append(piece)
    return kept


def among(rows: Iterable[SeriesRow]) -> Callable[[DicomFile], bool]:
    """Whether a file is of one of these series."""
    series = {row.series_instance_uid for row in rows}
    return lambda file: file.series_instance_uid in series


def collection_of(piece: Piece, file: DicomFile) -> str:
    """The collection by the folder, where that lies above a folder of the file's own Patient ID; else empty.

    Both the NBIA Data Retriever and IDC's downloader have `<collection>/<PatientID>/` in their paths.
    """
    parts = PurePosixPath(piece.name).parts
    patient_id = file.dataset.text(_PATIENT_ID)
    for at in range(1, len(parts) - 1):
        if parts[at] == patient_id:
            return parts[at - 1]
    return ""
