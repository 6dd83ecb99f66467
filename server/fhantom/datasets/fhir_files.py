"""FHIR resources of any origin: Bundles, NDJSON, single resources, many of each."""

from __future__ import annotations

from itertools import islice

from fhantom.datasets.job import Job, Unusable
from fhantom.datasets.keeping import kind_of
from fhantom.loading import bulk, sources


def load(job: Job) -> None:
    """Load every `.json` and `.ndjson` file below the folder as it is, under its own ids."""
    if not job.source.is_dir():
        raise Unusable(f"{job.source} is no folder")
    release = job.option("release")
    bulk.load(
        job.worlds,
        job.settings,
        release,
        islice(sources.below(job.source), job.limit),
        job.note,
        jobs=job.processes,
        expected=min(sources.count(job.source), job.limit or sources.count(job.source)),
        progress=job.progress,
        key=job.key,
        kind=kind_of(release),
    )
