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
from fhantom.resources.records import Draft, Written

VERSIONS: tuple[Version, ...] = ("R5", "R4")

_AT_ONCE = 500  # resources in one transaction


def kind_of(version: Version) -> str:
    """What the report calls resources of a version."""
    return f"FHIR {version}"


def keep(job: Job, version: Version, resources: Iterable[Resource]) -> None:
    """Store resources under their own ids, in order; equal content makes no version, a bad one is refused by name."""
    left = iter(resources)
    while some := list(islice(left, _AT_ONCE)):
        for written in put(job, version, some):
            job.note(kind_of(version), Fate.STORED if written.change else Fate.UNCHANGED)


def put(job: Job, version: Version, resources: Iterable[Resource]) -> list[Written]:
    """The same in one transaction and without counting what was stored; bad ones are refused in the report."""
    drafts = list(_drafts(job, version, resources))
    job.world.texts.put_many([one.body for one in drafts])
    with job.world.writing() as connection:
        return store.put_many(connection, drafts, job.world.clock.now_ms())


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
