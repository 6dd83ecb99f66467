"""Resources that a data set's loader has made, into a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from fhantom.bridge.linking import draft
from fhantom.bridge.mapping import Resource
from fhantom.datasets.job import Job
from fhantom.definitions import ParseRefusal, Version
from fhantom.loading.report import Fate
from fhantom.resources import store
from fhantom.resources.records import Draft

VERSIONS: tuple[Version, ...] = ("R5", "R4")

_AT_ONCE = 500  # resources in one transaction


def kind_of(version: Version) -> str:
    """What the report calls resources of a version."""
    return f"FHIR {version}"


def keep(job: Job, version: Version, resources: Iterable[Resource]) -> None:
    """Store resources under their own ids, in order; equal content makes no version, a bad one is refused by name."""
    left = iter(resources)
    while some := list(islice(left, _AT_ONCE)):
        drafts = list(_drafts(job, version, some))
        job.world.texts.put_many([one.body for one in drafts])
        with job.world.writing() as connection:
            written = store.put_many(connection, drafts, job.world.clock.now_ms())
        for one in written:
            job.note(kind_of(version), Fate.STORED if one.change else Fate.UNCHANGED)


def _drafts(job: Job, version: Version, resources: Iterable[Resource]) -> Iterator[Draft]:
    world = job.world
    with world.reading() as connection:
        model = store.model_of(world, connection, version)
    for resource in resources:
        try:
            yield draft(version, model, resource)
        except ParseRefusal as refusal:
            name = f"{resource['resourceType']}/{resource.get('id')}"
            job.note(kind_of(version), Fate.REFUSED, name, f"{refusal.element}: {refusal.detail}")
