"""Loading the data set from its folder, or straight from its zip."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from fhantom.datasets.coherent import genetics, images, tables
from fhantom.datasets.coherent.layout import Contents, contents_of
from fhantom.datasets.coherent.mending import MENDS
from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.keeping import kind_of
from fhantom.datasets.pieces import Piece, Unfit, pieces_of, read
from fhantom.definitions import Version
from fhantom.loading import bulk
from fhantom.loading.report import Fate
from fhantom.loading.sources import Source

VERSIONS: dict[str, tuple[Version, ...]] = {"both": ("R4", "R5"), "R4": ("R4",), "R5": ("R5",)}


def load(job: Job) -> None:
    """Load bundles, then what refers to them: images, genetic panels and tables."""
    contents = contents_of(pieces_of(job.source, job.cut_short))
    named = (contents.bundles, contents.shared, contents.images, contents.dna, contents.tables.keys() & tables.TABLES)
    if not any(named):
        raise Unusable(f"{job.source} holds nothing that is named as the data set's files are")
    _limit(contents, contents.first(job.limit))
    versions = VERSIONS[job.option("versions")]
    for version in versions:
        # First what the others refer to by a search, which then finds it at once.
        _load_bundles(job, version, contents.shared)
        _load_bundles(job, version, contents.bundles.values())
    images.store_images(job, contents.images, contents.unnamed, versions)
    images.link(job, contents.images, versions)
    genetics.keep_panels(job, contents.dna, versions)
    tables.keep_tables(job, contents.tables, contents.bundles, versions)
    for piece in contents.others:
        job.note("other files", Fate.SKIPPED, piece.name, "fhantom has no use for it")
    job.licensed()


def _limit(contents: Contents, patients: set[str] | None) -> None:
    """Leave out the other patients."""
    if patients is None:
        return
    contents.bundles = {patient: piece for patient, piece in contents.bundles.items() if patient in patients}
    contents.dna = {patient: piece for patient, piece in contents.dna.items() if patient in patients}
    contents.images = [image for image in contents.images if image.patient in patients]
    contents.tables = {}


def _load_bundles(job: Job, version: Version, pieces: Collection[Piece]) -> None:
    bulk.load(
        job.worlds,
        job.settings,
        version,
        _sources(job, version, pieces),
        job.note,
        jobs=job.processes,
        expected=len(pieces),
        progress=job.progress,
        mend=MENDS[version, not job.option("skip_claims")],
        key=job.key,
        kind=kind_of(version),
    )


def _sources(job: Job, version: Version, pieces: Iterable[Piece]) -> Iterator[Source]:
    for piece in pieces:
        try:
            yield Source(piece.name, read(piece))
        except Unfit as reason:
            job.note(kind_of(version), Fate.REFUSED, piece.name, str(reason))
