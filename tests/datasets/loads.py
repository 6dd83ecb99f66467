"""Loads of data sets for tests, and looks at what they left in a world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.job import Job, run
from fhantom.definitions import Version
from fhantom.loading.report import Fate
from fhantom.resources import store, understanding
from fhantom.settings import Settings
from fhantom.site import Site


def load(site: Site, name: str, source: Path, **more: Any) -> Job:
    """Load a data set into the site's shared world; the job tells what became of it."""
    job = Job(DATASETS[name], site.worlds, Settings(ephemeral=True), source, **more)
    run(job)
    return job


def refused(job: Job) -> dict[str, str]:
    """Remarks by the last part of the name."""
    return {name.split("/")[-1]: reason for name, reason in job.report.remarks}


def count(job: Job, kind: str, fate: Fate = Fate.STORED) -> int:
    """How many things of a kind met a fate."""
    return job.report.counts[kind, fate]


def resources(site: Site, kind: str, version: Version = "R5", **search: str) -> list[dict[str, Any]]:
    """The resources that a search finds, each with its id."""
    world = site.worlds.open()
    with world.reading() as connection:
        model = store.model_of(world, connection, version)
        names = {name.replace("_", "-") if not name.startswith("_") else name: value for name, value in search.items()}
        asked = understanding.understand(model, kind, tuple({"_count": "1000", **names}.items()))
        matches = store.search(world, connection, asked).matches
        return [{**json.loads(world.texts.get(match.digest)), "id": match.id} for match in matches if match.digest]


def records(site: Site) -> list[dict[str, Any]]:
    """The DICOM JSON of every stored object."""
    world = site.worlds.open()
    with world.reading() as connection:
        digests = [row[0] for row in connection.exec_driver_sql("SELECT metadata FROM instance ORDER BY rowid")]
    return [json.loads(text) for text in world.texts.get_many(digests)]


def tags(resource: dict[str, Any]) -> dict[str, str]:
    """The codes of `meta.tag` by system."""
    return {tag["system"]: tag["code"] for tag in resource["meta"]["tag"]}


def write(folder: Path, name: str, resource: dict[str, Any]) -> None:
    """A resource as a file, in a folder of the folder if its name says so."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(resource))
