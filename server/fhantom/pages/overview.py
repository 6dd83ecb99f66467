"""What the first page says of the server, and the licences of what is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from fhantom import __version__
from fhantom.archive.tables import instance, study
from fhantom.definitions import load
from fhantom.resources import store
from fhantom.world import facts, snapshots
from fhantom.world.tables import fact

_LOADED = "loaded:"
_STUDIES, _INSTANCES = study.info["counted_as"], instance.info["counted_as"]


@dataclass(frozen=True, slots=True)
class Service:
    """One of the servers behind the gateway: its name, path, version and what it holds."""

    name: str
    path: str
    version: str
    holds: str


def services(connection: Connection) -> tuple[Service, ...]:
    """The services that a client speaks to."""
    held = snapshots.counts(connection)
    resources = {version: sum(store.counts(connection, version).values()) for version in ("R5", "R4")}
    return (
        Service("FHIR R5", "/fhir", load("R5").fhir_version, f"{resources['R5']:,} resources"),
        Service("FHIR R4", "/fhir-r4", load("R4").fhir_version, f"{resources['R4']:,} resources"),
        Service("DICOMweb", "/dicomweb", "", f"{held[_STUDIES]:,} studies, {held[_INSTANCES]:,} instances"),
        Service("WADO-URI", "/wadouri", "", "the same objects"),
        Service("Orthanc's REST", "/vna", "", "the same objects"),
        Service("IHE SOLE", "/sole", "", f"{held.get('events', 0):,} events"),
        Service("fhantom", "/_fhantom", __version__, "journal, reset, faults, clock"),
    )


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what terms something loaded may be used."""

    title: str
    licence: str
    source: str
    note: str


_SEEDS = {
    "embedded": Licence(
        "The ten SIIM patients, embedded",
        "MIT",
        "https://github.com/ImagingInformatics/hackathon-dataset",
        "Facts of the fictitious patients are from that repository (MIT License, Society for Imaging Informatics in "
        "Medicine); all texts and images are made by fhantom's own code. Nobody's data is in it.",
    ),
    "hackathon": Licence(
        "A clone of hackathon-dataset",
        "MIT",
        "https://github.com/ImagingInformatics/hackathon-dataset",
        "Society for Imaging Informatics in Medicine; the images come from public collections with terms of their own.",
    ),
}


def licences(connection: Connection) -> list[Licence]:
    """Of the seed and of each data set loaded since, as far as the world's facts tell them (`loaded:NAME`)."""
    seed = facts.get(connection, "seed") or ""
    found = [_SEEDS[seed]] if seed in _SEEDS else []
    rows = connection.execute(select(fact.c.name, fact.c.value).where(fact.c.name.startswith(_LOADED)))
    return found + [_loaded(name.removeprefix(_LOADED), value) for name, value in sorted(map(tuple, rows))]


def _loaded(name: str, value: str) -> Licence:
    """A fact's value is an object with `title`, `licence`, `source`, `note`, or plain words."""
    try:
        told = json.loads(value)
    except ValueError:
        told = None
    if isinstance(told, dict):
        words = {key: str(told.get(key) or "") for key in ("title", "licence", "source", "note")}
        return Licence(words["title"] or name, words["licence"] or "not told", words["source"], words["note"])
    known = _SEEDS.get(name)
    return Licence(known.title, known.licence, known.source, value) if known else Licence(name, "not told", "", value)
