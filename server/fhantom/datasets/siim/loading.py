"""Loading a clone: FHIR as it is into one version, converted into the other, and DICOM."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from fhantom.bridge.converting import OTHER, convert
from fhantom.datasets import dicom_files
from fhantom.datasets.job import Job, Stopped, Unusable, licence_of
from fhantom.datasets.keeping import kind_of
from fhantom.datasets.labels import labelled
from fhantom.datasets.pieces import Unfit, piece_of_file, pieces_of, read
from fhantom.datasets.siim import layout
from fhantom.datasets.studies import Telling, describe_stored
from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json, read_json
from fhantom.loading import hackathon
from fhantom.loading.files import Resource, content_of
from fhantom.loading.report import Fate, Report

# A study that FHIR of the clone does not tell of is put down to the Patient that is there by its MRN.
TELLING = Telling(keeps_patients=True)


def load(job: Job) -> None:
    """Load what a clone of the repository holds, or the zip that GitHub makes of it.

    Raises:
        Unusable: nothing lies where the data set has it; whose it is, and its terms, would be told wrong.
    """
    if job.source.is_dir():
        _load(job, job.source)
        return
    with tempfile.TemporaryDirectory(prefix="fhantom-siim-") as scratch:
        _unpack(job, Path(scratch))
        _load(job, Path(scratch))


def _unpack(job: Job, folder: Path) -> None:
    for piece in pieces_of(job.source, job.cut_short):
        target = folder.joinpath(*(part for part in piece.member.split("/") if part))
        try:
            content = read(piece)
        except Unfit as reason:
            job.note("zip", Fate.REFUSED, piece.name, str(reason))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _load(job: Job, folder: Path) -> None:
    content = content_of(folder)
    names = [*(one.name for one in content.resources), *content.dicom, *(name for name, _ in content.unreadable)]
    if not any(layout.is_of_data_set(name) for name in names):
        raise Unusable(f"{job.source} has no folders as the data set's (siim_andy_..., Andy SIIM)")
    for name, reason in content.unreadable:
        if not _skips(job, "other files", name):
            job.note("other files", Fate.REFUSED, name, reason)
    people = layout.first_people([*(one.name for one in content.resources), *content.dicom], job.limit)
    wanted = [one for one in content.resources if layout.person(one.name) in people]
    present = [one for one in wanted if not _skips(job, "other files", one.name, one.type)]
    release: Version = job.option("release") or layout.release_of(present, folder)
    _load_resources(job, release, [_labelled(job, one) for one in present])
    if not job.option("no_convert"):
        _load_resources(job, OTHER[release], list(_converted(job, release, present)))
    names = [name for name in content.dicom if layout.person(name) in people]
    dicom_files.store(job, [piece_of_file(folder / name, name) for name in names])
    describe_stored(job, TELLING)
    if layout.lacks_images(folder):
        job.report.remark(layout.IMAGES, "it is empty; `git submodule update --init` fetches the images")
    job.licensed()


def _skips(job: Job, kind: str, name: str, type: str = "") -> bool:
    reason = layout.reason_to_skip(name, type)
    if reason:
        job.note(kind, Fate.SKIPPED, name, reason)
    return bool(reason)


def _labelled(job: Job, resource: Resource) -> Resource:
    content = labelled(read_json(resource.body), job.dataset, licence_of(job.dataset))
    return replace(resource, body=dump_json(content))


def _converted(job: Job, release: Version, resources: Iterable[Resource]) -> Iterator[Resource]:
    """The resources as the other version has them; types that it does not have are skipped."""
    for resource in resources:
        content = convert(release, read_json(_labelled(job, resource).body))
        if content is None:
            reason = f"{OTHER[release]} has no {resource.type}"
            job.note(kind_of(OTHER[release]), Fate.SKIPPED, resource.name, reason)
        else:
            yield replace(resource, body=dump_json(content))


def _load_resources(job: Job, release: Version, resources: list[Resource]) -> None:
    found, kind = Report(), kind_of(release)
    hackathon.load_resources(job.world, release, resources, found, lambda _, done, of: job.progress(kind, done, of))
    for (_, fate), count in found.counts.items():
        job.report.counts[kind, fate] += count
    for remark in found.remarks:
        job.report.remark(*remark)
    if job.stops and any(fate is Fate.REFUSED for _, fate in found.counts):
        raise Stopped("; ".join(": ".join(remark) for remark in found.remarks))
